// SPDX-License-Identifier: MIT
// The prefix at a glance: a cell for each address, by state or by age, so that scans, dead ranges and floods are seen as shapes.

import { ask, asker, isStopped } from './api.mjs'
import { announce, colour, make, settle, show } from './dom.mjs'
import { adjust, go, link } from './hash.mjs'
import { layout } from './hilbert.mjs'
import * as ip from './ip.mjs'
import { on } from './live.mjs'
import { prefixes } from './status.mjs'
import { stated } from './table.mjs'
import { onTheme } from './theme.mjs'
import { count } from './words.mjs'

const STATES = { d: 'dynamic', s: 'static', l: 'local', t: 'stale', p: 'pending', x: 'dead', f: 'frozen' }
// Of each digit: ten times as long as the one before.
const AGES = ['under 10 s', 'under 2 min', 'under 17 min', 'under 3 h', 'under 28 h', 'under 12 days', 'under 4 months', 'under 3 years', 'under 32 years', 'older']
const CELLS = 16 // bits of an address that cells have: a /16, or a /112 of IPv6

// Of a network of IPv6 the map would show a part that hosts hardly ever are in.
const isSparse = ({ base, length }) => base.bits === 128 && length < base.bits - CELLS

// What is shown: what the view names, else the first prefix that can be; of a larger one the first part that fits.
function chosen(view) {
	const all = prefixes().filter(({ segment }) => !view.segment || segment === view.segment)
	const known = all.map(({ prefix }) => ip.prefix(prefix)).filter(Boolean)
	const wanted = view.prefix ? ip.prefix(view.prefix) : (known.find((prefix) => !isSparse(prefix)) ?? known[0])
	if (!wanted) return null
	const within = all.find(({ prefix }) => {
		const own = ip.prefix(prefix)
		return own && ip.contains(own, wanted.base)
	})
	const sparse = isSparse(wanted)
	const length = sparse ? wanted.length : Math.max(wanted.base.bits - CELLS, wanted.length)
	return { base: wanted.base, length, sparse, prefix: `${ip.text(wanted.base)}/${length}`, segment: view.segment ?? within?.segment }
}

