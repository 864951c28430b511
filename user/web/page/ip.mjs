// SPDX-License-Identifier: MIT
// Addresses and prefixes of both families as numbers: { bits: 32 or 128, value }, the value a BigInt.

function number4(text) {
	const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
	if (!parts || parts.slice(1).some((part) => part > 255)) return null
	return { bits: 32, value: parts.slice(1).reduce((sum, part) => sum * 256n + BigInt(part), 0n) }
}

function number6(text) {
	const halves = text.split('::').map((half) => (half ? half.split(':') : []))
	const groups = halves.flat()
	if (halves.length > 2 || groups.some((group) => !/^[\da-f]{1,4}$/i.test(group))) return null
	if (halves.length === 2 ? groups.length > 7 : groups.length !== 8) return null
	if (halves.length === 2) groups.splice(halves[0].length, 0, ...Array(8 - groups.length).fill('0'))
	return { bits: 128, value: groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n) }
}

// null: not an address.
export const number = (text) => (text.includes(':') ? number6(text) : number4(text))

// RFC 5952: lower case, no leading zeros, "::" for the first of the longest runs of zeros.
function text6(value) {
	const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
	let best = { from: 0, length: 1 }
	for (let from = 0; from < 8; from++) {
		let length = 0
		while (groups[from + length] === '0') length++
		if (length > best.length) best = { from, length }
	}
	if (best.length < 2) return groups.join(':')
	return `${groups.slice(0, best.from).join(':')}::${groups.slice(best.from + best.length).join(':')}`
}

export const text = ({ bits, value }) => (bits === 128 ? text6(value) : [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.'))

// As arpkeeper spells it; what is no address stays.
export const spelled = (given) => {
	const known = number(given)
	return known ? text(known) : given
}

export const plus = ({ bits, value }, count) => ({ bits, value: value + BigInt(count) })

// "10.0.0.0/24", "2001:db8::/64" -> { base, length }; null: not a prefix.
export function prefix(given) {
	const [address, length] = given.split('/')
	const base = number(address)
	if (!base || (length !== undefined && !/^\d{1,3}$/.test(length)) || Number(length ?? 0) > base.bits) return null
	return around(base, Number(length ?? base.bits))
}

// The prefix of that length that has the address.
export function around({ bits, value }, length) {
	const host = BigInt(bits - length)
	return { base: { bits, value: (value >> host) << host }, length }
}

export const contains = (outer, { bits, value }) => bits === outer.base.bits && around({ bits, value }, outer.length).base.value === outer.base.value
