// SPDX-License-Identifier: MIT
// Addresses and prefixes as numbers.

export function number(text) {
	const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
	if (!parts || parts.slice(1).some((part) => part > 255)) return null
	return parts.slice(1).reduce((sum, part) => sum * 256 + Number(part), 0)
}

export const text = (value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.')

// "10.0.0.0/24" -> { base, length }; null: not a prefix.
export function prefix(given) {
	const [address, length = '32'] = given.split('/')
	const value = number(address)
	if (value === null || !/^\d{1,2}$/.test(length) || length > 32) return null
	const size = 2 ** (32 - length)
	return { base: Math.floor(value / size) * size, length: Number(length) }
}