export function open(place, view) {
	const canvas = make('canvas', { tabindex: 0, role: 'application', 'aria-roledescription': 'map', 'aria-describedby': 'map-keys' })
	const mark = make('div', { class: 'mark', hidden: true })
	const who = make('p', { class: 'who', role: 'status' })
	const legend = make('div', { class: 'legend' })
	const trouble = make('p', { class: 'trouble', role: 'alert' })
	const controls = make('div', { class: 'filters' })
	const beyond = make('p', { class: 'beyond', hidden: true })
	const drawing = make(
		'div',
		{ class: 'map' },
		make('div', { class: 'canvas' }, canvas, mark),
		make('aside', { 'aria-label': 'What the map shows' }, who, legend, make('p', { class: 'hint', id: 'map-keys' }, 'On the map: arrow keys go from cell to cell, Enter opens the address.')),
	)
	show(
		place,
		make('h2', { class: 'unseen' }, 'Map'),
		controls,
		trouble,
		beyond,
		drawing,
	)
	const question = asker()
	let current = view
	let shape = null
	let grid = null
	let answer = null
	let at = null // index of the cell that is asked about
	let cell = 1

	const choice = (name, title, options, value) => {
		const select = make('select', { id: `map-${name}` }, options.map(([key, label]) => make('option', { value: key, selected: key === value }, label)))
		select.addEventListener('change', () => choose(name, select.value))
		return make('label', { for: select.id }, title, select)
	}
	function choose(name, value) {
		if (name === 'prefix') {
			const [segment, prefix] = value.split(' ')
			adjust({ segment, prefix })
		} else adjust({ [name]: value })
	}

	function offer() {
		const list = prefixes().map(({ segment, prefix }) => [`${segment} ${prefix}`, `${prefix} (${segment})`])
		const now = shape ? `${shape.segment} ${shape.prefix}` : ''
		if (shape && !list.some(([key]) => key === now)) list.push([now, `${shape.prefix} (part)`])
		show(
			controls,
			choice('prefix', 'Prefix', list, now),
			choice('layout', 'Order', [['hilbert', 'Hilbert’s curve'], ['rows', 'rows']], current.layout ?? 'hilbert'),
			choice('colour', 'Colour', [['state', 'by state'], ['age', 'by age']], current.colour ?? 'state'),
		)
	}

	const fillOf = () => {
		const names = current.colour === 'age' ? Array.from({ length: 10 }, (_, i) => [String(i), `age${i}`]) : Object.entries(STATES)
		return Object.fromEntries([...names.map(([letter, name]) => [letter, colour(name)]), ['.', colour('empty')]])
	}

	function paint() {
		if (!answer || !grid) return
		const letters = current.colour === 'age' ? answer.ages : answer.states
		const fill = fillOf()
		const room = Math.min(place.clientWidth - 2, Math.max(280, innerHeight * 0.75))
		const ratio = Math.min(2, devicePixelRatio)
		const pixels = Math.max(1, Math.floor((room * ratio) / grid.columns))
		const gap = pixels >= 6 ? 1 : 0
		canvas.width = grid.columns * pixels
		canvas.height = grid.rows * pixels
		cell = pixels / ratio
		// A cell below one pixel of the screen: the canvas shrinks to the room there is.
		if (canvas.width / ratio > place.clientWidth) cell = place.clientWidth / grid.columns
		canvas.style.width = `${grid.columns * cell}px`
		canvas.style.height = `${grid.rows * cell}px`
		const context = canvas.getContext('2d')
		context.fillStyle = colour('grid')
		context.fillRect(0, 0, canvas.width, canvas.height)
		for (let i = 0; i < letters.length; i++) {
			const where = grid.place[i]
			context.fillStyle = fill[letters[i]] ?? fill['.']
			context.fillRect((where % grid.columns) * pixels, Math.floor(where / grid.columns) * pixels, pixels - gap, pixels - gap)
		}
		point(at, false)
	}

	function explain() {
		const sums = {}
		const letters = current.colour === 'age' ? answer.ages : answer.states
		for (const letter of letters) sums[letter] = (sums[letter] ?? 0) + 1
		const names = current.colour === 'age' ? AGES.map((name, i) => [String(i), name, `age${i}`]) : Object.entries(STATES).map(([letter, name]) => [letter, name, name])
		const used = names.filter(([letter]) => current.colour === 'age' || sums[letter])
		show(
			legend,
			[...used, ['.', 'no entry', 'empty']].map(([letter, name, style]) => make('span', { class: 'key' }, make('span', { class: `swatch ${style}`, 'aria-hidden': 'true' }), `${name} ${(sums[letter] ?? 0).toLocaleString('en')}`)),
		)
		canvas.setAttribute('aria-label', `Map of ${shape.prefix}: ${used.map(([letter, name]) => `${sums[letter] ?? 0} ${name}`).join(', ')}, ${sums['.'] ?? 0} without an entry`)
	}

	async function load() {
		if (!shape || shape.sparse) return
		try {
			answer = await question.ask('map', { segment: shape.segment, prefix: shape.prefix, at: current.at })
			show(trouble)
			paint()
			explain()
		} catch (error) {
			if (!isStopped(error)) show(trouble, error.message)
		}
	}

	// --- who a cell is

	const address = (index) => ip.text(ip.plus(shape.base, index))
	const look = settle(120, async (index, aloud) => {
		if (answer?.states[index] === '.' || !shape) return
		try {
			const found = await ask('table', { segment: shape.segment, prefix: address(index), at: current.at, limit: 1 })
			if (index !== at || !found.entries.length) return
			const [entry] = found.entries
			const text = [entry.address, stated(entry), entry.mac, entry.vendor, entry.note].filter(Boolean).join(' · ')
			show(who, text)
			if (aloud) announce(text)
		} catch {
			// The cell says its state already.
		}
	})

	function point(index, aloud) {
		at = index
		mark.hidden = index === null
		if (index === null || !answer) {
			show(who, 'Point at a cell.')
			return
		}
		const where = grid.place[index]
		mark.style.left = `${(where % grid.columns) * cell - 2}px`
		mark.style.top = `${Math.floor(where / grid.columns) * cell - 2}px`
		mark.style.width = mark.style.height = `${Math.max(6, cell + 4)}px`
		const state = STATES[answer.states[index]]
		const age = answer.ages[index]
		show(who, `${address(index)} · ${state ?? 'no entry'}${age !== '.' && state ? ` · for ${AGES[age]}` : ''}`)
		look(index, aloud)
	}

	const under = (event) => {
		const x = Math.floor(event.offsetX / cell)
		const y = Math.floor(event.offsetY / cell)
		return grid && x >= 0 && y >= 0 && x < grid.columns && y < grid.rows ? grid.index[y * grid.columns + x] : null
	}
	const openAt = (index) => index !== null && go({ view: 'address', address: address(index), segment: shape.segment })
	canvas.addEventListener('pointermove', (event) => {
		const index = under(event)
		if (index !== at) point(index, false)
	})
	canvas.addEventListener('click', (event) => openAt(under(event)))
	canvas.addEventListener('focus', () => at === null && grid && point(0, true))
	canvas.addEventListener('keydown', (event) => {
		if (!grid) return
		const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
		if (event.key === 'Enter') openAt(at)
		else if (step) {
			const where = grid.place[at ?? 0]
			const x = Math.max(0, Math.min(grid.columns - 1, (where % grid.columns) + step[0]))
			const y = Math.max(0, Math.min(grid.rows - 1, Math.floor(where / grid.columns) + step[1]))
			point(grid.index[y * grid.columns + x], true)
		} else return
		event.preventDefault()
	})

	// --- what happens

	let due
	const soon = () => {
		if (current.at) return
		due ??= setTimeout(() => {
			due = undefined
			load()
		}, 1000)
	}
	const repaint = settle(100, paint)
	const observer = new ResizeObserver(repaint)
	observer.observe(place)
	const ends = [on('change', soon), on('gap', soon), onTheme(paint), () => observer.disconnect()]

	// Where the addresses are that no map has cells for.
	function lead() {
		asked = null
		answer = null
		question.stop()
		show(trouble)
		show(
			beyond,
			`A map has a cell for each address, and ${shape.prefix} has too many: hosts are far from one another in it. `,
			make('a', { href: link({ view: 'table', prefix: shape.prefix, segment: shape.segment }) }, 'The table lists those that are known.'),
			` A part of at most ${(2 ** CELLS).toLocaleString('en')} addresses, such as ${ip.text(shape.base)}/${shape.base.bits - CELLS}, can be drawn.`,
		)
	}

	let asked
	function update(next) {
		current = next
		shape = chosen(next)
		offer()
		if (!shape) {
			beyond.hidden = drawing.hidden = true
			show(trouble, next.prefix ? `Not a prefix: ${next.prefix}` : 'No prefix is known yet: the agent does not answer. Give one in the table’s filter.')
			return
		}
		beyond.hidden = !shape.sparse
		drawing.hidden = shape.sparse
		if (shape.sparse) {
			lead()
			return
		}
		grid = layout(shape.base.bits - shape.length, next.layout !== 'rows')
		const query = JSON.stringify([shape.prefix, shape.segment, next.at])
		if (asked !== query) {
			asked = query
			at = null
			load()
		} else if (answer) {
			paint()
			explain()
		}
	}
	update(view)
	return {
		update,
		close() {
			for (const end of ends) end()
			clearTimeout(due)
			question.stop()
		},
	}
}
