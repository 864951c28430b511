// SPDX-License-Identifier: MIT
// How the agent is, in the page's head; and its segments, which the views offer.

import { ask } from './api.mjs'
import { find, make, show } from './dom.mjs'
import { isConnected, on } from './live.mjs'
import { count } from './words.mjs'

let known = null

export const segments = () => known?.segments ?? []

// All prefixes: [{ segment, prefix }].
export const prefixes = () => segments().flatMap(({ name, prefixes: list }) => list.map((prefix) => ({ segment: name, prefix })))

function report(text, kind) {
	show(find('health'), make('span', { class: `dot ${kind}`, 'aria-hidden': 'true' }), text)
}

export async function refresh() {
	try {
		known = await ask('status')
	} catch (error) {
		report(error.status ? 'The agent does not answer' : 'The web process does not answer', 'bad')
		return
	}
	const { repository, ports = [], table } = known
	const attached = ports.filter(({ state }) => state === 'attached').length
	if (repository?.trouble) report(`History cannot be written: ${repository.trouble}`, 'bad')
	else if (attached < ports.length) report(`${attached} of ${count(ports.length, 'port')} attached`, 'warn')
	else if (!isConnected()) report('Not live: waiting for the server', 'warn')
	else report(`Live · ${count(['dynamic', 'static', 'local', 'stale', 'pending', 'dead'].reduce((sum, state) => sum + (table?.[state] ?? 0), 0), 'address', 'addresses')}`, 'good')
}

export async function begin() {
	on('state', () => refresh())
	on('gap', () => refresh())
	setInterval(() => document.hidden || refresh(), 10_000)
	await refresh()
}
