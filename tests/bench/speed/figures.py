"""From rounds to what is told of them: medians, and medians of each round's ratios."""
import statistics

import questions

# p99 is not to be above the hand-written server's by more than half.
TAIL = 1.5
AGAIN = 1.5
READY = 100
IDLE = 50 * 2**20


def median(rounds, who, figure):
    values = [round[who][figure] for round in rounds if who in round]
    return statistics.median(values) if values else None


def ratio(rounds, one, other, figure="cpu"):
    """Of each round, so that what slows a round down slows both."""
    values = [round[one][figure] / round[other][figure] for round in rounds if one in round and other in round and round[other][figure]]
    return statistics.median(values) if values else None


def goal(question, rounds):
    """What the ratio of Waybill is held against: to the raw SQL, or else to the hand-written server."""
    if question.name == "again":
        return "raw", AGAIN
    if question.goal is None:
        return None
    if any("raw" in round for round in rounds):
        return "raw", question.goal
    if question.handwritten is None:
        return None
    return "baseline", question.goal / question.handwritten


def asked(measured):
    """The questions that were put, each with its rounds."""
    for question in questions.QUESTIONS:
        if measured["questions"].get(question.name):
            yield question, measured["questions"][question.name]


def missed(name, measured):
    """Each goal that was not met, in words."""
    for question, rounds in asked(measured):
        aim = goal(question, rounds)
        if aim:
            unit = {"raw": "a static answer" if question.name == "again" else "the raw SQL", "baseline": "the hand-written server"}[aim[0]]
            found = ratio(rounds, "waybill", aim[0])
            if found and found > aim[1]:
                yield f"{name}, {question.title}: {found:.2f}× {unit}, and not {aim[1]:.2g}×: {question.why or 'as the columns say'}"
        tail = ratio(rounds, "waybill", "baseline", "p99")
        if tail and tail > TAIL and question.name != "again":
            late = f": {question.late}" if question.late else ""
            yield f"{name}, {question.title}: p99 is {tail:.2f}× the hand-written server's, and not {TAIL}×{late}"
    ready = measured["starts"]["waybill"] and statistics.median(measured["starts"]["waybill"])
    if ready and ready > READY:
        yield f"{name}: ready {ready:.0f} ms after its start, and not {READY} ms"
    if measured["idle"]["waybill"] > IDLE:
        yield f"{name}: {measured['idle']['waybill'] / 2**20:.0f} MiB while idle, and not 50 MiB and the caches: some 45 MiB are there before anything is asked, 25 MiB are the totals, 20 MiB what is kept of reference rows, and the rest is what building these has left to the allocator, which gives it back by and by"
