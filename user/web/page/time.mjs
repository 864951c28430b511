// SPDX-License-Identifier: MIT
// Times: the server's are UTC text, the page's are seconds since 1970, and what is shown is UTC.

export const seconds = (text) => Date.parse(text) / 1000
export const now = () => Date.now() / 1000
export const text = (time) => new Date(Math.round(time) * 1000).toISOString().replace('.000Z', 'Z')
export const shown = (time) => (typeof time === 'number' ? text(time) : time).replace('T', ' ')

const UNITS = [
	['d', 86400],
	['h', 3600],
	['min', 60],
	['s', 1],
]

// 93784 -> "1 d 2 h"
export function span(length) {
	let left = Math.max(0, Math.round(length))
	const parts = []
	for (const [unit, size] of UNITS) {
		const count = Math.floor(left / size)
		left -= count * size
		if (count) parts.push(`${count} ${unit}`)
		if (parts.length === 2 || (parts.length && unit === 's')) break
	}
	return parts.join(' ') || '0 s'
}

const BACK = /^(\d+)\s*(s|m|h|d|w|y)$/
const SIZES = { s: 1, m: 60, h: 3600, d: 86400, w: 604800, y: 31557600 }

// "2h" (that long before `base`) or UTC text, to seconds; null: neither.
export function read(given, base = now()) {
	if (!given) return null
	const back = BACK.exec(given)
	if (back) return base - back[1] * SIZES[back[2]]
	const time = seconds(given)
	return Number.isNaN(time) ? null : time
}

// A moment as people type it, "2026-11-28 10:15", "2026-11-28" or "2h", to UTC text; null: not a moment.
export function typed(given) {
	const value = given.trim().replace(/\s*ago$/, '')
	const date = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?Z?)?$/.exec(value)
	const time = date ? seconds(`${date[1]}T${date[2] ?? '00:00'}${date[3] ?? ':00'}Z`) : BACK.test(value) ? read(value) : NaN
	return Number.isNaN(time) ? null : text(time)
}

// The label of an axis whose labels are `step` seconds apart.
export function label(time, step) {
	const whole = text(time)
	if (step >= 28 * 86400) return whole.slice(0, 7)
	if (step >= 86400) return whole.slice(5, 10)
	if (whole.slice(11, 19) === '00:00:00') return whole.slice(5, 10)
	return step >= 60 ? whole.slice(11, 16) : whole.slice(11, 19)
}
