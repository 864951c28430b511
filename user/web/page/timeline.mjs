// SPDX-License-Identifier: MIT
// Changes and alerts over time. Drag to zoom; a click picks the moment that the page shows, a shift-click the one to compare it with.

import uPlot from 'uplot'
import { asker, isStopped } from './api.mjs'
import { announce, colour, find, make, settle, show } from './dom.mjs'
import { adjust, go } from './hash.mjs'
import { on } from './live.mjs'
import { onTheme } from './theme.mjs'
import { label, now, read, seconds, shown, span, text, typed } from './time.mjs'

const SPANS = [
	['1h', '1 hour'],
	['6h', '6 hours'],
	['1d', '1 day'],
	['1w', '1 week'],
	['30d', '30 days'],
	['1y', '1 year'],
	['10y', '10 years'],
]
export const FIRST_SPAN = '1d'
const HEIGHT = 150

// Stacked: what is drawn later covers the lower part of what was drawn before. Alerts hang below the line.
const SERIES = [
	['changed', (b) => b.changed + b.appeared + b.moved + b.gone],
	['appeared', (b) => b.appeared + b.moved + b.gone],
	['moved', (b) => b.moved + b.gone],
	['gone', (b) => b.gone],
	['alerts', (b) => -b.alerts],
]

// The span that the page looks at, in seconds.
export function range(view) {
	const until = read(view.until) ?? now()
	return [read(view.since ?? FIRST_SPAN, until) ?? until - 86400, until]
}

