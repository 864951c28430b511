// SPDX-License-Identifier: MIT
// The page: its head, the timeline, and one view, as the address bar says.

import * as address from './address.mjs'
import * as difference from './difference.mjs'
import { announce, find, make, show } from './dom.mjs'
import { link, parse } from './hash.mjs'
import * as incidents from './incidents.mjs'
import { on } from './live.mjs'
import * as map from './map.mjs'
import * as reviews from './reviews.mjs'
import * as station from './station.mjs'
import * as status from './status.mjs'
import * as table from './table.mjs'
import * as tasks from './tasks.mjs'
import * as theme from './theme.mjs'
import * as timeline from './timeline.mjs'

const VIEWS = {
	table: { title: 'Table', open: table.open, inMenu: true },
	map: { title: 'Map', open: map.open, inMenu: true },
	tasks: { title: 'Tasks', open: tasks.open, inMenu: true },
	reviews: { title: 'Reviews', open: reviews.open, inMenu: true },
	incidents: { title: 'Incidents', open: incidents.open, inMenu: true },
	difference: { title: 'Difference', open: difference.open },
	address: { title: 'Address', open: address.open },
	station: { title: 'MAC', open: station.open },
}

let shown = null // { name, update, close }
let unread = 0

function menu(name) {
	show(
		find('menu'),
		Object.entries(VIEWS)
			.filter(([key, view]) => view.inMenu || (key === 'difference' && parse(location.hash).to))
			.map(([key, { title }]) =>
				make('a', { href: link({ view: key === 'table' ? null : key }), 'aria-current': key === name ? 'page' : null }, title, key === 'incidents' && unread ? make('span', { class: 'badge' }, `${unread} new`) : null),
			),
	)
}

function render(moveTimeline) {
	const view = parse(location.hash)
	const name = VIEWS[view.view] ? view.view : 'table'
	if (name === 'incidents') unread = 0
	menu(name)
	moveTimeline(view)
	const thing = view.address && name === 'address' ? view.address : view.station && name === 'station' ? view.station : VIEWS[name].title
	document.title = `${thing}${view.at ? ' as of ' + view.at : ''} – arpkeeper`
	if (shown?.name === name) shown.update(view)
	else {
		const first = !shown
		shown?.close()
		shown = { name, ...VIEWS[name].open(find('view'), view) }
		if (!first) {
			find('main').focus({ preventScroll: true })
			announce(document.title)
		}
	}
}

async function begin() {
	theme.begin()
	find('skip').addEventListener('click', (event) => {
		event.preventDefault()
		find('main').focus()
	})
	const known = status.begin()
	const moveTimeline = timeline.begin()
	on('alert', () => {
		if (shown?.name === 'incidents') return
		unread++
		menu(shown?.name)
	})
	// The views offer the segments that the agent has: they wait for its answer, or that there is none.
	await known
	addEventListener('hashchange', () => render(moveTimeline))
	render(moveTimeline)
}

begin()
