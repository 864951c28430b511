// SPDX-License-Identifier: MIT
// Two moments: what is different between them.

import { address, commit, table } from './changes.mjs'
import { make } from './dom.mjs'
import { link } from './hash.mjs'
import { page } from './page.mjs'
import { seconds, shown, span } from './time.mjs'
import * as words from './words.mjs'

const LIMIT = 1000

function kind({ before, after }) {
	if (!before) return 'appeared'
	if (!after) return 'gone'
	return before.mac !== after.mac ? 'moved' : 'other'
}

const TITLES = { appeared: 'appeared', gone: 'gone', moved: 'moved', other: 'described anew' }

function render({ from, to, changes, total = changes.length }) {
	const sums = { appeared: 0, moved: 0, gone: 0, other: 0 }
	for (const change of changes) sums[kind(change)]++
	return [
		make('p', { class: 'verdict' }, make('strong', {}, `${words.count(total, 'address', 'addresses')} differ`), ` between ${shown(from.time)} and ${shown(to.time)}, ${span(Math.abs(seconds(to.time) - seconds(from.time)))} apart.`),
		total > changes.length ? make('p', { class: 'remark' }, `The first ${changes.length.toLocaleString('en')} are listed. A prefix or a segment narrows the list.`) : null,
		make('p', { class: 'legend' }, Object.entries(sums).map(([name, number]) => make('span', { class: 'key' }, make('span', { class: `swatch ${name}`, 'aria-hidden': 'true' }), `${TITLES[name]} ${number.toLocaleString('en')}`))),
		table(
			[
				['Address', (change) => address(change.address, change.segment)],
				['What', (change) => make('span', { class: `what ${kind(change)}` }, TITLES[kind(change)])],
				['Before', (change) => words.entry(change.before)],
				['After', (change) => words.entry(change.after)],
				['Segment', (change) => change.segment],
			],
			changes,
			'What is different',
		),
		make('p', { class: 'hint' }, 'Commits of main: ', commit(from.commit), ' and ', commit(to.commit), '. The same in a terminal: ', make('code', {}, `arpkeeper diff ${from.time} ${to.time}`)),
	]
}

export function open(place, view) {
	const body = make('div')
	place.replaceChildren(make('h2', {}, 'Difference'), body)
	return page(body, view, {
		question({ at, to, segment, prefix }) {
			if (!at || !to) return null
			const [from, until] = [at, to].sort((a, b) => seconds(a) - seconds(b))
			return ['diff', { from, to: until, segment, prefix, limit: LIMIT }]
		},
		nothing: ['Two moments are compared. Pick the first in the timeline, and the second with Shift; or give both above the timeline. ', make('a', { href: link({ view: null }) }, 'Back to the table.')],
		answer: render,
	})
}
