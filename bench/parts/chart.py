"""An SVG with two panels of bars, drawn by hand: nothing to install, nothing to load."""

from html import escape
from math import log10

WIDTH, LABELS, RIGHT, LINE = 760, 210, 90, 34
STYLE = """
text { font: 14px system-ui, sans-serif; fill: #1f2933 }
.title { font-weight: 600; font-size: 16px } .small { font-size: 12px; fill: #52606d }
.ours { fill: #1b6ca8 } .over { fill: #b4540a } .peer { fill: #9aa5b1 } .axis { stroke: #cbd2d9 }
.budget { stroke: #1f2933; stroke-width: 2 } .paper { fill: #fff }
@media (prefers-color-scheme: dark) {
  .paper { fill: #14181d } text { fill: #e4e7eb } .small { fill: #a7b1bc } .axis { stroke: #3e4c59 }
  .budget { stroke: #e4e7eb } .ours { fill: #4aa3df } .over { fill: #e8894a } .peer { fill: #616e7c }
}
"""


def text(x, y, words, kind="", anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def bar(y, length, kind):
    return f'<rect x="{LABELS}" y="{y:.0f}" width="{max(length, 1):.1f}" height="20" rx="3" class="{kind}"/>'


def axis(y, end):
    return f'<line x1="{LABELS}" x2="{LABELS}" y1="{y:.0f}" y2="{end:.0f}" class="axis"/>'


def draw(ours, compared, caption):
    """`ours`: label, ratio, budget or None. `compared`: row, program, ratio."""
    parts, room = [], WIDTH - LABELS - RIGHT
    parts.append(text(16, 30, "CPU a request, in multiples of a bare axum form handler", "title"))
    parts.append(text(16, 50, "Lower is better. The mark is the budget.", "small"))
    top = max(max(ratio, budget or 0) for _, ratio, budget in ours) * 1.05
    y = 66
    for label, ratio, budget in ours:
        kind = "over" if budget and ratio > budget else "ours"
        parts += [text(LABELS - 10, y + 15, label, anchor="end"), bar(y, ratio / top * room, kind)]
        if budget:
            x = LABELS + budget / top * room
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 4}" y2="{y + 24}" class="budget"/>')
        end = max(ratio, budget or 0)
        parts.append(text(LABELS + end / top * room + 8, y + 15, f"{ratio:.1f} x"))
        y += LINE
    parts.append(axis(58, y))
    if compared:
        y += 24
        parts.append(text(16, y, "Beside peers from the registries (logarithmic)", "title"))
        y += 14
        top_of_peers = y
        most = log10(max(ratio for *_, ratio in compared)) * 1.05
        last = None
        for row, program, ratio in compared:
            if row != last:
                y += 6
                parts.append(text(16, y + 14, row, "small"))
                y += 22
                last = row
            kind = "ours" if program == "Omniport" else "peer"
            length = log10(max(ratio, 1)) / most * room
            parts += [text(LABELS - 10, y + 15, program, anchor="end"), bar(y, length, kind)]
            parts.append(text(LABELS + length + 8, y + 15, f"{ratio:.1f} x"))
            y += LINE - 6
        parts.append(axis(top_of_peers, y))
    y += 20
    parts.append(text(16, y, caption, "small"))
    height = y + 16
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Benchmark">'
        f'<style>{STYLE}</style><rect class="paper" width="100%" height="100%"/>{"".join(parts)}</svg>\n'
    )