export function begin() {
	const plot = find('timeline')
	const trouble = find('timeline-trouble')
	const readout = find('timeline-readout')
	const question = asker()
	let view = {}
	let chart = null
	let data = [[], ...SERIES.map(() => [])]
	let buckets = []
	let cursor = null // the bucket under the keyboard's cursor
	let width = 60 // seconds a bucket

	function markers(u) {
		const { ctx, bbox } = u
		const x = (time) => Math.round(u.valToPos(seconds(time), 'x', true))
		const clip = (value) => Math.max(bbox.left, Math.min(bbox.left + bbox.width, value))
		ctx.save()
		if (view.at && view.to) {
			const [from, to] = [x(view.at), x(view.to)].sort((a, b) => a - b)
			ctx.fillStyle = colour('between')
			ctx.fillRect(clip(from), bbox.top, clip(to) - clip(from), bbox.height)
		}
		for (const [time, name] of [
			[view.at, 'moment'],
			[view.to, 'second'],
		]) {
			if (!time || x(time) !== clip(x(time))) continue
			ctx.fillStyle = colour(name)
			ctx.fillRect(x(time) - 1, bbox.top, 3, bbox.height)
		}
		ctx.restore()
	}

	function build() {
		chart?.destroy()
		const axis = { stroke: colour('dim'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1 }, font: '12px system-ui, sans-serif' }
		const bars = uPlot.paths.bars({ size: [0.8, 40], align: 1 })
		chart = new uPlot(
			{
				width: plot.clientWidth || 320,
				height: HEIGHT,
				legend: { show: false },
				tzDate: (time) => uPlot.tzDate(new Date(time * 1000), 'Etc/UTC'),
				cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { show: false } },
				scales: {
					x: { range: (u, low, high) => (view.span ? view.span : [low, high]) },
					// One change is seen beside thousands: logarithmic, and linear near 0.
					y: { distr: 4, asinh: 1, range: (u, low, high) => [Math.min(0, low), Math.max(1, high)] },
				},
				axes: [{ ...axis, size: 26, space: 70, values: (u, times, number, room, step) => times.map((time) => label(time, step)) }, { ...axis, grid: { show: false }, ticks: { show: false }, size: 44, values: (u, values) => values.map((value) => (Number.isInteger(value) ? Math.abs(value).toLocaleString('en') : '')) }],
				series: [{}, ...SERIES.map(([name]) => ({ label: name, fill: colour(name), stroke: colour(name), width: 0, paths: bars, points: { show: false } }))],
				hooks: {
					draw: [markers],
					setCursor: [(u) => u.cursor.left >= 0 && tell(Math.min(buckets.length - 1, Math.max(0, Math.floor((u.posToVal(u.cursor.left, 'x') - data[0][0]) / width))))],
					setSelect: [
						(u) => {
							const { left, width: selected } = u.select
							if (selected < 5) return
							const [since, until] = [u.posToVal(left, 'x'), u.posToVal(left + selected, 'x')]
							u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
							if (until - since >= 2) go({ since: text(since), until: text(until) })
						},
					],
				},
			},
			data,
			plot,
		)
		let pressed = 0
		chart.over.addEventListener('mousedown', (event) => (pressed = event.clientX))
		chart.over.addEventListener('click', (event) => {
			if (Math.abs(event.clientX - pressed) >= 5) return
			pick(chart.posToVal(event.offsetX, 'x'), event.shiftKey)
		})
		chart.over.addEventListener('dblclick', () => adjust({ since: null, until: null, at: view.at }))
	}

	// What the cursor is at, in words.
	function tell(index, aloud = false) {
		const bucket = buckets[index]
		if (!bucket) return
		const parts = SERIES.map(([name]) => (bucket[name] ? `${bucket[name]} ${name}` : '')).filter(Boolean)
		readout.textContent = `${shown(bucket.time)}, ${span(width)}: ${parts.join(', ') || 'no changes'}`
		if (aloud) {
			plot.setAttribute('aria-valuenow', Math.round(bucket.time))
			plot.setAttribute('aria-valuetext', readout.textContent)
		}
	}

	// A moment that is not yet is now.
	function pick(time, second) {
		const moment = time >= now() ? null : text(time)
		if (second) go({ to: moment ?? text(now()), at: view.at ?? text(now()), view: 'difference' })
		else go({ at: moment, to: null, view: view.view === 'difference' ? null : view.view })
	}

	function accept(answer) {
		const since = seconds(answer.since)
		const until = seconds(answer.until)
		width = answer.seconds
		const length = Math.max(1, Math.min(4000, Math.ceil((until - since) / width)))
		buckets = Array.from({ length }, (_, i) => ({ time: since + i * width, appeared: 0, moved: 0, gone: 0, changed: 0, alerts: 0 }))
		for (const bucket of answer.buckets) Object.assign(buckets[Math.floor((seconds(bucket.at) - since) / width)] ?? {}, bucket)
		data = [buckets.map(({ time }) => time), ...SERIES.map(([, height]) => buckets.map((bucket) => height(bucket) || null))]
		view.span = [since, Math.max(until, since + 1)]
		cursor = null
		plot.setAttribute('aria-valuemin', Math.round(since))
		plot.setAttribute('aria-valuemax', Math.round(until))
		plot.setAttribute('aria-valuenow', Math.round(until))
		plot.setAttribute('aria-valuetext', `${shown(since)} to ${shown(until)}`)
		if (chart) chart.setData(data)
		else build()
		const sum = Object.fromEntries(SERIES.map(([name]) => [name, buckets.reduce((all, bucket) => all + bucket[name], 0)]))
		for (const [name] of SERIES) find(`sum-${name}`).textContent = sum[name].toLocaleString('en')
	}

	async function load() {
		const { segment, prefix } = view
		try {
			accept(
				await question.ask('timeline', {
					since: text(range(view)[0]),
					until: view.until ? text(range(view)[1]) : null,
					buckets: Math.max(40, Math.min(600, Math.floor(plot.clientWidth / 5))),
					segment,
					prefix,
				}),
			)
			show(trouble)
		} catch (error) {
			if (!isStopped(error)) show(trouble, error.message)
		}
	}

	// --- what one can do

	const spans = find('spans')
	show(
		spans,
		SPANS.map(([value, title]) => make('button', { type: 'button', 'data-span': value, 'aria-pressed': 'false', onclick: () => go({ since: value === FIRST_SPAN ? null : value, until: null }) }, title)),
	)
	const at = find('at')
	const to = find('to')
	const changed = (input, name) =>
		input.addEventListener('change', () => {
			const time = input.value.trim() ? typed(input.value) : null
			const wrong = input.value.trim() && time === null
			input.setAttribute('aria-invalid', String(Boolean(wrong)))
			show(trouble, wrong ? `Not a time: ${input.value}. Give it as 2026-11-28 10:15, or 2h for two hours ago.` : null)
			if (!wrong) go({ [name]: time, ...(name === 'to' && time ? { view: 'difference', at: view.at ?? text(now()) } : {}) })
		})
	changed(at, 'at')
	changed(to, 'to')
	find('live').addEventListener('click', () => go({ at: null, to: null, view: view.view === 'difference' ? null : view.view }))

	plot.addEventListener('keydown', (event) => {
		if (!buckets.length || event.ctrlKey || event.metaKey || event.altKey) return
		const [since, until] = view.span
		const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key]
		if (step !== undefined) {
			cursor = Math.max(0, Math.min(buckets.length - 1, (cursor ?? buckets.length - 1) + step))
			chart.setCursor({ left: chart.valToPos(buckets[cursor].time + width / 2, 'x'), top: 0 })
			tell(cursor, true)
		} else if (event.key === 'Enter' && cursor !== null) pick(buckets[cursor].time + width, event.shiftKey)
		else if (event.key === '+' || event.key === '-') {
			const middle = cursor === null ? (since + until) / 2 : buckets[cursor].time
			const half = ((until - since) / 2) * (event.key === '+' ? 0.5 : 2)
			go({ since: text(middle - half), until: middle + half >= now() ? null : text(middle + half) })
		} else if (event.key === 'Escape') go({ at: null, to: null, view: view.view === 'difference' ? null : view.view })
		else return
		event.preventDefault()
	})

	const resized = settle(150, () => {
		if (!chart) return
		chart.setSize({ width: plot.clientWidth, height: HEIGHT })
	})
	new ResizeObserver(resized).observe(plot)
	onTheme(() => chart && build())

	// New changes come in at the right edge: soon, but not at each of many.
	let due
	const soon = () => {
		if (view.until) return
		due ??= setTimeout(() => {
			due = undefined
			if (!document.hidden) load()
		}, 1500)
	}
	on('change', soon)
	on('alert', soon)
	on('gap', soon)
	setInterval(() => view.until || document.hidden || load(), 15_000)

	let asked
	return (next) => {
		const before = view
		view = { ...next, span: view.span }
		at.value = view.at ? shown(view.at) : ''
		to.value = view.to ? shown(view.to) : ''
		find('live').hidden = !view.at && !view.to
		find('moment').textContent = view.at ? `As of ${shown(view.at)}` : 'Now'
		document.documentElement.dataset.moment = view.at ? 'past' : 'now'
		for (const button of spans.children) button.setAttribute('aria-pressed', String(!view.until && button.dataset.span === (view.since ?? FIRST_SPAN)))
		const query = JSON.stringify([view.since, view.until, view.segment, view.prefix])
		if (asked !== query) {
			asked = query
			load()
		} else if (before.at !== view.at || before.to !== view.to) chart?.redraw(false)
		if (before.at !== view.at) announce(find('moment').textContent)
	}
}
