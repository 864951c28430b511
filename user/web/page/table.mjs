// SPDX-License-Identifier: MIT
// The table, now or as of a moment: the server filters, sorts and pages; rows flash as they change.

import { announce, make, settle, show } from './dom.mjs'
import { classOf, forget, note } from './flash.mjs'
import { adjust, go, link } from './hash.mjs'
import { on } from './live.mjs'
import { Paged } from './paged.mjs'
import { Rows } from './rows.mjs'
import { segments } from './status.mjs'
import { now, seconds, shown, span } from './time.mjs'
import { count } from './words.mjs'

const COLUMNS = [
	['address', 'Address'],
	['mac', 'MAC'],
	['vendor', 'Vendor'],
	['state', 'State'],
	['since', 'Since'],
	['seen', 'Seen'],
	['segment', 'Segment'],
	['note', 'Note'],
]
const SORTED = new Set(['address', 'mac', 'state', 'since', 'seen', 'segment', 'note'])
export const STATES = ['dynamic', 'static', 'local', 'stale', 'pending', 'dead', 'frozen']
const FILTERS = ['q', 'prefix', 'state', 'mac', 'segment']

export const stated = ({ state, frozen, role }) => [state, role, frozen && 'frozen'].filter(Boolean).join(', ')

const SHORT = 15 // letters that an address of IPv4 has

let left = { key: '', top: 0 } // where one was, for the way back

function cell(name) {
	return make('span', { role: 'gridcell', class: `cell ${name}` })
}

// A row's cells are made once; then only their text changes.
function create() {
	const addressLink = make('a', { tabindex: -1 })
	const macLink = make('a', { tabindex: -1 })
	const cells = Object.fromEntries(COLUMNS.map(([name]) => [name, cell(name)]))
	cells.address.append(addressLink)
	cells.mac.append(macLink)
	const row = make('div', { role: 'row', class: 'row', tabindex: -1 }, Object.values(cells))
	row.parts = { ...cells, addressLink, macLink }
	return row
}

// While it scrolls this is done for hundreds of cells a frame: what is as it was is left alone.
function write(element, text) {
	const node = element.firstChild
	if (!node) element.append(text)
	else if (node.data !== text) node.data = text
}

function set(element, name, text) {
	if (element[name] !== text) element[name] = text
}

function point(element, href) {
	if (element.leads === href) return
	element.leads = href
	if (href) element.setAttribute('href', href)
	else element.removeAttribute('href')
}

const age = (time, base) => (time ? `${span(base - seconds(time))} ago` : '–')

