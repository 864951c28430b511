// SPDX-License-Identifier: MIT
// Lives as bars over time: a lane for each holder of an address, or for each address of a station. Gaps are gaps.

import { draw } from './dom.mjs'
import { shown, span } from './time.mjs'

const LANE = 30
const TOP = 26
const MOST = 40 // lanes

// lanes: [{ label, bars: [{ since, until, state, text }] }], times in seconds; ticks: [{ time, text }]; picked: [{ time, kind }].
export function strip({ title, lanes, ticks, picked, since, until, width, onpick }) {
	const left = width < 500 ? 8 : 170
	const room = width - left - 12
	const shownLanes = lanes.slice(0, MOST)
	const height = TOP + shownLanes.length * LANE + 22
	const clamp = (time) => Math.max(since, Math.min(until, time))
	const x = (time) => left + ((clamp(time) - since) / (until - since)) * room
	const svg = draw('svg', { class: 'strip', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title })

	shownLanes.forEach(({ label, bars }, number) => {
		const y = TOP + number * LANE
		svg.append(draw('line', { class: 'lane', x1: left, x2: left + room, y1: y + LANE - 4, y2: y + LANE - 4 }))
		for (const bar of bars) {
			if (bar.until < since || bar.since > until) continue
			const from = x(bar.since)
			svg.append(
				draw('rect', { class: `bar ${bar.state ?? ''}`, x: from, y: y + 8, width: Math.max(3, x(bar.until) - from), height: LANE - 13, rx: 2 }, draw('title', {}, bar.text)),
			)
		}
		// On a narrow page the label is above its bars.
		svg.append(draw('text', { class: 'label', x: left === 8 ? 8 : left - 8, y: left === 8 ? y + 6 : y + 20, 'text-anchor': left === 8 ? 'start' : 'end' }, label))
	})
	for (const { time, text } of ticks)
		if (time >= since && time <= until)
			svg.append(draw('path', { class: 'tick', d: `M${x(time) - 5} 4h10l-5 10z` }, draw('title', {}, text)))
	for (const { time, kind } of picked)
		if (time >= since && time <= until) svg.append(draw('line', { class: `picked ${kind}`, x1: x(time), x2: x(time), y1: 0, y2: height - 20 }))

	svg.append(draw('text', { class: 'scale', x: left, y: height - 4 }, shown(since)))
	svg.append(draw('text', { class: 'scale', x: left + room, y: height - 4, 'text-anchor': 'end' }, width < 500 ? `+ ${span(until - since)}` : shown(until)))
	svg.addEventListener('click', (event) => {
		const at = (event.clientX - svg.getBoundingClientRect().left - left) / room
		if (at >= 0 && at <= 1) onpick(since + at * (until - since), event.shiftKey)
	})
	return svg
}
