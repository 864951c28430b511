// SPDX-License-Identifier: MIT
// A station by its MAC: the addresses it had, when, and its alerts.

import { began, beginning, lifespan, pick, pickedOf } from './address.mjs'
import { address, alerts, changes, moment, table } from './changes.mjs'
import { make } from './dom.mjs'
import { link } from './hash.mjs'
import { page } from './page.mjs'
import { strip } from './strip.mjs'
import { now, seconds, shown, span } from './time.mjs'
import { count } from './words.mjs'

function render(answer, view, width) {
	const { held } = answer
	const lanes = new Map()
	for (const { segment, address: value, since, until } of held) {
		const label = new Set(held.map((one) => one.segment)).size > 1 ? `${segment} ${value}` : value
		const bars = lanes.get(label) ?? []
		lanes.set(label, bars)
		const end = until ? seconds(until) : now()
		bars.push({ since: began({ since }), until: end, state: 'dynamic', text: `${value}: ${since ? shown(since) : 'before history'} to ${until ? shown(until) : 'now'}` })
	}
	const at = view.at ? seconds(view.at) : now()
	const has = held.filter((one) => began(one) <= at && (!one.until || seconds(one.until) > at))
	const [since, until] = lifespan(
		view,
		[...held.map(began), ...answer.alerts.map((alert) => seconds(alert.time))],
		held.filter((one) => one.until).map((one) => seconds(one.until)),
	)
	return [
		make('p', { class: 'verdict' }, answer.vendor ? `${answer.vendor}. ` : '', view.at ? `At ${shown(view.at)} ` : 'Now ', make('strong', {}, `it has ${count(has.length, 'address', 'addresses')}`), has.length ? ': ' : '.', has.slice(0, 20).flatMap((one, i) => [i ? ', ' : '', address(one.address, one.segment)]), has.length > 20 ? ', …' : ''),
		held.length
			? strip({
					title: `Addresses of ${answer.mac}: ${lanes.size}. The table below has the same.`,
					lanes: [...lanes].map(([label, bars]) => ({ label, bars })),
					ticks: answer.alerts.map((alert) => ({ time: seconds(alert.time), text: `${shown(alert.time)} ${alert.kind ?? alert.alert}` })),
					picked: pickedOf(view),
					since,
					until,
					width,
					onpick: pick,
				})
			: make('p', {}, 'History has no address of this MAC.'),
		make('h3', {}, 'Addresses'),
		table(
			[
				['Since', beginning],
				['Until', (one) => (one.until ? moment(one.until) : 'now')],
				['Address', (one) => address(one.address, one.segment)],
				['Segment', (one) => one.segment],
				['For', (one) => one.since && span((one.until ? seconds(one.until) : now()) - seconds(one.since))],
			],
			held,
			`Addresses of ${answer.mac}`,
		),
		make('h3', {}, 'Changes'),
		answer.more ? make('p', { class: 'remark' }, `The latest ${answer.changes.length.toLocaleString('en')} are listed.`) : null,
		changes(answer.changes, ['time', 'address', 'what', 'who', 'why', 'commit'], `Changes about ${answer.mac}`),
		answer.alerts.length ? [make('h3', {}, 'Alerts'), alerts(answer.alerts, `Alerts about ${answer.mac}`)] : null,
	]
}

export function open(place, view) {
	const title = make('h2', {})
	const body = make('div')
	place.replaceChildren(make('p', { class: 'back' }, make('a', { href: link({ view: null, station: null }) }, '← Table')), title, body)
	const parts = page(body, view, {
		question: ({ station }) => (station ? [`mac/${encodeURIComponent(station)}`, {}] : null),
		nothing: 'Choose a MAC in the table.',
		concerns: (event, { station }) => [event.mac, event.other, event.before?.mac, event.after?.mac].includes(station),
		answer: (answer, now) => render(answer, now, Math.max(280, body.clientWidth)),
	})
	const update = (next) => {
		title.textContent = next.station ? `MAC ${next.station}` : 'MAC'
		parts.update(next)
	}
	title.textContent = view.station ? `MAC ${view.station}` : 'MAC'
	return { ...parts, update }
}
