"""How totals compare with the same SQL over plain indexes.

    python3 tests/bench/totals.py waybill DATABASE_URL [--duckdb]

The database was filled by tests/bench/shipments.py. A server is started on it, and each question is
put to both, one after the other, in every round: to Waybill as a client does it, over HTTP, and to
the database by a connection that is open already. SQL is spared what Waybill does besides: finding
leaves, coverage, shares and warnings, and the way to a server: what that takes is measured in the
same run, by asking for nothing, and the ratio is told with it and without. What both say must be the
same. Waybill is asked twice in a row, so that its ratio to itself (A/A) shows the noise.

With `--duckdb` (PyPI: duckdb) the same rows go into a table of DuckDB in memory as well, which has a
single thread for the questions about everything. Waybill takes as many as there are cores, unless
the whole is run by `taskset -c 0`.
"""
import csv
import functools
import http.client
import json
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 5
waybill, url = sys.argv[1:3]
with_duckdb = "--duckdb" in sys.argv[3:]
SCALE = 1000

COUNTED = """
    FROM shipment AS s JOIN product AS p ON p.id = s.product_id JOIN edition AS e ON e.id = p.edition_id
    WHERE s.dataset_id = {dataset} AND s.reported_by = 'IMPORTER' AND s.flow = 'IMPORT' AND s.frequency = 'MONTH' AND s.status = 'PUBLISHED'
      AND s.partner2_id IS NULL AND s.customs_procedure IS NULL AND s.mode_of_transport IS NULL
"""
FIGURES = "count(*), sum(s.value), sum(s.net_mass)"
YEAR = "substr(CAST(s.period_start AS text), 1, 4)"


def question(groups, filters=""):
    return f"""{{ tradeTotals(grain: STATISTIC, perspective: IMPORTER, first: 1000,
        filter: {{ dataset: {{ slug: {{ eq: "generated" }} }}, frequency: MONTH, {filters} }}, groupBy: [{groups}]) {{
        total {{ recordCount value netMass }} groupCount }} }}"""


class Sqlite:
    def __init__(self):
        self.db = sqlite3.connect(url.removeprefix("sqlite://").partition("?")[0])
        self.db.execute("PRAGMA cache_size = -400000")

    def rows(self, sql):
        return self.db.execute(sql).fetchall()

    def id(self, value):
        return f"x'{value.hex()}'"

    def write(self, sql, path):
        with open(path, "w", newline="") as file:
            csv.writer(file).writerows(self.db.execute(sql))


class Postgres:
    """psql, kept open: its own time to print some rows is small beside the query's."""

    def __init__(self):
        command = ["psql", "-qtA", "-F", "\t", "-v", "ON_ERROR_STOP=1", url]
        self.psql = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def rows(self, sql):
        self.psql.stdin.write(f"{sql};\n\\echo --end\n")
        self.psql.stdin.flush()
        found = []
        for line in self.psql.stdout:
            if line == "--end\n":
                return found
            found.append(tuple(line.rstrip("\n").split("\t")))
        sys.exit("psql gave up")

    def id(self, value):
        return f"'{value}'"

    def write(self, sql, path):
        copy = f"\\copy ({' '.join(sql.split())}) TO '{path}' CSV"
        subprocess.run(["psql", "-q", url, "-c", copy], check=True)


database = Sqlite() if url.startswith("sqlite") else Postgres()
dataset = database.id(database.rows("SELECT id FROM dataset WHERE slug = 'generated'")[0][0])


@functools.cache
def ranked(column):
    """Ids by how many records have them. All but one are of the dataset, which no index needs to be asked for."""
    found = database.rows(f"SELECT {column}, count(*) FROM shipment WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC")
    return [database.id(row[0]) for row in found]


def country(rank):
    """The country with so many countries before it, by how much it trades."""
    id = ranked("exporter_id")[rank]
    return id, database.rows(f"SELECT m49 FROM country WHERE id = {id}")[0][0]


