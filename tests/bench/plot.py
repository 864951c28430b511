# SPDX-License-Identifier: MIT
"""Curves as a plain SVG, one panel below the other, a common x axis."""

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 900, 190, 90, 30, 60, 46
INK, RULE, COLOURS = "#222", "#ddd", ("#1f5fa8", "#c2571a", "#3a7d34")
TICKS = 5


def nice(most):
    """The step of a scale that reaches `most` in about TICKS steps: 1, 2 or 5 times a power of ten."""
    step = 10 ** (len(str(int(most / TICKS))) - 1) if most >= TICKS else 10.0**-3
    while True:
        for factor in (1, 2, 5):
            if step * factor * TICKS >= most:
                return step * factor
        step *= 10


def label(value):
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:g}"


def text(x, y, words, anchor="start", size=12, colour=INK, bold=False):
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"{weight}>{words}</text>'


def panel(at, title, unit, curves, x_most):
    """curves: (name, [(x, y)...])."""
    most = max((y for _, points in curves for _, y in points), default=1) or 1
    step = nice(most)
    ticks = next(n for n in range(1, TICKS + 1) if step * n >= most)
    y_most = step * ticks
    height, width = PANEL - GAP, WIDTH - LEFT - RIGHT
    parts = [text(LEFT, at - 8, f"{title}, {unit}", bold=True)]
    for i in range(ticks + 1):
        y = at + height - height * i / ticks
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + width}" y2="{y:.1f}" stroke="{RULE}"/>')
        parts.append(text(LEFT - 8, y + 4, label(step * i), "end"))
    for i, (name, points) in enumerate(curves):
        line = " ".join(f"{LEFT + width * x / x_most:.1f},{at + height - height * y / y_most:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[i]}" stroke-width="1.6"/>')
        if name:
            parts.append(text(LEFT + width - 170 * (len(curves) - 1 - i), at - 8, name, "end", colour=COLOURS[i]))
    return parts


def write(path, title, x_label, panels):
    """panels: (title, unit, curves)."""
    x_most = max(x for _, _, curves in panels for _, points in curves for x, _ in points)
    height = TOP + PANEL * len(panels) + 20
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
             f'<rect width="{WIDTH}" height="{height}" fill="white"/>', text(LEFT, 24, title, size=16, bold=True)]
    for i, (name, unit, curves) in enumerate(panels):
        parts += panel(TOP + PANEL * i, name, unit, curves, x_most)
    bottom = TOP + PANEL * len(panels) - GAP
    step = nice(x_most)
    for i in range(TICKS + 1):
        if step * i <= x_most:
            parts.append(text(LEFT + (WIDTH - LEFT - RIGHT) * step * i / x_most, bottom + 18, label(step * i), "middle"))
    parts.append(text(LEFT + (WIDTH - LEFT - RIGHT) / 2, bottom + 38, x_label, "middle"))
    with open(path, "w", encoding="utf-8") as output:
        output.write("\n".join(parts) + "\n</svg>\n")
