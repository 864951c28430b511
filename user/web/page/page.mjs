// SPDX-License-Identifier: MIT
// A view that is one question and its answer: asked again when the view or the present changes.

import { asker, isStopped } from './api.mjs'
import { make, show } from './dom.mjs'
import { on } from './live.mjs'

// page(place, view, { question(view) -> [what, parameters] | null, answer(answer, view) -> nodes, concerns(event, view), nothing }):
// `concerns` says whether what happened now changes the answer; without it nothing does.
export function page(place, view, { question, answer, concerns, nothing, shown }) {
	const requests = asker()
	const trouble = make('p', { class: 'trouble', role: 'alert' })
	const body = make('div', { class: 'answer', 'aria-busy': 'true' }, make('p', { class: 'dim' }, 'Loading …'))
	show(place, trouble, body)
	let current = view
	let asked = null
	let latest = null
	let due

	async function load() {
		const ask = question(current)
		if (!ask) {
			show(body, make('p', {}, nothing))
			return
		}
		body.setAttribute('aria-busy', 'true')
		try {
			latest = await requests.ask(...ask)
			show(trouble)
			render()
		} catch (error) {
			if (isStopped(error)) return
			show(trouble, error.message)
			if (!latest) show(body)
		}
		body.setAttribute('aria-busy', 'false')
	}

	function render() {
		if (!latest) return
		show(body, answer(latest, current))
		shown?.(latest, current)
	}

	function happened(event) {
		if (current.at || !concerns?.(event, current)) return
		due ??= setTimeout(() => {
			due = undefined
			load()
		}, 800)
	}
	const ends = [on('change', happened), on('alert', happened), on('gap', load)]

	let width = place.clientWidth
	const observer = new ResizeObserver(() => {
		if (place.clientWidth === width) return
		width = place.clientWidth
		render()
	})
	observer.observe(place)

	function update(next) {
		current = next
		const ask = JSON.stringify(question(next))
		if (ask === asked) {
			render()
			return
		}
		asked = ask
		latest = null
		load()
	}
	update(view)
	return {
		update,
		reload: load,
		close() {
			for (const end of ends) end()
			clearTimeout(due)
			observer.disconnect()
			requests.stop()
		},
	}
}
