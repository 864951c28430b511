// SPDX-License-Identifier: MIT
// What of the page needs no browser: node --test tests/web/modules.mjs

import assert from 'node:assert/strict'
import { test } from 'node:test'

globalThis.location = { hash: '' }
const page = '../../user/web/page/'
const { format, link, parse } = await import(page + 'hash.mjs')
const { layout } = await import(page + 'hilbert.mjs')
const ip = await import(page + 'ip.mjs')
const time = await import(page + 'time.mjs')
const words = await import(page + 'words.mjs')

test('a view survives the address bar, with characters that a link must escape', () => {
	const view = { view: 'address', at: '2026-11-28T10:15:00Z', segment: 'a&b=c#d', prefix: '10.0.0.0/24', q: '<b> 100%' }
	assert.deepEqual(parse(format(view)), view)
})

test('what the page does not know is not kept in a link', () => {
	assert.deepEqual(parse('#view=map&onload=x&at='), { view: 'map' })
})

test('an address in a link is shown in one spelling', () => {
	assert.deepEqual(parse('#address=2001:DB8:0::0:07'), { address: '2001:db8::7' })
	assert.deepEqual(parse('#address=10.0.0.7%2F8'), { address: '10.0.0.7/8' })
})

test('a link changes a part of the view, and leaves the rest', () => {
	location.hash = '#view=table&at=2026-11-28T10:15:00Z&q=ada'
	assert.deepEqual(parse(link({ q: null, state: 'dead' })), { view: 'table', at: '2026-11-28T10:15:00Z', state: 'dead' })
})

for (const bits of [0, 1, 2, 3, 8, 9, 15, 16])
	for (const hilbert of [true, false])
		test(`each of 2^${bits} addresses has a cell of its own, ${hilbert ? 'on the curve' : 'in rows'}`, () => {
			const grid = layout(bits, hilbert)
			assert.equal(grid.rows * grid.columns, 2 ** bits)
			assert.equal(new Set(grid.place).size, 2 ** bits)
			for (let i = 0; i < 2 ** bits; i++) assert.equal(grid.index[grid.place[i]], i)
		})

test('on the curve, the next address is the next cell', () => {
	const { place, columns } = layout(16, true)
	for (let i = 1; i < place.length; i++) {
		const [a, b] = [place[i - 1], place[i]]
		const far = Math.abs((a % columns) - (b % columns)) + Math.abs(Math.floor(a / columns) - Math.floor(b / columns))
		assert.equal(far, 1, `between ${i - 1} and ${i}`)
	}
})

test('addresses and prefixes are numbers, and text again', () => {
	assert.equal(ip.text(ip.number('255.254.1.0')), '255.254.1.0')
	assert.equal(ip.number('10.0.0.256'), null)
	assert.deepEqual(ip.prefix('10.0.3.17/16'), { base: ip.number('10.0.0.0'), length: 16 })
	assert.deepEqual(ip.prefix('0.0.0.0/0'), { base: { bits: 32, value: 0n }, length: 0 })
	assert.deepEqual(ip.prefix('10.0.3.17'), { base: ip.number('10.0.3.17'), length: 32 })
	assert.equal(ip.prefix('10.0.0.0/33'), null)
	assert.equal(ip.prefix('ten'), null)
})

test('addresses of IPv6 are written as RFC 5952 has them', () => {
	const spelled = {
		'2001:DB8:0:0:0:0:0:1': '2001:db8::1',
		'2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
		'2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
		'0:0:0:0:0:0:0:0': '::',
		'::1': '::1',
		'fe80::': 'fe80::',
		'1:0:0:2:0:0:0:3': '1:0:0:2::3',
		'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff': 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
	}
	for (const [given, expected] of Object.entries(spelled)) assert.equal(ip.text(ip.number(given)), expected)
	for (const wrong of [':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '2001:db8::g', '::12345', 'fe80::1%eth0', '::ffff:10.0.0.1'])
		assert.equal(ip.number(wrong), null, wrong)
	assert.deepEqual(ip.prefix('2001:db8:0:7::11f/64'), { base: ip.number('2001:db8:0:7::'), length: 64 })
	assert.equal(ip.prefix('2001:db8::/129'), null)
	assert.equal(ip.text(ip.plus(ip.number('2001:db8::ffff'), 1)), '2001:db8::1:0')
	assert.ok(ip.contains(ip.prefix('2001:db8::/32'), ip.number('2001:db8:7::1')))
	assert.ok(!ip.contains(ip.prefix('::/0'), ip.number('10.0.0.1')))
})

test('a moment is read as people type it, and as UTC', () => {
	assert.equal(time.typed('2026-11-28 10:15'), '2026-11-28T10:15:00Z')
	assert.equal(time.typed('2026-11-28T10:15:09Z'), '2026-11-28T10:15:09Z')
	assert.equal(time.typed(' 2026-11-28 '), '2026-11-28T00:00:00Z')
	assert.equal(time.typed('yesterday'), null)
	assert.equal(time.typed('2026-13-41'), null)
	const back = time.seconds(time.typed('2h ago'))
	assert.ok(Math.abs(Date.now() / 1000 - 7200 - back) < 2)
})

test('spans have two units', () => {
	assert.equal(time.span(93784), '1 d 2 h')
	assert.equal(time.span(61), '1 min 1 s')
	assert.equal(time.span(0), '0 s')
})

test('changes have the words of arpkeeper log', () => {
	const a = { mac: '02:00:00:00:00:01', state: 'dynamic' }
	const b = { mac: '02:00:00:00:00:02', state: 'static' }
	assert.equal(words.change({ before: null, after: a, task: 'learn', interface: 'lan0', trigger: 'request' }), 'learned at 02:00:00:00:00:01 (lan0, request)')
	assert.equal(words.change({ before: a, after: b, task: 'operator/set' }), 'moved from 02:00:00:00:00:01 to 02:00:00:00:00:02, static')
	assert.equal(words.change({ before: a, after: null, task: 'expire', trigger: 'silence' }), 'expired, was at 02:00:00:00:00:01 (silence)')
	assert.equal(words.change({ before: a, after: null, task: 'expire', trigger: 'own address' }), 'removed, was at 02:00:00:00:00:01 (own address)')
	assert.equal(words.change({ before: a, after: { ...a, state: 'static' } }), 'now static, at 02:00:00:00:00:01')
	assert.equal(words.change({ before: null, after: b }), 'put at 02:00:00:00:00:02, static')
})
