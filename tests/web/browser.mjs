// SPDX-License-Identifier: MIT
// A browser for one test: what the console says, and each violation of the Content-Security-Policy, fails it.
//
// Environment: URL (of arpkeeper web), RESULT (where screenshots go), PACKAGES (the folder with playwright-core and axe-core).

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export const { URL: address, RESULT, PACKAGES } = process.env
const require = createRequire(PACKAGES + '/')
const { chromium } = require('playwright-core')

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

// with_page(options, async (page) => ...)
export async function withPage(options, use) {
	const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
	const complaints = []
	try {
		const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
		const page = await context.newPage()
		page.setDefaultTimeout(15_000 * Number(process.env.TIME_FACTOR ?? 1))
		page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(`${message.text()} ${message.location().url}`))
		page.on('pageerror', (error) => complaints.push(error.stack))
		page.on('dialog', (dialog) => {
			complaints.push('a dialog: ' + dialog.message())
			dialog.dismiss()
		})
		page.on('request', (request) => new URL(request.url()).origin !== new URL(address).origin && !request.url().startsWith('data:') && complaints.push('a request to another host: ' + request.url()))
		await page.addInitScript(() => {
			window.violations = []
			document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))
		})
		await use(page)
		assert.deepEqual(await page.evaluate(() => window.violations), [], 'violations of the Content-Security-Policy')
		assert.deepEqual(await context.cookies(), [], 'cookies')
		assert.deepEqual(complaints, [], 'the console')
	} finally {
		await browser.close()
	}
}

// A row of the live table, by its address.
export const row = (page, text) => page.locator('.rows .row:not([hidden])', { has: page.locator('.address a', { hasText: new RegExp(`^${text.replaceAll('.', '\\.')}$`) }) })

// Shows a view; the page is there when nothing is loading.
export async function visit(page, hash = '') {
	await page.goto(address + '/' + hash)
	await settled(page)
}

export async function settled(page) {
	await page.waitForFunction(() => {
		const answers = [...document.querySelectorAll('.answer')]
		const size = document.querySelector('.size')
		return document.querySelector('#view')?.hasChildNodes() && answers.every((answer) => answer.getAttribute('aria-busy') !== 'true') && (!size || !/Loading/.test(size.textContent))
	})
}

export const shot = (page, name, options = {}) => page.screenshot({ path: `${RESULT}/${name}.png`, ...options })

// What axe-core objects to, as lines. The script is evaluated by the debugger: the page's policy stays in force.
export async function objections(page) {
	await page.evaluate(AXE + ';0')
	const { violations } = await page.evaluate((rules) => window.axe.run({ runOnly: rules }), RULES)
	return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 100)).join(' | ')}`)
}
