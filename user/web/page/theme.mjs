// SPDX-License-Identifier: MIT
// Dark or light: as the system has it, until the switch is used. The only thing that the page stores.

import { find } from './dom.mjs'

const NAME = 'arpkeeper-theme'
const dark = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set()

function chosen() {
	try {
		return localStorage.getItem(NAME)
	} catch {
		return null // the browser keeps nothing
	}
}

const isDark = () => (chosen() ?? (dark.matches ? 'dark' : 'light')) === 'dark'

function apply() {
	document.documentElement.dataset.theme = isDark() ? 'dark' : 'light'
	const button = find('theme')
	button.textContent = isDark() ? 'Light' : 'Dark'
	button.setAttribute('aria-label', isDark() ? 'Switch to light colours' : 'Switch to dark colours')
	for (const listener of listeners) listener()
}

// What is painted on a canvas is painted again.
export function onTheme(listener) {
	listeners.add(listener)
	return () => listeners.delete(listener)
}

export function begin() {
	apply()
	dark.addEventListener('change', apply)
	find('theme').addEventListener('click', () => {
		const wanted = isDark() ? 'light' : 'dark'
		try {
			localStorage.setItem(NAME, wanted)
		} catch {
			// It is not kept, then; until the page is left it is as wanted.
			document.documentElement.dataset.theme = wanted
			return
		}
		apply()
	})
}
