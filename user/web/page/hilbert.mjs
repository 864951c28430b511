// SPDX-License-Identifier: MIT
// Where a cell of the map is: along rows, or along Hilbert's curve, on which neighbours in number are neighbours in place.

// On a square whose side is a power of two.
function curve(side, index) {
	let x = 0
	let y = 0
	let left = index
	for (let size = 1; size < side; size *= 2) {
		const right = 1 & (left / 2)
		const up = 1 & (left ^ right)
		if (!up) {
			if (right) {
				x = size - 1 - x
				y = size - 1 - y
			}
			;[x, y] = [y, x]
		}
		x += size * right
		y += size * up
		left = Math.floor(left / 4)
	}
	return [x, y]
}

// For 2^bits addresses: the grid, and both ways between an index and its cell. With an odd number of bits there are two squares.
export function layout(bits, hilbert) {
	const rows = 1 << (bits >> 1)
	const columns = 1 << (bits - (bits >> 1))
	const cells = rows * columns
	const place = new Uint32Array(cells) // index -> y * columns + x
	const index = new Uint32Array(cells)
	const square = rows * rows
	for (let i = 0; i < cells; i++) {
		let x = i % columns
		let y = Math.floor(i / columns)
		if (hilbert) {
			;[x, y] = curve(rows, i % square)
			x += Math.floor(i / square) * rows
		}
		place[i] = y * columns + x
		index[place[i]] = i
	}
	return { rows, columns, place, index }
}
