// SPDX-License-Identifier: MIT
// The life of an address: who held it, when, the gaps, the contests; and each change with who, why, and its commit.

import { alerts, changes, commit, moment, station, table } from './changes.mjs'
import { make } from './dom.mjs'
import { go, link } from './hash.mjs'
import { page } from './page.mjs'
import { strip } from './strip.mjs'
import { range } from './timeline.mjs'
import { now, seconds, shown, span, text } from './time.mjs'
import { count } from './words.mjs'

// The span of a strip: all of the life, or what the timeline is zoomed to.
export function lifespan(view, starts, ends) {
	if (view.since || view.until) return range(view)
	const until = Math.max(now(), ...ends)
	const since = Math.min(until - 60, ...starts.filter(Number.isFinite), ...ends)
	const margin = (until - since) * 0.02
	return [since - margin, until]
}

// History may begin with what was there already.
export const began = ({ since }) => (since ? seconds(since) : -Infinity)
export const beginning = ({ since }) => (since ? moment(since) : 'before history')

export const pickedOf = (view) => [
	...(view.at ? [{ time: seconds(view.at), kind: 'at' }] : []),
	...(view.to ? [{ time: seconds(view.to), kind: 'to' }] : []),
]

export function pick(time, second) {
	if (second) go({ to: text(time) })
	else go({ at: time >= now() ? null : text(time), to: null })
}

function holder(lives, at) {
	return lives.find((life) => began(life) <= at && (!life.until || seconds(life.until) > at))
}

function render(answer, view, width) {
	const { lives, segment } = answer
	const lanes = new Map()
	for (const life of lives) {
		const bars = lanes.get(life.mac) ?? []
		lanes.set(life.mac, bars)
		const since = began(life)
		const until = life.until ? seconds(life.until) : now()
		bars.push({ since, until, state: life.state, text: `${life.mac}${life.state ? `, ${life.state}` : ''}: ${life.since ? shown(life.since) : 'before history'} to ${life.until ? shown(life.until) : 'now'}${life.since ? ` (${span(until - since)})` : ''}` })
	}
	const [since, until] = lifespan(
		view,
		[...lives.map(began), ...answer.alerts.map((alert) => seconds(alert.time))],
		lives.filter((life) => life.until).map((life) => seconds(life.until)),
	)
	const at = view.at ? seconds(view.at) : now()
	const held = holder(lives, at)
	const when = view.at ? `At ${shown(view.at)}` : 'Now'
	return [
		make(
			'p',
			{ class: 'verdict' },
			`${when} `,
			held ? [make('strong', {}, 'it is at '), station(held.mac), held.state ? `, ${held.state}, since ` : ', since ', beginning(held), held.since ? ` (${span(at - seconds(held.since))})` : ''] : make('strong', {}, 'it has no holder'),
		),
		lives.length
			? strip({
					title: `Life of ${answer.address}: ${count(lives.length, 'life', 'lives')}, ${count(lanes.size, 'holder')}. The table below has the same.`,
					lanes: [...lanes].map(([label, bars]) => ({ label, bars })),
					ticks: answer.alerts.map((alert) => ({ time: seconds(alert.time), text: `${shown(alert.time)} ${alert.kind ?? alert.alert}` })),
					picked: pickedOf(view),
					since,
					until,
					width,
					onpick: pick,
				})
			: make('p', {}, 'History has no holder of this address.'),
		make('h3', {}, 'Holders'),
		table(
			[
				['Since', beginning],
				['Until', (life) => (life.until ? moment(life.until) : 'now')],
				['MAC', (life) => station(life.mac)],
				['State', (life) => life.state && make('span', { class: `state ${life.state}` }, life.state)],
				['Who', (life) => life.author],
				['Why', (life) => life.task],
				['Ended by', (life) => life.ended_by],
				['Commit', (life) => commit(life.commit)],
			],
			lives,
			`Who held ${answer.address}`,
		),
		answer.more_lives ? make('p', { class: 'remark' }, 'It had more holders, longer ago.') : null,
		make('h3', {}, 'Changes'),
		answer.more ? make('p', { class: 'remark' }, `The latest ${answer.changes.length.toLocaleString('en')} are listed.`) : null,
		changes(answer.changes, ['time', 'what', 'who', 'why', 'commit'], `Changes of ${answer.address}`),
		answer.alerts.length ? [make('h3', {}, 'Alerts'), alerts(answer.alerts, `Alerts about ${answer.address}`)] : null,
		segment ? make('p', { class: 'hint' }, 'The same in a terminal: ', make('code', {}, `arpkeeper log ${answer.address} --alerts`)) : null,
	]
}

export function open(place, view) {
	const title = make('h2', {})
	const body = make('div')
	place.replaceChildren(make('p', { class: 'back' }, make('a', { href: link({ view: null, address: null }) }, '← Table')), title, body)
	const parts = page(body, view, {
		question: ({ address, segment }) => (address ? [`address/${encodeURIComponent(address)}`, { segment }] : null),
		nothing: 'Choose an address in the table or on the map.',
		concerns: (event, { address }) => event.address === address,
		answer: (answer, now) => render(answer, now, Math.max(280, body.clientWidth)),
	})
	const update = (next) => {
		title.textContent = next.address ? `Address ${next.address}` : 'Address'
		parts.update(next)
	}
	title.textContent = view.address ? `Address ${view.address}` : 'Address'
	return { ...parts, update }
}