export function open(place, view) {
	const size = make('p', { class: 'size', role: 'status' })
	const trouble = make('p', { class: 'trouble', role: 'alert' })
	const body = make('div', { role: 'rowgroup', class: 'rows' })
	const heads = COLUMNS.map(([name, title]) => {
		if (!SORTED.has(name)) return make('span', { role: 'columnheader', class: `cell ${name}` }, title)
		const button = make('button', { type: 'button', onclick: () => sortBy(name) }, title)
		return make('span', { role: 'columnheader', class: `cell ${name}`, 'data-sort': name }, button)
	})
	const head = make('div', { role: 'rowgroup', class: 'heads' }, make('div', { role: 'row', class: 'row head', 'aria-rowindex': 1 }, heads))
	const box = make('div', { class: 'box', role: 'grid', 'aria-label': 'Table of addresses', 'aria-describedby': 'table-keys' }, head, body)
	const keys = make('p', { class: 'hint', id: 'table-keys' }, 'In the table: ↑ ↓ Page Up, Page Down, Home, End; Enter opens the address, Shift-Enter its MAC.')
	let current = view
	let focused = 0
	let toAddress = '' // links without the address, which each row adds
	let toStation = ''

	const paged = new Paged(
		() => {
			show(trouble)
			const { total, of } = paged
			show(size, total === of ? count(total, 'address', 'addresses') : `${count(total, 'address', 'addresses')} of ${of.toLocaleString('en')}`)
			box.setAttribute('aria-rowcount', total + 1)
			rows.resize(total)
			if (left.key === key() && left.top) {
				box.scrollTop = left.top
				left = { key: '', top: 0 }
			}
		},
		(error) => {
			show(trouble, error.message)
			show(size)
		},
	)
	const rows = new Rows({ box, body, create, fill, seen: (first, last) => paged.want(first, last) })

	function fill(row, index) {
		const entry = paged.row(index)
		const { parts } = row
		const base = current.at ? seconds(current.at) : now()
		if (row.index !== index) row.setAttribute('aria-rowindex', index + 2)
		row.index = index
		row.entry = entry
		set(row, 'tabIndex', index === focused ? 0 : -1)
		set(row, 'className', `row ${entry ? `${classOf(entry)} ${entry.state}` : 'empty'}`)
		if (!entry) {
			for (const [name] of COLUMNS) write(name === 'address' || name === 'mac' ? parts[`${name}Link`] : parts[name], name === 'address' ? '…' : '')
			point(parts.addressLink, null)
			point(parts.macLink, null)
			return
		}
		write(parts.addressLink, entry.address)
		if (entry.address.length > SHORT) box.classList.add('long')
		point(parts.addressLink, `${toAddress}&segment=${encodeURIComponent(entry.segment)}&address=${entry.address}`)
		write(parts.macLink, entry.mac ?? '–')
		point(parts.macLink, entry.mac ? `${toStation}&station=${entry.mac}` : null)
		write(parts.vendor, entry.vendor ?? '')
		write(parts.state, stated(entry))
		write(parts.since, age(entry.since, base))
		set(parts.since, 'title', entry.since ? shown(entry.since) : '')
		write(parts.seen, age(entry.seen, base))
		write(parts.segment, entry.segment)
		write(parts.note, entry.note ?? '')
		set(parts.note, 'title', entry.note ?? '')
	}

	// --- the order and the filters

	function sortBy(name) {
		const already = (current.sort ?? 'address') === name
		adjust({ sort: name, order: already && current.order !== 'desc' ? 'desc' : null })
	}

	function field(name, title, input) {
		input.addEventListener(
			'input',
			settle(input.tagName === 'SELECT' ? 0 : 250, () => adjust({ [name]: input.value.trim() || null })),
		)
		input.id = `filter-${name}`
		return make('label', { for: input.id }, title, input)
	}

	const inputs = {
		q: make('input', { type: 'search', placeholder: 'address, MAC, vendor, note', autocomplete: 'off', spellcheck: 'false' }),
		prefix: make('input', { type: 'search', placeholder: '10.0.0.0/24, 2001:db8::/64', size: 22, autocomplete: 'off', spellcheck: 'false' }),
		state: make('select', {}, make('option', { value: '' }, 'any'), STATES.map((state) => make('option', { value: state }, state))),
		mac: make('input', { type: 'search', placeholder: '02:00:00:00:00:01', size: 16, autocomplete: 'off', spellcheck: 'false' }),
		segment: make('select', {}, make('option', { value: '' }, 'all'), segments().map(({ name }) => make('option', { value: name }, name))),
	}
	const form = make(
		'form',
		{ class: 'filters', role: 'search', 'aria-label': 'Filter the table', onsubmit: (event) => event.preventDefault() },
		field('q', 'Text', inputs.q),
		field('prefix', 'Prefix', inputs.prefix),
		field('state', 'State', inputs.state),
		field('mac', 'MAC', inputs.mac),
		field('segment', 'Segment', inputs.segment),
		size,
	)
	show(place, make('h2', { class: 'unseen' }, 'Table'), form, trouble, box, keys)

	// --- keys

	function focus(index) {
		focused = Math.max(0, Math.min(index, rows.count - 1))
		const row = rows.reveal(focused)
		for (const element of body.children) element.tabIndex = element === row ? 0 : -1
		row?.focus({ preventScroll: true })
	}

	body.addEventListener('keydown', (event) => {
		const row = event.target.closest('.row')
		if (!row) return
		const page = rows.range()[1] - rows.range()[0]
		const to = { ArrowDown: row.index + 1, ArrowUp: row.index - 1, PageDown: row.index + page, PageUp: row.index - page, Home: 0, End: rows.count - 1 }[event.key]
		if (to !== undefined) focus(to)
		else if (event.key === 'Enter' && row.entry && event.shiftKey && row.entry.mac) go({ view: 'station', station: row.entry.mac })
		else if (event.key === 'Enter' && row.entry && !event.shiftKey) go({ view: 'address', address: row.entry.address, segment: row.entry.segment })
		else return
		event.preventDefault()
	})
	// A click anywhere in a row is a click at its address, except one that selects text.
	body.addEventListener('click', (event) => {
		const row = event.target.closest('.row')
		if (row?.entry && !event.target.closest('a') && getSelection().isCollapsed) go({ view: 'address', address: row.entry.address, segment: row.entry.segment })
	})

	// --- what happens

	// Soon after a change; after many, as often as the server answers with ease.
	let due
	let next = 0
	function reload() {
		due ??= setTimeout(
			() => {
				due = undefined
				next = performance.now() + Math.max(1000, paged.took * 4)
				paged.invalidate()
			},
			Math.max(100, next - performance.now()),
		)
	}
	const ends = [
		on('change', (change) => {
			if (current.at) return
			note(change)
			reload()
		}),
		on('gap', () => paged.invalidate()),
	]
	const tick = setInterval(() => {
		if (forget() || !current.at) rows.refresh()
	}, 2500)

	const query = () => ({ ...Object.fromEntries(FILTERS.map((name) => [name, current[name]])), at: current.at, sort: current.sort, order: current.order })
	const key = () => JSON.stringify(query())
	let asked

	function update(next) {
		current = next
		toAddress = link({ view: 'address', address: null, segment: null })
		toStation = link({ view: 'station', station: null })
		for (const name of FILTERS) if (document.activeElement !== inputs[name]) inputs[name].value = next[name] ?? ''
		for (const element of head.querySelectorAll('[data-sort]')) {
			const sorted = (next.sort ?? 'address') === element.dataset.sort
			if (sorted) element.setAttribute('aria-sort', next.order === 'desc' ? 'descending' : 'ascending')
			else element.removeAttribute('aria-sort')
		}
		if (asked === key()) return
		asked = key()
		box.classList.remove('long')
		focused = 0
		box.scrollTop = 0
		show(size, 'Loading …')
		paged.restart(query())
		if (next.at) announce(`The table as of ${shown(next.at)}`)
	}
	update(view)

	return {
		update,
		close() {
			left = { key: key(), top: box.scrollTop }
			for (const end of ends) end()
			clearInterval(tick)
			clearTimeout(due)
			paged.stop()
			rows.close()
		},
	}
}
