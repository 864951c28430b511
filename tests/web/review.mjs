// SPDX-License-Identifier: MIT
// The preview of BRANCH: what it would change, as "ADDRESS MAC" lines in RESULT/shown ("-": nothing), and the command that merges it, in
// RESULT/command.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { settled, shot, visit, withPage } from './browser.mjs'

const { BRANCH, RESULT } = process.env
const MAC = /[0-9a-f]{2}(:[0-9a-f]{2}){5}/

await withPage({}, async (page) => {
	await visit(page, '#view=reviews')
	await page.getByRole('link', { name: BRANCH, exact: true }).click()
	await page.getByRole('heading', { name: /^What it would change now/ }).waitFor()
	await settled(page)
	const rows = await page.locator('table', { has: page.getByRole('columnheader', { name: 'Then' }) }).locator('tbody tr').all()
	assert.ok(rows.length > 0)
	const shown = []
	for (const row of rows) {
		const [address, , then] = await row.locator('td, th').allTextContents()
		shown.push(`${address} ${then.match(MAC)?.[0] ?? '-'}`)
	}
	writeFileSync(`${RESULT}/shown`, shown.sort().join('\n') + '\n')
	writeFileSync(`${RESULT}/command`, (await page.locator('code', { hasText: /^arpkeeper merge / }).first().textContent()) + '\n')
	await shot(page, 'review')
})