def product(rank):
    id = ranked("product_id")[rank]
    return id, database.rows(f"SELECT code FROM product WHERE id = {id}")[0][0]


def pair(one, other):
    return (
        f'exporter: {{ m49: {{ eq: "{one[1]}" }} }}, importer: {{ m49: {{ eq: "{other[1]}" }} }}',
        f"AND s.exporter_id = {one[0]} AND s.importer_id = {other[0]}",
    )


def one_product(found):
    return f'product: {{ code: {{ eq: "{found[1]}" }} }}', f"AND s.product_id = {found[0]}"


big, middle, small = country(0), country(20), country(150)
largest, usual = product(0), product(2500)
everything = ("", "")
BY = {
    "year": ("YEAR", YEAR),
    "chapter": ("CHAPTER", "substr(p.code, 1, 2)"),
    "year, chapter": ("YEAR, CHAPTER", f"{YEAR}, substr(p.code, 1, 2)"),
    "month": ("MONTH", "s.period_start"),
    "subheading": ("SUBHEADING", "p.code"),
    "exporter": ("EXPORTER", "s.exporter_id"),
    "exporter, year": ("EXPORTER, YEAR", f"s.exporter_id, {YEAR}"),
}
QUESTIONS = [
    (f"{scope} by {by}", question(BY[by][0], filters), f"SELECT {BY[by][1]}, {FIGURES} {COUNTED.format(dataset=dataset)} {where} GROUP BY {BY[by][1].replace(', ' + FIGURES, '')}")
    for scope, (filters, where), groupings in (
        ("largest pair", pair(big, country(1)), ("year", "month", "subheading", "year, chapter")),
        ("usual pair", pair(middle, big), ("year", "month", "subheading")),
        ("small pair", pair(small, middle), ("year", "subheading")),
        ("largest product", one_product(largest), ("year", "exporter", "month")),
        ("usual product", one_product(usual), ("year", "exporter", "exporter, year")),
        ("everything", everything, ("year", "chapter", "year, chapter", "exporter, year")),
    )
    for by in groupings
]



class Duck:
    """The same rows in DuckDB, with short names and numbers for what is alike in many."""

    def __init__(self):
        import duckdb

        number = "dense_rank() OVER (ORDER BY {})"
        countries = f"SELECT id, {number.format('m49')} AS n FROM country"
        self.db = duckdb.connect()
        self.db.execute("SET threads = 1")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "rows.csv")
            database.write(f"""WITH numbered AS ({countries})
                SELECT CASE s.reported_by WHEN 'IMPORTER' THEN 1 ELSE 0 END, sender.n, receiver.n, p.code,
                    s.period_start, s.value, s.net_mass
                FROM shipment AS s JOIN product AS p ON p.id = s.product_id
                JOIN numbered AS sender ON sender.id = s.exporter_id
                JOIN numbered AS receiver ON receiver.id = s.importer_id
                WHERE s.dataset_id = {dataset} AND s.frequency = 'MONTH' AND s.status = 'PUBLISHED'""", path)
            self.db.execute(f"""CREATE TABLE shipment AS SELECT * FROM read_csv('{path}', header = false, columns = {{
                'by_importer': 'BOOLEAN', 'exporter': 'USMALLINT', 'importer': 'USMALLINT', 'product': 'UINTEGER',
                'month': 'DATE', 'value': 'BIGINT', 'net_mass': 'BIGINT'}})""")

    def took(self, groups):
        by = {"YEAR": "year(month)", "CHAPTER": "product // 10000", "EXPORTER": "exporter"}
        keys = ", ".join(by[group] for group in groups.split(", "))
        began = time.perf_counter()
        self.db.execute(f"SELECT {keys}, count(*), sum(value), sum(net_mass) FROM shipment WHERE by_importer GROUP BY ALL").fetchall()
        return time.perf_counter() - began


