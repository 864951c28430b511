// SPDX-License-Identifier: MIT
// Virtual scrolling: of up to millions of rows of one height, those that are seen are elements, which are used again.
//
// Why not a library: @tanstack/virtual-core 3.19 measures each row again when their number changes, which a live table's
// does all the time: 55 to 85 ms for a million rows. And browsers limit an element's height (Firefox: 17.8 million pixels),
// so that the scroll position of a million rows has to be compressed.

const BEYOND = 8 // rows made above and below what is seen: the browser scrolls before this program hears of it
const TALLEST = 10_000_000 // pixels

export class Rows {
	// `box` scrolls, `body` is as high as all rows. create() makes an empty row, fill(element, index) writes one,
	// seen(first, last) hears what is shown.
	constructor({ box, body, create, fill, seen }) {
		Object.assign(this, { box, body, create, fill, seen, count: 0, height: 0 })
		this.elements = new Map() // index -> element
		this.spare = []
		this.waiting = 0
		this.scrolled = () => this.soon()
		box.addEventListener('scroll', this.scrolled, { passive: true })
		this.observer = new ResizeObserver(() => this.measure())
		this.observer.observe(box)
	}

	close() {
		this.observer.disconnect()
		this.box.removeEventListener('scroll', this.scrolled)
		cancelAnimationFrame(this.waiting)
	}

	measure() {
		this.height = parseFloat(getComputedStyle(this.box).getPropertyValue('--row')) || 32
		this.room = this.box.clientHeight - this.body.offsetTop // below the heads
		this.resize(this.count)
	}

	resize(count) {
		this.count = count
		const all = count * this.height
		const tall = Math.min(all, TALLEST)
		// How many pixels of rows one pixel of the scroll bar stands for.
		this.scale = all > tall ? (all - this.room) / (tall - this.room) : 1
		this.body.style.height = `${tall}px`
		this.refresh()
	}

	// Writes all that are shown anew.
	refresh() {
		this.stale = true
		this.soon()
	}

	soon() {
		this.waiting ||= requestAnimationFrame(() => {
			this.waiting = 0
			this.place()
		})
	}

	place() {
		if (!this.height) return
		const top = this.box.scrollTop
		const offset = top * this.scale
		const first = Math.max(0, Math.floor(offset / this.height) - BEYOND)
		const last = Math.min(this.count - 1, Math.ceil((offset + this.room) / this.height) + BEYOND)

		for (const [index, element] of this.elements)
			if (index < first || index > last) {
				// The row with the keyboard's focus stays, out of sight, so that keys go on from there.
				if (element === document.activeElement && index < this.count) {
					this.move(element, index, top, offset)
					continue
				}
				this.elements.delete(index)
				this.spare.push(element)
			}
		for (let index = first; index <= last; index++) {
			let element = this.elements.get(index)
			const fresh = !element
			if (fresh) {
				element = this.spare.pop()
				if (!element) {
					element = this.create()
					this.body.append(element)
				}
				element.hidden = false
				this.elements.set(index, element)
			}
			if (fresh || this.stale) this.fill(element, index)
			if (fresh || this.stale || this.scale > 1) this.move(element, index, top, offset)
		}
		for (const element of this.spare) element.hidden = true
		this.stale = false
		if (this.count) this.seen(first, last)
	}

	move(element, index, top, offset) {
		element.style.transform = `translateY(${Math.round(top + index * this.height - offset)}px)`
	}

	// The rows that are seen in full.
	range() {
		const first = Math.ceil((this.box.scrollTop * this.scale) / this.height)
		return [first, first + Math.max(1, Math.floor(this.room / this.height)) - 1]
	}

	// Scrolls until the row is seen, and returns its element.
	reveal(index) {
		const [first, last] = this.range()
		if (index < first) this.box.scrollTop = (index * this.height) / this.scale
		else if (index > last) this.box.scrollTop = ((index + 1) * this.height - this.room) / this.scale
		this.place()
		return this.elements.get(index)
	}
}
