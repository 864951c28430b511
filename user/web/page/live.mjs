// SPDX-License-Identifier: MIT
// What happens now: server-sent events, shared by the views. A reader that was too slow, or lost the server, asks anew.

const listeners = { change: new Set(), alert: new Set(), gap: new Set(), state: new Set() }
let source = null
let connected = false
let retry

function tell(kind, value) {
	for (const listener of listeners[kind]) listener(value)
}

function becomes(state) {
	if (state === connected) return
	connected = state
	tell('state', state)
}

function begin() {
	clearTimeout(retry)
	source = new EventSource('/events')
	let lost = false
	source.addEventListener('open', () => {
		becomes(true)
		if (lost) tell('gap')
		lost = false
	})
	source.addEventListener('error', () => {
		lost = true
		becomes(false)
		// The browser tries again by itself, except after an answer that is not a stream.
		if (source.readyState === EventSource.CLOSED) retry = setTimeout(begin, 3000)
	})
	for (const kind of ['change', 'alert'])
		source.addEventListener(kind, (event) => {
			let value
			try {
				value = JSON.parse(event.data)
			} catch {
				tell('gap')
				return
			}
			tell(kind, value)
		})
	source.addEventListener('dropped', () => {
		source.close()
		becomes(false)
		tell('gap')
		retry = setTimeout(begin, 1000)
	})
}

// on('change', listener): returns what ends it. Kinds: change, alert, gap (something was missed), state (true: connected).
export function on(kind, listener) {
	listeners[kind].add(listener)
	if (!source) begin()
	return () => listeners[kind].delete(listener)
}

export const isConnected = () => connected
