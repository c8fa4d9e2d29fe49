"""How fast Waybill answers, beside the raw SQL and a server written by hand, in the same run.

    tests/bench/speed/run [--rows 1000000] [--postgres URL] [--quick] …
    python3 tests/bench/speed WAYBILL BASELINE …

wrk must be installed (Debian: `apt-get install wrk`), for PostgreSQL its psql and pgbench as well,
and the server must run on this machine, and for nobody else. The databases are made where they are
missing, and kept. Figures, table and chart go to the folder OUT.
"""
import argparse
import datetime
import json
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

import chart
import databases
import machine
import report
import rounds


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("waybill", help="its binary, built for release")
    parser.add_argument("baseline", help="that of the hand-written server, likewise")
    parser.add_argument("--rows", type=int, default=1_000_000, help="shipments; 1,000,000 when absent")
    parser.add_argument("--postgres", metavar="URL", help="of a server where a database may be made; SQLite alone when absent")
    parser.add_argument("--postgres-database", metavar="NAME", help="its name; bench_ROWS when absent")
    parser.add_argument("--sqlite", metavar="FILE", help="the SQLite database; bench-ROWS.db in the folder for temporary files when absent")
    parser.add_argument("--database", choices=("sqlite", "postgres"), help="this one alone")
    parser.add_argument("--rounds", type=int, default=5, help="5 when absent")
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement; 3 when absent")
    parser.add_argument("--connections", type=int, default=8, help="8 when absent")
    parser.add_argument("--only", metavar="QUESTION,…", type=lambda text: text.split(","), help="these questions alone")
    parser.add_argument("--quick", action="store_true", help="100,000 rows, 2 rounds, 1 second: to see that it runs")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "results", help="tests/bench/results when absent")
    options = parser.parse_args()
    if options.quick:
        options.rows, options.rounds, options.seconds = 100_000, 2, 1
    for binary in ("waybill", "baseline"):
        setattr(options, binary, str(pathlib.Path(getattr(options, binary)).resolve(strict=True)))
    needed = ["wrk"] + ["psql", "pgbench"] * bool(options.postgres)
    missing = [name for name in needed if not shutil.which(name)]
    if missing:
        parser.error(f"missing: {', '.join(missing)}; on Debian: apt-get install wrk postgresql-client postgresql")
    return options


def chosen(options):
    name = options.postgres_database or f"bench_{options.rows}"
    file = options.sqlite or str(pathlib.Path(tempfile.gettempdir(), f"bench-{options.rows}.db"))
    if options.postgres and options.database != "sqlite":
        yield databases.Postgres(options.postgres, name)
    if options.database != "postgres":
        yield databases.Sqlite(file)


def main():
    options = arguments()
    found = {
        "machine": machine.described(),
        "at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": machine.commit(),
        "rows": options.rows, "rounds": options.rounds, "seconds": options.seconds, "connections": options.connections,
        "databases": {},
    }
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as folder:
        for database in chosen(options):
            databases.fill(database, options.waybill, options.rows)
            bench = rounds.Bench(options, database, pathlib.Path(folder), options.only)
            measured = {"version": database.version(), **bench.first_requests(), **bench.measure()}
            found["databases"][database.name] = measured
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "speed.json").write_text(json.dumps(found, indent=1) + "\n")
    table = report.table(found)
    (options.out / "speed.md").write_text(table)
    (options.out / "speed.svg").write_text(chart.svg(found))
    print(table)


main()