log = open("/tmp/waybill-bench.log", "w+")
began = time.monotonic()
server = subprocess.Popen([waybill, "serve", "--listen", "127.0.0.1:0", "--database-url", url, "--log", "info", "--deadline", "600s", "--response-cache-bytes", "0"], stdout=log, stderr=log)
try:
    address = None
    while not address:
        time.sleep(0.01)
        found = re.search(r"127\.0\.0\.1:(\d+)", pathlib.Path(log.name).read_text())
        address = found and f"127.0.0.1:{found[1]}"
    print(f"ready after {time.monotonic() - began:.2f} s")
    connection = http.client.HTTPConnection(address, timeout=900)

    def post(query):
        body = json.dumps({"query": query})
        # While SQL took its time, the server has closed a connection that nobody used.
        connection.close()
        connection.connect()
        began = time.perf_counter()
        connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
        answer = json.load(connection.getresponse())
        took = time.perf_counter() - began
        if "errors" in answer:
            sys.exit(answer["errors"])
        return took, answer["data"]

    def ask(query):
        took, data = post(query)
        return took, data["tradeTotals"]

    ask(QUESTIONS[0][1])
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    memory = {name: int(status.split(f"{name}:")[1].split()[0]) // 1024 for name in ("VmHWM", "VmRSS")}
    print(f"first answer after {time.monotonic() - began:.1f} s; the server holds {memory['VmRSS']} MiB, at most {memory['VmHWM']} MiB so far")
    print(*re.findall(r".*totals built.*", pathlib.Path(log.name).read_text()), sep="\n")
    duck = Duck() if with_duckdb else None
    times = {name: [] for name, _, _ in QUESTIONS}
    trips = []
    for round in range(ROUNDS):
        for name, query, sql in QUESTIONS:
            trips.append(post("{ __typename }")[0])
            ours, answer = ask(query)
            again, _ = ask(query)
            began = time.perf_counter()
            rows = database.rows(sql)
            theirs = time.perf_counter() - began
            everything = duck and name.startswith("everything by ")
            other = duck.took(BY[name.removeprefix("everything by ")][0]) if everything else None
            times[name].append((ours, again, theirs, other))
            if round == 0:
                figures = [[int(row[column] or 0) for row in rows] for column in (-3, -2, -1)]
                records, value, mass = map(sum, figures)
                total = answer["total"]
                exact = lambda text: int(round(float(text or 0) * SCALE)) if "." not in (text or "0") else int(text.split(".")[0]) * SCALE + int(text.split(".")[1].ljust(3, "0"))
                said = (total["recordCount"], exact(total["value"]), exact(total["netMass"]), answer["groupCount"])
                if said != (records, value, mass, len(rows)):
                    sys.exit(f"{name}: Waybill says {said}, SQL {(records, value, mass, len(rows))}")
    trip = statistics.median(trips)
    print(f"a round trip for nothing: {trip * 1000:.2f} ms, which the last ratio leaves out")
    print(f"{'question':28} {'waybill':>10} {'SQL':>10} {'SQL / waybill':>14} {'A/A':>6} {'less the trip':>14}" + f" {'DuckDB':>10}" * with_duckdb)
    for name, rounds in times.items():
        ours, theirs = (statistics.median(each[column] for each in rounds) for column in (0, 2))
        ratio = statistics.median(each[2] / each[0] for each in rounds)
        noise = statistics.median(each[1] / each[0] for each in rounds)
        inside = statistics.median(each[2] / max(each[0] - trip, 1e-5) for each in rounds)
        line = f"{name:28} {ours * 1000:8.1f}ms {theirs * 1000:8.1f}ms {ratio:13.1f}x {noise:6.2f} {inside:13.1f}x"
        if rounds[0][3] is not None:
            line += f" {statistics.median(each[3] for each in rounds) * 1000:8.1f}ms"
        print(line)
finally:
    server.terminate()
    server.wait()
