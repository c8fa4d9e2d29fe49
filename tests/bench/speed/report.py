"""The table: what each question costs whom, and each goal that is missed."""
import statistics

import figures


def table(found):
    machine = found["machine"]
    lines = [
        "# How fast Waybill answers",
        "",
        "Written by `tests/bench/speed`; tests/bench/README.md says how it measures.",
        "",
        f"- Measured {found['at']}, commit {found['commit']}: {found['rows']:,} shipments, 50,000 statements, "
        f"{found['connections']} connections, {found['rounds']} interleaved rounds of {found['seconds']} s each.",
        f"- {machine['processor']}, {machine['cores']} cores, {machine['memory']}, {machine['system']}.",
        f"- Clients and databases ran on the same machine. {', '.join(name + ' ' + each['version'] for name, each in found['databases'].items())}.",
        "",
        "CPU is that of server and database together, in µs a request. *Raw* is the hand-written server's SQL "
        "under pgbench, the database's CPU alone; of *the answer again* it is a static answer. Ratios are medians "
        "of each round's; *A/A* is Waybill to itself, measured again at once: as far as it is from 1, nothing is certain.",
        "",
        "![CPU a request](speed.svg)",
    ]
    missed = []
    for name, measured in found["databases"].items():
        lines += ["", f"## {name}", "", *costs(measured), "", *times(measured), "", *start(measured)]
        missed += figures.missed(name, measured)
    lines += ["", "## Goals missed", ""]
    lines += [f"- {each}." for each in missed] or ["None."]
    return "\n".join(lines) + "\n"


def costs(measured):
    yield "| Question | raw µs | by hand µs | Waybill µs (server + database) | by hand, × raw | Waybill, × raw | Waybill, × by hand | goal | A/A |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for question, rounds in figures.asked(measured):
        median = lambda who, figure="cpu": figures.median(rounds, who, figure)
        ratio = lambda one, other: times_of(figures.ratio(rounds, one, other))
        aim = figures.goal(question, rounds)
        goal = f"{aim[1]:.2g}× {'raw' if aim[0] == 'raw' else 'by hand'}" if aim else "–"
        met = aim and figures.ratio(rounds, "waybill", aim[0]) <= aim[1]
        parts = f" ({whole(median('waybill', 'server'))} + {whole(median('waybill', 'database'))})" if median("waybill", "database") else ""
        yield (
            f"| {question.title} | {whole(median('raw'))} | {whole(median('baseline'))} | {whole(median('waybill'))}{parts} "
            f"| {ratio('baseline', 'raw')} | {ratio('waybill', 'raw')} | {ratio('waybill', 'baseline')} "
            f"| {goal}{'' if not aim else ', met' if met else ', **missed**'} | {ratio('control', 'waybill')} |"
        )


def times(measured):
    yield "| Question | a second: by hand | Waybill | p50 ms: by hand | Waybill | p99 ms: by hand | Waybill | first after a start, ms: by hand | Waybill |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for question, rounds in figures.asked(measured):
        cells = []
        for figure in ("rate", "p50", "p99"):
            for who in ("baseline", "waybill"):
                if figure == "rate":
                    rates = [round[who]["requests"] / round[who]["seconds"] for round in rounds]
                    cells.append(f"{statistics.median(rates):,.0f}")
                else:
                    cells.append(f"{figures.median(rounds, who, figure):.2f}")
        first = measured["firsts"].get(question.name, {})
        cells += [f"{first[who]:.1f}" if first else "–" for who in ("baseline", "waybill")]
        yield f"| {question.title} | {' | '.join(cells)} |"


def start(measured):
    yield "| | by hand | Waybill | goal |"
    yield "|---|--:|--:|--:|"
    starts = {who: statistics.median(each) if each else float("nan") for who, each in measured["starts"].items()}
    yield f"| ready after a start, ms | {starts['baseline']:.0f} | {starts['waybill']:.0f} | {figures.READY} |"
    for title, key, goal in (("memory of its own while idle, MiB", "idle", "50 and the caches"), ("after the rounds, MiB", "after", "–")):
        yield f"| {title} | {measured[key]['baseline'] / 2**20:.0f} | {measured[key]['waybill'] / 2**20:.0f} | {goal} |"
    live = figures.median(measured["questions"].get("again", []), "live", "cpu")
    if live:
        yield f"| `GET /health/live`, µs | – | {live:.0f} | – |"


def whole(figure):
    return "–" if figure is None else f"{figure:,.0f}" if figure >= 10 else f"{figure:.1f}"


def times_of(ratio):
    return "–" if ratio is None else f"{ratio:.2f}"
