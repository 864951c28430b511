// SPDX-License-Identifier: MIT
// README's pictures: the table as it is, dark; and the page of HOST as of THEN, light. SPAN is what the timeline shows.

import { row, settled, shot, visit, withPage } from './browser.mjs'

const { HOST, THEN, SPAN } = process.env
const viewport = { width: 1280, height: 800 }

await withPage({ viewport, colorScheme: 'dark' }, async (page) => {
	await visit(page, `#${SPAN}`)
	await row(page, HOST).waitFor()
	await settled(page)
	await shot(page, 'page-table')
})
await withPage({ viewport, colorScheme: 'light' }, async (page) => {
	await visit(page, `#view=address&address=${HOST}&at=${THEN}&${SPAN}`)
	await page.getByRole('heading', { name: `Address ${HOST}` }).waitFor()
	await settled(page)
	await shot(page, 'page-address')
})
