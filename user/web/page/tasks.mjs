// SPDX-License-Identifier: MIT
// Recent tasks as people think of them: a lane for each kind; a row opens to its difference in words.

import { ask, isStopped } from './api.mjs'
import { changes } from './changes.mjs'
import { draw, make, show } from './dom.mjs'
import { adjust } from './hash.mjs'
import { on } from './live.mjs'
import { shown } from './time.mjs'
import { count } from './words.mjs'

const LANES = ['learn', 'move', 'expire', 'operator', 'push', 'other']
const LIMIT = 100
const STEP = 18 // pixels between lanes
const MIDDLE = 18 // of a row, from its top
const MOST = 2000 // rows kept when new ones come

const laneOf = (task) => Math.max(0, LANES.indexOf(task.lane) === -1 ? LANES.length - 1 : LANES.indexOf(task.lane))
const laneX = (task) => 12 + laneOf(task) * STEP

// A task in the list has a number of changes, and one that was asked for by itself has them.
function sizeOf({ changes: all, total, more }) {
	const number = Array.isArray(all) ? (total ?? all.length) : all
	return number ? (more ? 'more than ' : '') + count(number, 'change') : ''
}

export function open(place, view) {
	const trouble = make('p', { class: 'trouble', role: 'alert' })
	const graph = draw('svg', { class: 'graph', 'aria-hidden': 'true' })
	const list = make('ol', { class: 'tasks' })
	const older = make('button', { type: 'button', hidden: true }, 'Older tasks')
	const heads = make('p', { class: 'legend lanes' }, LANES.map((lane) => make('span', { class: 'key' }, make('span', { class: `swatch lane-${lane}`, 'aria-hidden': 'true' }), lane)))
	show(place, make('h2', {}, 'Tasks'), heads, trouble, make('div', { class: 'history' }, graph, list), older)

	let current = view
	let tasks = []
	let next = null
	let controller = new AbortController()

	// Lines go from a commit to its parents, as far as these are listed: drawn where the rows are now.
	function connect() {
		const rows = [...list.children]
		const y = rows.map((row) => row.offsetTop + MIDDLE)
		const place = new Map(tasks.map((task, i) => [task.commit, i]))
		graph.setAttribute('width', 12 + LANES.length * STEP)
		graph.setAttribute('height', list.offsetHeight)
		const lines = []
		const dots = []
		tasks.forEach((task, i) => {
			for (const parent of task.parents ?? []) {
				const j = place.get(parent)
				const [x, down] = [laneX(task), j === undefined ? list.offsetHeight : y[j]]
				const to = j === undefined ? x : laneX(tasks[j])
				const bend = Math.min(16, (down - y[i]) / 2)
				lines.push(draw('path', { class: `lane-${LANES[laneOf(task)]}`, d: `M${x} ${y[i]}V${down - bend}C${x} ${down} ${to} ${down - bend} ${to} ${down}` }))
			}
			dots.push(draw('circle', { class: `lane-${LANES[laneOf(task)]}`, cx: laneX(task), cy: y[i], r: task.parents?.length > 1 ? 6 : 4.5 }))
		})
		show(graph, lines, dots)
	}

	async function expand(task, place) {
		show(place, make('p', { class: 'dim' }, 'Loading …'))
		try {
			const found = await ask(`task/${task.commit}`, {}, controller.signal)
			show(
				place,
				found.body ? make('pre', { class: 'body', tabindex: 0 }, found.body) : null,
				found.total > found.changes.length ? make('p', { class: 'remark' }, `The first ${count(found.changes.length, 'change')} of ${found.total.toLocaleString('en')} are listed.`) : null,
				found.changes.length ? changes(found.changes, ['address', 'what', 'segment'], `Changes of ${task.subject}`) : make('p', {}, 'No address changed.'),
				make('p', { class: 'hint' }, `${found.author ?? task.author ?? ''} · `, make('code', {}, task.commit), found.kind === 'revert' ? '' : [' · undo it in a terminal: ', make('code', {}, `arpkeeper revert ${task.commit.slice(0, 10)}`)]),
			)
		} catch (error) {
			if (!isStopped(error)) show(place, make('p', { class: 'trouble' }, error.message))
		}
		connect()
	}

	function row(task) {
		const body = make('div', { class: 'opened' })
		const details = make(
			'details',
			{ open: current.task === task.commit },
			make('summary', {}, make('span', { class: 'time' }, shown(task.time)), make('span', { class: `lane lane-${task.lane}` }, task.lane), make('span', { class: 'subject' }, task.subject), make('span', { class: 'dim' }, [task.author, sizeOf(task)].filter(Boolean).join(' · '))),
			body,
		)
		const opened = () => {
			if (details.open && !body.hasChildNodes()) expand(task, body)
			requestAnimationFrame(connect)
		}
		details.addEventListener('toggle', () => {
			opened()
			const wanted = details.open ? task.commit : current.task === task.commit ? null : current.task
			if (wanted !== current.task) adjust({ task: wanted })
		})
		if (details.open) opened()
		return make('li', {}, details)
	}

	// As of a moment: from the commit that main was at. `before` leaves that one itself out.
	async function page(before) {
		const { signal } = controller
		if (before || !current.at) return ask('tasks', { limit: LIMIT, before }, signal)
		const { from } = await ask('diff', { from: current.at, to: current.at, limit: 1 }, signal)
		const [first, rest] = await Promise.all([ask(`task/${from.commit}`, {}, signal), ask('tasks', { limit: LIMIT, before: from.commit }, signal)])
		return { tasks: [first, ...rest.tasks], next: rest.next }
	}

	async function load(more) {
		try {
			const answer = await page(more ? next : null)
			next = answer.next
			tasks = more ? [...tasks, ...answer.tasks] : answer.tasks
			if (more) list.append(...answer.tasks.map(row))
			else show(list, answer.tasks.map(row))
			show(trouble)
			older.hidden = !next
			if (!tasks.length) show(list, make('li', {}, 'No tasks.'))
			connect()
		} catch (error) {
			if (!isStopped(error)) show(trouble, error.message)
		}
	}
	older.addEventListener('click', () => load(true))

	// New ones come on top; what is open stays open.
	async function refresh() {
		try {
			const answer = await ask('tasks', { limit: LIMIT }, controller.signal)
			if (current.at) return
			const newest = tasks[0]?.commit
			const known = answer.tasks.findIndex((task) => task.commit === newest)
			if (known === -1) {
				next = answer.next
				tasks = answer.tasks
				show(list, tasks.map(row))
			} else if (known > 0) {
				const fresh = answer.tasks.slice(0, known)
				tasks = [...fresh, ...tasks].slice(0, MOST)
				list.prepend(...fresh.map(row))
				while (list.children.length > tasks.length) list.lastChild.remove()
			}
			connect()
		} catch (error) {
			if (!isStopped(error)) show(trouble, error.message)
		}
	}
	let due
	const soon = () => {
		if (current.at) return
		due ??= setTimeout(() => {
			due = undefined
			refresh()
		}, 1200)
	}
	const observer = new ResizeObserver(connect)
	observer.observe(list)
	const ends = [on('change', soon), on('gap', soon), () => observer.disconnect()]

	load(false)
	return {
		update(view) {
			const other = view.at !== current.at
			current = view
			if (other) {
				controller.abort()
				controller = new AbortController()
				load(false)
			}
		},
		close() {
			for (const end of ends) end()
			clearTimeout(due)
			controller.abort()
		},
	}
}
