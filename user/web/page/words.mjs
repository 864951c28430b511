// SPDX-License-Identifier: MIT
// A change of an address in words, as `arpkeeper log` says it: user/cli/words.c has the same verbs.

const VERBS = {
	'': ['put at', 'removed, was at'],
	learn: ['learned at', 'removed, was at'],
	resolve: ['answered from', 'removed, was at'],
	expire: ['at', 'expired, was at'],
	operator: ['set to', 'unset, was at'],
	external: ['written into the map, at', 'erased from the map, was at'],
	recover: ['found in the map after a restart, at', 'gone from the map after a restart, was at'],
	import: ['imported, at', 'removed by an import, was at'],
	sync: ['synchronised, at', 'removed by a synchronisation, was at'],
}
const OWN_ADDRESS = 'own address'

export function change({ before, after, task, interface: port, trigger }) {
	const [began, ended] = VERBS[(task ?? '').split('/')[0]] ?? VERBS['']
	const mark = after?.mac && after.state === 'static' ? ', static' : ''
	let text
	if (!after?.mac) text = `${trigger === OWN_ADDRESS ? 'removed, was at' : ended} ${before?.mac ?? '?'}`
	else if (!before?.mac) text = `${began} ${after.mac}${mark}`
	else if (before.mac !== after.mac) text = `moved from ${before.mac} to ${after.mac}${mark}`
	else if ((before.state === 'static') !== (after.state === 'static'))
		text = `now ${after.state === 'static' ? 'static' : 'dynamic'}, at ${after.mac}`
	else text = `described anew, at ${after.mac}${mark}`
	const why = [port, trigger].filter(Boolean).join(', ')
	return why ? `${text} (${why})` : text
}

// An entry in words; null: absent.
export function entry(value) {
	if (!value) return 'no entry'
	return [value.mac ?? 'no MAC', value.state, value.note ? `“${value.note}”` : ''].filter(Boolean).join(', ')
}

export const count = (number, one, many = one + 's') => `${number.toLocaleString('en')} ${number === 1 ? one : many}`
