// SPDX-License-Identifier: MIT
// HOST was at FORMER until a while ago, and is at LATTER now. THEN is a moment (UTC text) at which FORMER had it.

import assert from 'node:assert/strict'
import { row, settled, shot, visit, withPage } from './browser.mjs'

const { HOST, FORMER, LATTER, THEN } = process.env

await withPage({}, async (page) => {
	await visit(page)
	await row(page, HOST).waitFor()
	assert.equal(await row(page, HOST).locator('.mac').textContent(), LATTER)

	// As of then, by what people type; and back by the keyboard.
	await page.getByLabel('As of (UTC)').fill(THEN.replace('T', ' '))
	await page.keyboard.press('Enter')
	await page.getByText(`As of ${THEN.replace('T', ' ')}`, { exact: true }).first().waitFor()
	await page.waitForFunction(([host, mac]) => [...document.querySelectorAll('.rows .row')].some((one) => one.entry?.address === host && one.entry.mac === mac), [HOST, FORMER])
	assert.equal(new URLSearchParams(new URL(page.url()).hash.slice(1)).get('at'), THEN)
	await shot(page, 'as-of')

	// The address's strip: both holders, and who it was then.
	await row(page, HOST).locator('.address a').click()
	await settled(page)
	await page.getByRole('heading', { name: `Address ${HOST}` }).waitFor()
	assert.match(await page.locator('.verdict').textContent(), new RegExp(`it is at ${FORMER}`))
	const labels = await page.locator('.strip .label').allTextContents()
	assert.ok(labels.includes(FORMER) && labels.includes(LATTER), `lanes: ${labels}`)
	assert.ok((await page.locator('.strip .bar').count()) >= 2)
	assert.equal(await page.locator('.strip .picked.at').count(), 1)
	await shot(page, 'address')
	await page.locator('#timeline').focus()
	await page.keyboard.press('Escape')
	await page.locator('.verdict', { hasText: `Now it is at ${LATTER}` }).waitFor()

	// The link is the view: another page that opens it shows the same.
	await visit(page, `#view=station&station=${FORMER}&at=${THEN}`)
	assert.match(await page.locator('.verdict').textContent(), /it has 1 address/)
	await visit(page, `#view=station&station=${FORMER}`)
	assert.match(await page.locator('.verdict').textContent(), /it has 0 addresses/)

	// Two moments: the difference.
	await visit(page, `#view=difference&at=${THEN}&to=${new Date().toISOString().slice(0, 19)}Z`)
	const moved = page.locator('tbody tr', { hasText: HOST })
	await moved.waitFor()
	assert.match(await moved.textContent(), new RegExp(`moved.*${FORMER}.*${LATTER}`))
	await shot(page, 'difference')
})
