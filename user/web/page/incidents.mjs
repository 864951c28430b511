// SPDX-License-Identifier: MIT
// Alerts, grouped by address and station, with the frames' facts.

import { address, facts, moment, station } from './changes.mjs'
import { make } from './dom.mjs'
import { page } from './page.mjs'
import { range } from './timeline.mjs'
import { seconds, shown, span, text } from './time.mjs'
import { count } from './words.mjs'

function group(one) {
	const lasted = seconds(one.last) - seconds(one.first)
	return make(
		'li',
		{},
		make(
			'details',
			{ class: 'incident' },
			make(
				'summary',
				{},
				make('span', { class: 'kind' }, one.kind),
				make('span', { class: 'number' }, one.address ?? ''),
				make('span', { class: 'number' }, [one.mac, one.other].filter(Boolean).join(' ↔ ')),
				make('span', {}, `${count(one.count, 'time')}${lasted > 0 ? ` in ${span(lasted)}` : ''}`),
				make('span', { class: 'time' }, shown(one.last)),
			),
			make(
				'p',
				{},
				'First ',
				moment(one.first),
				', last ',
				moment(one.last),
				one.address ? ['. Address ', address(one.address, one.segment)] : null,
				one.mac ? ['. Station ', station(one.mac)] : null,
				one.other ? [', and ', station(one.other)] : null,
				'.',
			),
			one.latest ? facts(one.latest) : null,
		),
	)
}

export function open(place, view) {
	const body = make('div')
	place.replaceChildren(make('h2', {}, 'Incidents'), body)
	return page(body, view, {
		question(now) {
			// Of the span that the timeline shows; as of a moment, what was known then.
			const [since, until] = range(now)
			const end = now.at && seconds(now.at) < until ? now.at : now.until ? text(until) : null
			return ['alerts', { since: text(Math.floor(since / 60) * 60), until: end, limit: 500 }]
		},
		concerns: (event) => event.type === 'alert' || event.alert,
		answer: ({ groups, total = groups.length, since }) =>
			groups.length
				? [make('p', { class: 'dim' }, `${count(total, 'incident')} in the timeline’s span${total > groups.length ? `; the latest ${groups.length} are listed` : ''}${since ? `. There are too many alerts to look at all: these are since ${shown(since)}` : ''}.`), make('ul', { class: 'incidents' }, groups.map(group))]
				: make('p', {}, 'No alerts in the timeline’s span.'),
	})
}
