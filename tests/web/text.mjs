// SPDX-License-Identifier: MIT
// What people wrote is text, wherever the page shows it: NOTE is the note of HOST, and full of HTML.

import assert from 'node:assert/strict'
import { row, settled, visit, withPage } from './browser.mjs'

const { HOST, NOTE } = process.env

const elements = (page) => page.evaluate(() => document.querySelectorAll('#view img, #view b, #view script, #view iframe').length)

await withPage({}, async (page) => {
	await visit(page)
	await row(page, HOST).waitFor()
	assert.equal(await row(page, HOST).locator('.note').textContent(), NOTE)
	assert.equal(await elements(page), 0)

	await visit(page, `#view=address&address=${HOST}`)
	assert.equal(await elements(page), 0)
	await visit(page, '#view=tasks')
	await page.locator('.tasks summary').first().click()
	await page.locator('.opened table, .opened p').first().waitFor()
	assert.equal(await elements(page), 0)
	await visit(page, `#view=difference&at=${new Date(Date.now() - 1000).toISOString().slice(0, 19)}Z&to=${new Date().toISOString().slice(0, 19)}Z`)
	await settled(page)
	assert.equal(await elements(page), 0)

	// And what comes by the address bar.
	await visit(page, '#view=address&address=' + encodeURIComponent('<img src=x onerror=alert(1)>'))
	assert.equal(await page.locator('h2').textContent(), 'Address <img src=x onerror=alert(1)>')
	assert.equal(await elements(page), 0)
}).catch((error) => {
	// The server refuses that address, which the browser notes in its console.
	if (error.code === 'ERR_ASSERTION' && /the console/.test(error.message) && error.actual.every((line) => /status of 40[04]/.test(line))) return
	throw error
})
