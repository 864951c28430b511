// SPDX-License-Identifier: MIT
// Lists of changes and alerts, and what stands in their cells: links to a moment, an address, a MAC.

import { make } from './dom.mjs'
import { link } from './hash.mjs'
import { shown } from './time.mjs'
import * as words from './words.mjs'

export const moment = (time) => make('a', { class: 'time', href: link({ at: time, to: null }), title: 'Show the page as of this moment' }, shown(time))

export const address = (value, segment) => make('a', { class: 'number', href: link({ view: 'address', address: value, segment }) }, value)

export const station = (mac) => (mac ? make('a', { class: 'number', href: link({ view: 'station', station: mac }) }, mac) : '–')

export const commit = (id) => (id ? make('code', { class: 'commit', title: id }, id.slice(0, 10)) : '–')

// table([['Time', (row) => node], ...], rows, caption)
export function table(columns, rows, caption) {
	const row = (value) => make('tr', {}, columns.map(([title, write], i) => make(i ? 'td' : 'th', { 'data-title': title, scope: i ? null : 'row' }, write(value) ?? '–')))
	return make(
		'div',
		{ class: 'wide', tabindex: 0, role: 'region', 'aria-label': caption },
		make('table', {}, make('caption', { class: 'unseen' }, caption), make('thead', {}, make('tr', {}, columns.map(([title]) => make('th', { scope: 'col' }, title)))), make('tbody', {}, rows.map(row))),
	)
}

const FATES = { not_taken: 'not taken', not_needed: 'not needed', overtaken: 'overtaken by a later one' }

function why(event) {
	return [event.subject?.startsWith(event.task ?? ' ') ? null : event.task, FATES[event.fate] && `${FATES[event.fate]}${event.why ? ': ' + event.why : ''}`, event.begins && 'history begins here', event.subject].filter(Boolean).join(' · ')
}

const COLUMNS = {
	time: ['Time', (event) => moment(event.time)],
	address: ['Address', (event) => address(event.address, event.segment)],
	segment: ['Segment', (event) => event.segment],
	what: ['What', (event) => words.change(event)],
	who: ['Who', (event) => event.author],
	why: ['Why', why],
	commit: ['Commit', (event) => commit(event.commit)],
}

// As `arpkeeper log --json` has them.
export function changes(list, names, caption) {
	return table(
		names.map((name) => COLUMNS[name]),
		list,
		caption,
	)
}

// The facts of an object that the page does not know the members of: one line each.
export function facts(object) {
	return make(
		'dl',
		{ class: 'facts' },
		Object.entries(object)
			.filter(([, value]) => value !== null && value !== '')
			.flatMap(([name, value]) => [make('dt', {}, name.replaceAll('_', ' ')), make('dd', {}, typeof value === 'object' ? JSON.stringify(value) : String(value))]),
	)
}

export function alerts(list, caption) {
	return table(
		[
			['Time', (alert) => moment(alert.time)],
			['Kind', (alert) => make('span', { class: 'kind' }, alert.kind ?? alert.alert)],
			['Address', (alert) => (alert.address ? address(alert.address, alert.segment) : '–')],
			['MAC', (alert) => station(alert.mac)],
			['Other', (alert) => station(alert.other)],
			['Facts', (alert) => alert.subject],
		],
		list,
		caption,
	)
}
