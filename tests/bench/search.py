"""How long searches take in invented statements, the same ones each time, beside the databases' own.

    python3 tests/bench/search.py waybill STATEMENTS DATABASE_URL

The database must be empty. Of each query the median of 30 answers of the API is shown (a page of 25
with highlights, over HTTP), beside that of plain SQL in the same database over the same texts: LIKE,
and the database's own full-text search with its own ranking (FTS5's `rank`, PostgreSQL's `ts_rank`).
"""
import http.client
import json
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import time

CLAIM = "018f0000-0000-7000-9000-000000000000"
TIMES = 30
QUERIES = ["w4000", "w7", "w7 w40", "w7 w400 w3", '"w7 w9"', "w12*", "w3 w12*", "w10*"]
SEARCH = """query ($query: String!) { search(query: $query) {
    edges { grade node { ... on Statement { text } } highlights { fragments { text matched } } } } }"""


def statements(count):
    """Words as they are in languages: the n-th most frequent one n times as rare as the first."""
    drawing = random.Random(2023)
    words = [f"w{number}" for number in range(1, 5_001)]
    weights = [1 / number for number in range(1, 5_001)]
    for number in range(count):
        text = " ".join(drawing.choices(words, weights, k=drawing.randrange(8, 50)))
        yield f"018f0000-0000-7000-8000-{number:012x}", text


def timed(run):
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


class Sqlite:
    def __init__(self, url):
        self.path = url.removeprefix("sqlite://").partition("?")[0]
        self.db = sqlite3.connect(self.path)

    def fill(self, rows):
        of = lambda uuid: bytes.fromhex(uuid.replace("-", ""))
        self.db.execute("INSERT INTO claim (id, kind, text, language, status, version, created_at, updated_at) VALUES (?, 'EVENT', 'invented', 'en', 'PUBLISHED', 1, 0, 0)", [of(CLAIM)])
        self.db.executemany("INSERT INTO statement (id, claim_id, stance, form, text, language, rank, status, version, created_at, updated_at) VALUES (?, ?, 'ASSERTS', 'PARAPHRASE', ?, 'en', 'NORMAL', 'PUBLISHED', 1, 0, 0)", [(of(uuid), of(CLAIM), text) for uuid, text in rows])
        self.db.executescript("CREATE VIRTUAL TABLE bench_text USING fts5 (text); INSERT INTO bench_text (rowid, text) SELECT rowid, text FROM statement")
        self.db.commit()

    def like(self, words):
        where = " AND ".join("text LIKE ?" for _ in words)
        sql = f"SELECT id, text FROM statement WHERE {where} AND status = 'PUBLISHED' ORDER BY created_at, id LIMIT 25"
        return timed(lambda: self.db.execute(sql, [f"%{word}%" for word in words]).fetchall())

    def own(self, query):
        sql = "SELECT statement.id, statement.text FROM bench_text JOIN statement ON statement.rowid = bench_text.rowid WHERE bench_text MATCH ? AND status = 'PUBLISHED' ORDER BY bench_text.rank LIMIT 25"
        return timed(lambda: self.db.execute(sql, [query]).fetchall())


class Postgres:
    def __init__(self, url):
        self.url = url

    def psql(self, sql):
        command = ["psql", "-qtA", "-v", "ON_ERROR_STOP=1", self.url]
        return subprocess.run(command, input=sql, check=True, capture_output=True, text=True).stdout

    def fill(self, rows):
        self.psql(f"INSERT INTO claim (id, kind, text, language, status, version, created_at, updated_at) VALUES ('{CLAIM}', 'EVENT', 'invented', 'en', 'PUBLISHED', 1, 0, 0)")
        lines = "".join(f"{uuid}\t{CLAIM}\tASSERTS\tPARAPHRASE\t{text}\ten\tNORMAL\tPUBLISHED\t1\t0\t0\n" for uuid, text in rows)
        self.psql("COPY statement (id, claim_id, stance, form, text, language, rank, status, version, created_at, updated_at) FROM stdin;\n" + lines + "\\.\n")
        self.psql("CREATE TABLE bench_text AS SELECT id, to_tsvector('simple', text) AS words FROM statement; CREATE INDEX ON bench_text USING gin (words); ANALYZE bench_text; ANALYZE statement")

    def run(self, sql):
        """By the server's own clock, so that no client's start is in it."""
        plans = self.psql(f"EXPLAIN (ANALYZE, TIMING OFF) {sql};\n" * TIMES)
        times = [float(found) for found in re.findall(r"(?:Planning|Execution) Time: ([0-9.]+)", plans)]
        return statistics.median(planned + run for planned, run in zip(times[::2], times[1::2]))

    def like(self, words):
        where = " AND ".join(f"text LIKE '%{word}%'" for word in words)
        return self.run(f"SELECT id, text FROM statement WHERE {where} AND status = 'PUBLISHED' ORDER BY created_at, id LIMIT 25")

    def own(self, query):
        query = query.replace('" "', "' & '").replace(" AND ", " & ").replace(" *", ":*")
        query = re.sub(r'"([^"]*)"', lambda phrase: "(" + phrase[1].replace(" ", " <-> ") + ")", query).replace("):*", ":*)")
        return self.run(f"SELECT statement.id, statement.text FROM bench_text JOIN statement USING (id) WHERE words @@ to_tsquery('simple', '{query}') AND status = 'PUBLISHED' ORDER BY ts_rank(words, to_tsquery('simple', '{query}')) DESC LIMIT 25")


def own_syntax(query):
    """A query as the databases' own search takes it."""
    terms = re.findall(r'"[^"]*"|\S+', query)
    spelled = [term if term[0] == '"' else f'"{term.rstrip("*")}"' + " *" * term.endswith("*") for term in terms]
    return " AND ".join(spelled)


def main(waybill, count, url):
    subprocess.run([waybill, "verify", "--database-url", url], check=True, stdout=subprocess.DEVNULL)
    database = (Sqlite if url.startswith("sqlite") else Postgres)(url)
    database.fill(statements(count))
    began = time.perf_counter()
    subprocess.run([waybill, "verify", "--database-url", url], check=True, stdout=subprocess.DEVNULL)
    print(f"{count:,} statements indexed in {time.perf_counter() - began:.1f} s")
    command = [waybill, "serve", "--listen", "127.0.0.1:0", "--rate-anonymous", "0", "--database-url", url]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        address = next(re.search(r"http://([0-9.:]+)", line)[1] for line in server.stderr if "listening on" in line)
        client = http.client.HTTPConnection(address)

        def ask(query):
            body = json.dumps({"query": SEARCH, "variables": {"query": query}})
            client.request("POST", "/graphql", body, {"Content-Type": "application/json"})
            answer = json.loads(client.getresponse().read())
            return len(answer["data"]["search"]["edges"])

        print(f"{'query':14} {'hits shown':>10} {'API':>9} {'own search':>11} {'LIKE':>9}   (ms)")
        for query in QUERIES:
            hits, api = ask(query), timed(lambda: ask(query))
            own, like = database.own(own_syntax(query)), database.like(query.replace('"', "").replace("*", "").split())
            print(f"{query:14} {hits:10} {api:9.1f} {own:11.1f} {like:9.1f}")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
