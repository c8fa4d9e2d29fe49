"""How an import of Comtrade records compares with the database's own bulk load.

    python3 tests/bench/import.py target/release/waybill [ROWS] [POSTGRES_URL]

Makes a file of ROWS invented records (fixed seed), imports it with `waybill`, and loads the very
rows that came out of it into an empty table of the same columns, indexes, checks and foreign keys:
by prepared inserts in one transaction on SQLite, by COPY on PostgreSQL. Each of the rounds does
both, one after the other, and the ratio is of each round. PostgreSQL is left out without its URL,
which must name a database that may be emptied.
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
peak = 0
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
with open(folder / "comtrade.csv", "w", newline="") as file:
    out = csv.writer(file)
    out.writerow(columns)
    keys = set()
    while len(keys) < rows:
        keys.add((random.choice((2022, 2023)), random.choice(partners), random.choice("MX"), random.choice(partners), random.choice(codes)))
    for year, reporter, flow, partner, code in sorted(keys):
        value = f"{random.lognormvariate(9, 2):.3f}"
        net = f"{random.lognormvariate(6, 2):.3f}"
        cif, fob = (value, "") if flow == "M" else ("", value)
        out.writerow(["C", "A", year, 52, year, reporter, flow, partner, 0, "H6", code, "C00", 0, 8, net, False, net, False, "0.0", cif, fob, value, False])


def run(url, *arguments):
    global peak
    began = time.monotonic()
    child = subprocess.Popen([waybill, *arguments, "--database-url", url], stdout=subprocess.DEVNULL)
    while child.poll() is None:
        status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
        # What this script itself held when it forked is not the child's.
        if f"Name:\t{pathlib.Path(waybill).name}\n" in status and "VmHWM" in status:
            peak = max(peak, int(status.split("VmHWM:")[1].split()[0]))
        time.sleep(0.02)
    if child.returncode:
        sys.exit(f"waybill {arguments} failed")
    return time.monotonic() - began


def report(name, pairs):
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    shown = ", ".join(f"{ours:.2f}/{theirs:.2f}" for ours, theirs in pairs)
    print(f"{name}: import takes {ratio:.2f} times the bulk load of {rows:,} rows (seconds a round: {shown})")


def sqlite_round(number):
    path = folder / f"{number}.db"
    url = f"sqlite://{path}?mode=rwc"
    run(url, "import", "hs", str(folder / "hs.csv"), "--edition", "HS2022")
    ours = run(url, "import", "comtrade", str(folder / "comtrade.csv"), "--dataset", "bench")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = NORMAL")
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
    ours = run(postgres, "import", "comtrade", str(folder / "comtrade.csv"), "--dataset", "bench")
    dump = folder / "dump.csv"
    psql(f"\\copy shipment TO '{dump}' CSV")
    psql("TRUNCATE shipment CASCADE")
    began = time.monotonic()
    psql(f"\\copy shipment FROM '{dump}' CSV")
    return ours, time.monotonic() - began


report("SQLite", [sqlite_round(number) for number in range(ROUNDS)])
if postgres:
    report("PostgreSQL", [postgres_round(number) for number in range(ROUNDS)])
print(f"waybill held at most {peak / 1024:.0f} MiB")
