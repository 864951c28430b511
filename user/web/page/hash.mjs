// SPDX-License-Identifier: MIT
// The whole view is in the address bar, behind the #: what it shows can be passed on as a link.

import { spelled } from './ip.mjs'

const NAMES = [
	'view', 'at', 'to', 'since', 'until', 'segment', 'prefix', 'state', 'mac', 'q', 'sort', 'order',
	'address', 'station', 'layout', 'colour', 'task', 'branch',
]

export function parse(hash) {
	const given = new URLSearchParams(hash.replace(/^#/, ''))
	const view = {}
	for (const name of NAMES) {
		const value = given.get(name)
		if (value) view[name] = name === 'address' ? spelled(value) : value
	}
	return view
}

export function format(view) {
	const text = new URLSearchParams()
	for (const name of NAMES) if (view[name]) text.set(name, view[name])
	return '#' + text.toString().replaceAll('%3A', ':').replaceAll('%2F', '/')
}

// The view that is shown, with changes; a change to null takes a part away.
export function link(changes) {
	return format({ ...parse(location.hash), ...changes })
}

// A new step of the browser's history; or, for what is typed or dragged, the same step.
export function go(changes) {
	location.hash = link(changes)
}

export function adjust(changes) {
	history.replaceState(null, '', link(changes))
	dispatchEvent(new HashChangeEvent('hashchange'))
}
