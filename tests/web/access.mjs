// SPDX-License-Identifier: MIT
// axe-core has no objection to any view: dark and light, on a wide screen and on a phone, where nothing is wider than the screen. HOST and MAC
// are in the table; THEN is a moment of its past.

import assert from 'node:assert/strict'
import { objections, settled, shot, visit, withPage } from './browser.mjs'

const { HOST, MAC, THEN } = process.env
const VIEWS = {
	table: '',
	past: `#at=${THEN}`,
	map: '#view=map',
	age: '#view=map&layout=rows&colour=age',
	tasks: '#view=tasks',
	reviews: '#view=reviews',
	incidents: '#view=incidents',
	address: `#view=address&address=${HOST}&at=${THEN}`,
	station: `#view=station&station=${MAC}`,
	difference: `#view=difference&at=${THEN}&to=${new Date().toISOString().slice(0, 19)}Z`,
}

for (const colorScheme of ['dark', 'light'])
	for (const width of [1280, 320])
		await withPage({ colorScheme, viewport: { width, height: width === 320 ? 640 : 900 }, reducedMotion: 'reduce' }, async (page) => {
			for (const [name, hash] of Object.entries(VIEWS)) {
				await visit(page, hash)
				for (const summary of await page.locator('#view summary').all()) {
					await summary.click()
					break
				}
				await settled(page)
				await shot(page, `${name}-${colorScheme}-${width}`)
				assert.deepEqual(await objections(page), [], `${name}, ${colorScheme}, ${width} pixels`)
				const wide = await page.evaluate(() => document.documentElement.scrollWidth)
				assert.ok(wide <= width, `${name} is ${wide} pixels wide on a screen of ${width}`)
			}
			// The switch is kept, and nothing else.
			await page.locator('#theme').click()
			await page.reload()
			assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), colorScheme === 'dark' ? 'light' : 'dark')
			assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), ['arpkeeper-theme'])
			// The first thing that the keyboard reaches leads to the content.
			await visit(page)
			await page.keyboard.press('Tab')
			assert.equal(await page.evaluate(() => document.activeElement.id), 'skip')
			await page.keyboard.press('Enter')
			assert.equal(await page.evaluate(() => document.activeElement.id), 'main')
		})
