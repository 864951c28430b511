// SPDX-License-Identifier: MIT
// A table of TOTAL addresses scrolls at 50 frames a second, from its top to its end and by single pages, and shows each row that it stops at.

import assert from 'node:assert/strict'
import { row, shot, visit, withPage } from './browser.mjs'

const TOTAL = Number(process.env.TOTAL)
const { LAST } = process.env
const LEAST = Number(process.env.LEAST ?? 50)

// Scrolls a fixed part each frame, for so many frames; returns how long each took.
function scroll({ frames, pixels }) {
	const box = document.querySelector('.box')
	return new Promise((done) => {
		const times = []
		let before
		function frame(now) {
			if (before !== undefined) times.push(now - before)
			before = now
			if (times.length === frames) return done(times)
			box.scrollTop += pixels
			requestAnimationFrame(frame)
		}
		requestAnimationFrame(frame)
	})
}

function report(name, times) {
	const sorted = [...times].sort((a, b) => a - b)
	const rate = (1000 * times.length) / times.reduce((sum, time) => sum + time, 0)
	console.log(`# ${name}: ${rate.toFixed(1)} frames a second; of ${times.length} frames half took at most ${sorted[times.length >> 1].toFixed(1)} ms, 99 % ${sorted[Math.floor(times.length * 0.99)].toFixed(1)} ms`)
	return rate
}

await withPage({}, async (page) => {
	await visit(page)
	await page.waitForFunction((total) => Number(document.querySelector('.box').getAttribute('aria-rowcount')) === total + 1, TOTAL)
	await page.evaluate(scroll, { frames: 30, pixels: 40 }) // the browser warms up
	const rates = [
		report('by 40 pixels a frame', await page.evaluate(scroll, { frames: 300, pixels: 40 })),
		report('by 800 pixels a frame', await page.evaluate(scroll, { frames: 300, pixels: 800 })),
		report('through all rows in 300 frames', await page.evaluate(scroll, { frames: 300, pixels: Math.ceil((await page.evaluate(() => document.querySelector('.box').scrollHeight)) / 300) })),
	]
	await page.evaluate(() => (document.querySelector('.box').scrollTop = 1e9))
	await row(page, LAST).waitFor()
	await shot(page, 'scroll')

	// By the keyboard, too.
	await row(page, LAST).focus()
	await page.keyboard.press('Home')
	await page.waitForFunction(() => document.activeElement.getAttribute('aria-rowindex') === '2' && document.activeElement.entry)
	await page.keyboard.press('End')
	await page.waitForFunction((last) => document.activeElement.entry?.address === last, LAST)
	await page.keyboard.press('Enter')
	await page.getByRole('heading', { name: `Address ${LAST}` }).waitFor()
	for (const rate of rates) assert.ok(rate >= LEAST, `${rate.toFixed(1)} frames a second, and ${LEAST} are wanted`)
})
