"""How an import of Comtrade records compares with the database's own bulk load.

    python3 tests/bench/import.py target/release/waybill [ROWS] [POSTGRES_URL]

Makes a file of ROWS invented records (fixed seed), imports it with `waybill`, and loads the very
rows that came out of it into an empty table of the same columns, indexes, checks and foreign keys:
by prepared inserts in one transaction on SQLite, by COPY on PostgreSQL. Each of the rounds does
both, one after the other, and the ratio is of each round. PostgreSQL is left out without its URL,
which must name a database that may be emptied. At the end the memory is told that an import of a tenth of
the rows took, and one of all of them: it must not grow with the file.
"""
import csv
import pathlib
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 3
waybill = sys.argv[1]
rows = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
postgres = sys.argv[3] if len(sys.argv) > 3 else None
folder = pathlib.Path(tempfile.mkdtemp())
random.seed(2023)

codes = sorted({f"{random.randrange(1, 98):02}{random.randrange(100):02}{random.randrange(100):02}" for _ in range(5000)})
with open(folder / "hs.csv", "w", newline="") as file:
    out = csv.writer(file)
    out.writerow(["hscode", "description", "parent", "level"])
    for code in sorted({c[:n] for c in codes for n in (2, 4, 6)}):
        out.writerow([code, f"Invented {code}", code[:-2] or "TOTAL", len(code)])

columns = ["typeCode", "freqCode", "refYear", "refMonth", "period", "reporterCode", "flowCode", "partnerCode", "partner2Code", "classificationCode", "cmdCode", "customsCode", "motCode", "qtyUnitCode", "qty", "isQtyEstimated", "netWgt", "isNetWgtEstimated", "grossWgt", "cifvalue", "fobvalue", "primaryValue", "isAggregate"]
partners = [4, 8, 12, 24, 32, 36, 40, 56, 76, 100, 124, 152, 156, 203, 208, 246, 250, 276, 300, 348, 356, 372, 380, 392, 410, 484, 528, 566, 578, 604, 616, 620, 642, 643, 682, 702, 704, 710, 724, 752, 756, 764, 792, 804, 818, 826, 840]
with open(folder / "comtrade.csv", "w", newline="") as file, open(folder / "tenth.csv", "w", newline="") as tenth:
    both = [csv.writer(file), csv.writer(tenth)]
    for out in both:
        out.writerow(columns)
    keys = set()
    while len(keys) < rows:
        keys.add((random.choice((2022, 2023)), random.choice(partners), random.choice("MX"), random.choice(partners), random.choice(codes)))
    for number, (year, reporter, flow, partner, code) in enumerate(sorted(keys)):
        value = f"{random.lognormvariate(9, 2):.3f}"
        net = f"{random.lognormvariate(6, 2):.3f}"
        cif, fob = (value, "") if flow == "M" else ("", value)
        row = ["C", "A", year, 52, year, reporter, flow, partner, 0, "H6", code, "C00", 0, 8, net, False, net, False, "0.0", cif, fob, value, False]
        for out in both if number % 10 == 0 else both[:1]:
            out.writerow(row)


def run(url, *arguments):
    """Seconds that a command took, and the mebibytes that it held at most."""
    peak, began = 0, time.monotonic()
    child = subprocess.Popen([waybill, *arguments, "--database-url", url], stdout=subprocess.DEVNULL)
    while child.poll() is None:
        status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
        # What this script itself held when it forked is not the child's.
        if f"Name:\t{pathlib.Path(waybill).name}\n" in status and "VmHWM" in status:
            peak = max(peak, int(status.split("VmHWM:")[1].split()[0]))
        time.sleep(0.02)
    if child.returncode:
        sys.exit(f"waybill {arguments} failed")
    return time.monotonic() - began, peak / 1024


def bring(url, file, slug):
    return run(url, "import", "comtrade", str(folder / file), "--dataset", slug)


def memory(url):
    run(url, "import", "hs", str(folder / "hs.csv"), "--edition", "HS2022")
    _, tenth = bring(url, "tenth.csv", "tenth")
    _, all_of_it = bring(url, "comtrade.csv", "all")
    return tenth, all_of_it


def report(name, pairs):
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    shown = ", ".join(f"{ours:.2f}/{theirs:.2f}" for ours, theirs in pairs)
    print(f"{name}: import takes {ratio:.2f} times the bulk load of {rows:,} rows (seconds a round: {shown})")


def sqlite_round(number):
    path = folder / f"{number}.db"
    url = f"sqlite://{path}?mode=rwc"
    run(url, "import", "hs", str(folder / "hs.csv"), "--edition", "HS2022")
    ours, _ = bring(url, "comtrade.csv", "bench")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = NORMAL")
    # As many pages in memory as the import has.
    db.execute("PRAGMA cache_size = -32768")
    held = db.execute("SELECT * FROM shipment").fetchall()
    db.execute("DELETE FROM shipment")
    db.execute("VACUUM")
    db.execute("PRAGMA foreign_keys = ON")
    began = time.monotonic()
    db.execute("BEGIN IMMEDIATE")
    db.executemany(f"INSERT INTO shipment VALUES ({','.join('?' * len(held[0]))})", held)
    db.execute("COMMIT")
    theirs = time.monotonic() - began
    db.close()
    path.unlink()
    return ours, theirs


def postgres_round(_):
    def psql(sql):
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", postgres, "-c", sql], check=True, capture_output=True)

    psql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    run(postgres, "import", "hs", str(folder / "hs.csv"), "--edition", "HS2022")
    ours, _ = bring(postgres, "comtrade.csv", "bench")
    dump = folder / "dump.csv"
    psql(f"\\copy shipment TO '{dump}' CSV")
    psql("TRUNCATE shipment CASCADE")
    began = time.monotonic()
    psql(f"\\copy shipment FROM '{dump}' CSV")
    return ours, time.monotonic() - began


report("SQLite", [sqlite_round(number) for number in range(ROUNDS)])
if postgres:
    report("PostgreSQL", [postgres_round(number) for number in range(ROUNDS)])
for url in [f"sqlite://{folder / 'memory.db'}?mode=rwc", *filter(None, [postgres])]:
    tenth, all_of_it = memory(url)
    print(f"{url.split(':')[0]}: it held {tenth:.0f} MiB for {rows // 10:,} rows, {all_of_it:.0f} MiB for {rows:,}")
