// SPDX-License-Identifier: MIT
// What is written in another way with IPv6: HOST is in NETWORK::/64, in any spelling.

import assert from 'node:assert/strict'
import { row, settled, shot, visit, withPage } from './browser.mjs'

const { HOST, NETWORK } = process.env

await withPage({}, async (page) => {
	// Each spelling of an address leads to the same page; a part of one filters the table.
	for (const spelled of [HOST, HOST.toUpperCase(), HOST.replace('::', ':0:0:0:')]) {
		await visit(page, `#view=address&address=${encodeURIComponent(spelled)}`)
		await page.getByRole('heading', { name: `Address ${HOST}` }).waitFor()
		assert.match(await page.locator('.verdict').textContent(), /it is at/i)
	}
	await visit(page, `#q=${encodeURIComponent(NETWORK)}`)
	await row(page, HOST).waitFor()
	assert.equal(await page.locator('.rows .row:not([hidden])', { hasText: '10.0.0.' }).count(), 0)

	// IPv4 comes first, by number; then IPv6.
	await visit(page)
	await row(page, HOST).waitFor()
	const shown = await page.locator('.rows .row:not([hidden]) .address a').allTextContents()
	assert.deepEqual(shown.map((one) => one.includes(':')), shown.map((one) => one.includes(':')).sort())
	await shot(page, 'six')
	await settled(page)
})
