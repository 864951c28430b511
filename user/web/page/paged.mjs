// SPDX-License-Identifier: MIT
// Rows that the server keeps: asked for by pages as they are looked at, kept while they are true, and asked for again after a change.

import { ask, isStopped } from './api.mjs'

const PAGE = 200
const KEPT = 60 // pages
const AT_ONCE = 2 // questions
const RETRY = 3000 // milliseconds after a failure: the agent may be about to start

export class Paged {
	// changed() hears that rows came; failed(error) that they did not.
	constructor(changed, failed) {
		Object.assign(this, { changed, failed, controller: new AbortController(), pages: new Map(), asked: new Set(), total: null, of: null, took: 0 })
	}

	// Other rows: a new filter, another order, another moment.
	restart(query) {
		this.controller.abort()
		clearTimeout(this.retry)
		this.controller = new AbortController()
		this.query = query
		this.pages = new Map() // number -> { entries, stale }
		this.asked = new Set()
		this.total = null
		this.of = null
		this.took = 0
		this.wanted = [0, 0]
		this.continue()
	}

	stop() {
		this.controller.abort()
		clearTimeout(this.retry)
		this.stopped = true
	}

	row(index) {
		return this.pages.get(Math.floor(index / PAGE))?.entries[index % PAGE]
	}

	// What is true may have changed: what is shown stays until the answer is there.
	invalidate() {
		for (const page of this.pages.values()) page.stale = true
		this.continue()
	}

	want(first, last) {
		this.wanted = [Math.floor(first / PAGE), Math.floor(last / PAGE)]
		this.continue()
	}

	needs(number) {
		const page = this.pages.get(number)
		return (!page || page.stale) && !this.asked.has(number) && (this.total === null || number === 0 || number * PAGE < this.total)
	}

	continue() {
		if (this.stopped || !this.query) return
		for (let number = this.wanted[0]; number <= this.wanted[1] && this.asked.size < AT_ONCE; number++)
			if (this.needs(number)) this.fetch(number)
	}

	async fetch(number) {
		const { signal } = this.controller
		const began = performance.now()
		this.asked.add(number)
		try {
			const answer = await ask('table', { ...this.query, offset: number * PAGE, limit: PAGE }, signal)
			if (signal.aborted) return
			this.asked.delete(number)
			this.pages.delete(number) // so that it becomes the newest
			this.pages.set(number, { entries: answer.entries, stale: false })
			for (const oldest of this.pages.keys()) {
				if (this.pages.size <= KEPT) break
				this.pages.delete(oldest)
			}
			this.total = answer.total
			this.of = answer.of
			this.took = performance.now() - began
			this.changed()
			this.continue()
		} catch (error) {
			if (signal.aborted || isStopped(error)) return
			this.asked.delete(number)
			this.failed(error)
			this.retry = setTimeout(() => this.continue(), RETRY)
		}
	}
}
