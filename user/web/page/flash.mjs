// SPDX-License-Identifier: MIT
// Which addresses changed a moment ago.

const LENGTH = 2500 // milliseconds; page.css says how it looks

const recent = new Map() // "segment address" -> { time, turn }
const key = (entry) => `${entry.segment} ${entry.address}`

export function note(entry) {
	const before = recent.get(key(entry))
	recent.delete(key(entry))
	recent.set(key(entry), { time: performance.now(), turn: before ? 1 - before.turn : 0 })
}

// The class of its row: two that look alike take turns, because an animation begins when its name changes.
export function classOf(entry) {
	const found = recent.get(key(entry))
	return found && performance.now() - found.time < LENGTH ? `flash${found.turn}` : ''
}

export function forget() {
	const now = performance.now()
	for (const [name, { time }] of recent) {
		if (now - time < LENGTH) break
		recent.delete(name)
	}
	return recent.size
}
