// SPDX-License-Identifier: MIT
// Asks the server. docs/api.md says what it answers.

export class Refused extends Error {
	constructor(status, message) {
		super(message)
		this.status = status
	}
}

// ask('table', { at, limit }, signal): parameters that are null or '' are left out.
export async function ask(what, parameters = {}, signal = undefined) {
	const query = new URLSearchParams()
	for (const [name, value] of Object.entries(parameters))
		if (value !== null && value !== undefined && value !== '') query.set(name, value)
	const text = query.toString()
	let answer, body
	try {
		answer = await fetch('/api/v1/' + what + (text ? '?' + text : ''), { signal, credentials: 'omit' })
		body = await answer.json()
	} catch (error) {
		if (error.name === 'AbortError') throw error
		if (!answer) throw new Refused(0, 'The web process does not answer. Is arpkeeper web still running?')
		throw new Refused(answer.status, `The answer to ${what} could not be read (status ${answer.status}).`)
	}
	if (!answer.ok) throw new Refused(answer.status, body.error ?? `status ${answer.status}`)
	return body
}

// One question at a time: a newer one ends the older one, whose answer is then not used.
export function asker() {
	let controller = null
	return {
		async ask(what, parameters) {
			controller?.abort()
			const mine = (controller = new AbortController())
			const answer = await ask(what, parameters, mine.signal)
			if (mine !== controller) throw new DOMException('a newer question', 'AbortError')
			return answer
		},
		stop() {
			controller?.abort()
			controller = null
		},
	}
}

export const isStopped = (error) => error.name === 'AbortError'
