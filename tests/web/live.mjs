// SPDX-License-Identifier: MIT
// An open page shows a host that talks, without a reload, and marks its row. PING makes it talk; HOST and MAC are who it is.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { row, shot, visit, withPage } from './browser.mjs'

const { PING, HOST, MAC } = process.env

await withPage({}, async (page) => {
	await visit(page)
	await page.getByText(/^Live ·/).waitFor()
	assert.equal(await row(page, HOST).count(), 0, `${HOST} is there before it talks`)
	const began = Date.now()
	execFileSync('bash', ['-c', PING])
	await row(page, HOST).waitFor()
	console.log(`# the row was there ${Date.now() - began} ms after the ping began`)
	assert.match(await row(page, HOST).getAttribute('class'), /flash[01]/)
	assert.equal(await row(page, HOST).locator('.mac').textContent(), MAC)
	assert.equal(await row(page, HOST).locator('.state').textContent(), 'dynamic')
	await shot(page, 'live')

	// It is an incident, too: a station that was never seen before.
	await page.getByRole('link', { name: /Incidents/ }).click()
	await page.locator('.incident', { hasText: HOST }).locator('.kind', { hasText: 'new-station' }).waitFor()
})
