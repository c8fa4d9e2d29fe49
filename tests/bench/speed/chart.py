"""The chart: bars of CPU a request, by hand-written SVG, on light and on dark."""
from html import escape

import figures

WIDTH, LEFT, RIGHT = 900, 20, 250
BAR, GAP, GROUP = 13, 3, 44
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-size: 17px; font-weight: 600 }
.head { font-size: 14px; font-weight: 600 } .quiet { fill: #59636e }
.raw { fill: #8c959f } .baseline { fill: #bf8700 } .waybill { fill: #0969da } .server { opacity: .55 }
.goal { stroke: #cf222e; stroke-width: 2 } .back { fill: #ffffff }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .quiet { fill: #9198a1 } .back { fill: #0d1117 }
.raw { fill: #767e88 } .baseline { fill: #d29922 } .waybill { fill: #4493f8 } .goal { stroke: #f85149 } }
"""
NAMES = {"raw": "raw SQL", "baseline": "by hand", "waybill": "Waybill"}


def svg(found):
    body, y = [], 34
    body.append(text(LEFT, y, "CPU a request, server and database together", "title"))
    y += 22
    body.append(text(LEFT, y, f"Microseconds, {found['rows']:,} shipments, {found['connections']} connections, {found['machine']['processor']}. Each question has its own scale.", "quiet"))
    y += 24
    x = LEFT
    for who, name in (("raw", "raw SQL; a static answer"), ("baseline", "by hand"), ("waybill", "Waybill")):
        body += [rect(x, y - 10, 12, 12, who), text(x + 18, y, name)]
        x += 48 + 7 * len(name)
    body += [rect(x, y - 10, 12, 12, "waybill"), rect(x + 12, y - 10, 12, 12, "waybill server"), text(x + 30, y, "database, server")]
    x += 155
    body += [line(x, y - 12, y + 3), text(x + 8, y, "goal")]
    for name, measured in found["databases"].items():
        y += 44
        body.append(text(LEFT, y, f"{name} {measured['version']}", "head"))
        y += 8
        for question, rounds in figures.asked(measured):
            y += 22
            body.append(text(LEFT, y, question.title))
            y += 6
            drawn, y = group(question, rounds, y)
            body += drawn
    height = y + 24
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">\n'
        f"<title>CPU a request of Waybill, of a hand-written server and of the raw SQL</title>\n<style>{STYLE}</style>\n"
        f'<rect class="back" width="{WIDTH}" height="{height}"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def group(question, rounds, y):
    """The bars of one question, and where the next one begins."""
    present = [who for who in NAMES if any(who in round for round in rounds)]
    cost = {who: figures.median(rounds, who, "cpu") for who in present}
    aim = figures.goal(question, rounds)
    goal = aim and aim[1] * cost[aim[0]]
    scale = (WIDTH - LEFT - RIGHT) / max([*cost.values(), goal or 0, 0.001])
    drawn, top = [], y
    for who in present:
        database = figures.median(rounds, who, "database") * scale
        drawn.append(rect(LEFT, y, database, BAR, who))
        if question.name == "again" or who != "raw":
            drawn.append(rect(LEFT + database, y, cost[who] * scale - database, BAR, f"{who} server"))
        ratio = figures.ratio(rounds, who, "raw" if "raw" in present else "baseline")
        label = f"{cost[who]:,.0f} µs" if cost[who] >= 10 else f"{cost[who]:.1f} µs"
        unit = "" if ratio is None or who == ("raw" if "raw" in present else "baseline") else f", {ratio:.2f}×"
        drawn.append(text(LEFT + cost[who] * scale + 6, y + BAR - 2, f"{label}{unit}", "quiet"))
        y += BAR + GAP
    if goal:
        drawn.append(line(LEFT + goal * scale, top - 2, y - GAP + 2))
    return drawn, y


def text(x, y, words, kind=""):
    return f'<text x="{x:.1f}" y="{y}" class="{kind}">{escape(words)}</text>'


def rect(x, y, width, height, kind):
    return f'<rect x="{x:.1f}" y="{y}" width="{max(width, 0):.1f}" height="{height}" class="{kind}"/>'


def line(x, top, bottom):
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" class="goal"/>'
