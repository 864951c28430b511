// SPDX-License-Identifier: MIT
// Makes elements. Text comes in by textContent only: nothing that a server, a note or a commit says is ever parsed as HTML.

const SVG = 'http://www.w3.org/2000/svg'

function fill(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes)) {
		if (value === null || value === undefined || value === false) continue
		if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
		else if (name === 'value') element.value = value
		else element.setAttribute(name, value === true ? '' : value)
	}
	element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false))
	return element
}

// make('a', { href, onclick }, child, ...): children are nodes, or text.
export function make(name, attributes = {}, ...children) {
	return fill(document.createElement(name), attributes, children)
}

export function draw(name, attributes = {}, ...children) {
	return fill(document.createElementNS(SVG, name), attributes, children)
}

export function show(element, ...children) {
	element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false))
}

export function find(id) {
	return document.getElementById(id)
}

// A colour of page.css, for what is painted on a canvas.
export function colour(name) {
	return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim()
}

// Says it to those who do not see the page.
export function announce(text) {
	find('announce').textContent = text
}

// A button that copies; where the browser does not allow it, the text is selected instead.
export function copyable(text) {
	const code = make('code', { tabindex: 0 }, text)
	const button = make('button', { type: 'button', class: 'quiet' }, 'Copy')
	button.addEventListener('click', async () => {
		try {
			await navigator.clipboard.writeText(text)
			button.textContent = 'Copied'
			announce('Copied')
		} catch {
			getSelection().selectAllChildren(code)
			button.textContent = 'Press Ctrl-C'
		}
	})
	return make('span', { class: 'copyable' }, code, button)
}

// Calls `action` once, some time after the last of many calls.
export function settle(milliseconds, action) {
	let timer
	return (...values) => {
		clearTimeout(timer)
		timer = setTimeout(() => action(...values), milliseconds)
	}
}
