// SPDX-License-Identifier: MIT
// Branches that wait to be looked at: what each would change now, how the rule decides each conflict, and the command that merges it.

import { address, commit, table } from './changes.mjs'
import { copyable, make } from './dom.mjs'
import { link } from './hash.mjs'
import { page } from './page.mjs'
import { shown } from './time.mjs'
import * as words from './words.mjs'

// The lists have the first rows only.
const total = (answer, name) => answer.total[name]

function part(answer, name, title, columns) {
	const rows = answer[name] ?? []
	if (!rows.length) return null
	const all = total(answer, name)
	return [
		make('h4', {}, `${title} (${all.toLocaleString('en')})`),
		all > rows.length ? make('p', { class: 'remark' }, `The first ${rows.length.toLocaleString('en')} are listed.`) : null,
		table(columns, rows, title),
	]
}

function verdict({ merged, command, guard, total: totals }) {
	if (merged) return make('p', {}, 'Main has all of it already: there is nothing to merge.')
	if (totals.invalid) return make('p', { class: 'trouble' }, 'It cannot be merged: some of its files are invalid.')
	return [
		guard.exceeds ? make('p', { class: 'trouble' }, `It changes more than history.guard (${guard.limit}) allows without a confirmation: --confirm ${guard.confirm}.`) : null,
		command ? [make('p', {}, 'The command that merges it:'), make('p', {}, copyable(command))] : null,
	]
}

function preview(answer) {
	const { total: totals, overwritten } = answer
	return [
		verdict(answer),
		make('p', { class: 'verdict' }, make('strong', {}, `${words.count(totals.changes, 'address', 'addresses')} would change`), `; ${words.count(overwritten, 'entry', 'entries')} would be overwritten; main keeps ${words.count(totals.kept, 'address', 'addresses')} by the rule.`),
		answer.agent ? null : make('p', { class: 'remark' }, 'The agent does not answer: whether the host has one of these addresses itself is not known.'),
		part(answer, 'changes', 'What it would change now', [
			['Address', (change) => address(change.address, change.segment)],
			['Now', (change) => words.entry(change.now)],
			['Then', (change) => words.entry(change.then)],
			['Overwrites', (change) => change.why],
			['Segment', (change) => change.segment],
		]),
		part(answer, 'kept', 'What main keeps', [
			['Address', (one) => address(one.address, one.segment)],
			['The branch’s', (one) => words.entry(one.theirs)],
			['Main’s', (one) => words.entry(one.ours)],
			['Why', (one) => one.why],
		]),
		part(answer, 'invalid', 'Invalid files', [
			['File', (one) => (one.path ? make('code', {}, one.path) : 'all of it')],
			['Reason', (one) => one.reason],
		]),
		make('p', { class: 'hint' }, 'The branch is at ', commit(answer.commit), ', main at ', commit(answer.main), '. The same in a terminal: ', make('code', {}, `arpkeeper preview ${answer.branch}`)),
	]
}

export function open(place, view) {
	const list = make('div')
	const chosen = make('div')
	place.replaceChildren(make('h2', {}, 'Reviews'), make('p', { class: 'dim' }, 'Branches pushed to review/…, which are looked at and not merged yet. A preview is of now, whatever moment is picked.'), list, chosen)
	let open = null
	const reviews = page(list, view, {
		question: () => ['reviews', {}],
		concerns: () => true,
		answer: (answer, now) =>
			answer.reviews.length
				? make(
						'ul',
						{ class: 'reviews' },
						answer.reviews.map((one) =>
							make('li', {}, make('a', { href: link({ branch: one.branch }), 'aria-current': one.branch === now.branch ? 'true' : null }, one.branch), ` ${one.subject} `, make('span', { class: 'dim' }, `${one.author}, ${shown(one.time)}${one.merged ? ', merged' : ''}`)),
						),
					)
				: make('p', {}, 'No branch waits. To have one looked at: ', make('code', {}, 'git push origin HEAD:review/NAME')),
	})
	function update(next) {
		reviews.update(next)
		if (!next.branch) {
			open?.close()
			open = null
			chosen.replaceChildren()
		} else if (open) open.update(next)
		else {
			open = page(chosen, next, { question: ({ branch }) => (branch ? ['preview', { branch }] : null), concerns: () => true, answer: (answer) => [make('h3', {}, answer.branch), preview(answer)], nothing: '' })
		}
	}
	update(view)
	return {
		update,
		close() {
			reviews.close()
			open?.close()
		},
	}
}
