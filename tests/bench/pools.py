"""How many connections to the database, and how many workers, serve how many clients best.

    python3 tests/bench/pools.py waybill [POSTGRES_URL]

The databases are those that tests/bench/speed/run leaves behind (1,000,000 shipments); PostgreSQL is
left out without its URL. Each setting of `--read-connections`, and then of `--workers`, is measured with 1, 8, 32 and 256
clients, in rounds that are interleaved, by two questions: a product by its code, which takes the
least that a request can, and a page of 50 shipments with all that it refers to. Answers are not
kept. What is shown are medians: requests a second, and the 99th percentile in milliseconds.
"""
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).parent / "speed"), str(pathlib.Path(__file__).parent)]

import databases
import load
import questions
import servers

SETTINGS = {"read-connections": (2, 4, 8, 16), "workers": (1, 2, 4)}
CLIENTS = (1, 8, 32, 256)
ASKED = ("product", "pair")
ROUNDS, SECONDS = 3, 1
ROWS = 1_000_000


def measure(waybill, database, folder, option):
    keys = folder / "keys.json"
    if not keys.exists():
        subprocess.run([waybill, "keys", "new", keys], check=True, stdout=subprocess.DEVNULL)
    files = {}
    for question in questions.QUESTIONS:
        if question.name in ASKED:
            path = folder / f"{database.name}-{question.name}.txt"
            bodies = [{"query": " ".join(question.document.split()), "variables": asked.graphql} for asked in questions.asked(question, database)]
            path.write_text("".join(f"{questions.json.dumps(body)}\n" for body in bodies))
            files[question.name] = path
    options = ["--response-cache-bytes", "0", "--max-concurrent", "1024"]
    started = {
        setting: servers.waybill(waybill, database, keys, [*options, f"--{option}", str(setting)])
        for setting in SETTINGS[option]
    }
    found = {}
    try:
        for round in range(ROUNDS + 1):
            for name, file in files.items():
                for clients in CLIENTS:
                    for setting, server in started.items():
                        figures = load.wrk(server.address, "/graphql", file, clients, SECONDS)
                        # The first round fills what is kept in memory.
                        if round:
                            found.setdefault((name, clients, setting), []).append(figures)
    finally:
        for server in started.values():
            server.stop()
    report(database.name, option, found)


def report(name, option, found):
    settings = SETTINGS[option]
    print(f"\n{name}, --{option}: answers a second, p99 in ms\n")
    print("| question | clients | " + " | ".join(str(setting) for setting in settings) + " |")
    print("|---|--:|" + "--:|" * len(settings))
    for question in ASKED:
        for clients in CLIENTS:
            cells = []
            for setting in settings:
                rounds = found[question, clients, setting]
                rate = statistics.median(round["requests"] / round["seconds"] for round in rounds)
                late = statistics.median(round["p99"] for round in rounds)
                cells.append(f"{rate:,.0f}, {late:.1f}")
            print(f"| {question} | {clients} | " + " | ".join(cells) + " |")


def main():
    waybill, postgres = sys.argv[1], (sys.argv[2:] or [None])[0]
    asked = [databases.Sqlite(str(pathlib.Path(tempfile.gettempdir(), f"bench-{ROWS}.db")))]
    if postgres:
        asked.insert(0, databases.Postgres(postgres, f"bench_{ROWS}"))
    with tempfile.TemporaryDirectory() as folder:
        for database in asked:
            for option in SETTINGS:
                measure(waybill, database, pathlib.Path(folder), option)


main()
