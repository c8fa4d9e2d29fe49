"""Fills a database with invented shipments, the same ones each time.

    python3 tests/bench/shipments.py waybill ROWS DATABASE_URL

The database itself makes the rows, from whole-number arithmetic that is alike on both: monthly
statistics of ten years, half of them reported by the exporter, with few countries and products in
most of the trade, as in the real one. They go to the dataset `generated`, of the nomenclature
HS2022, whose invented products and dataset come in through `waybill`. The database must be empty.
PostgreSQL needs a superuser: references are not checked while the rows go in.
"""
import csv
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile

SLICE = 1_000_000
PRODUCTS = 5_000

# The r-th random number of row i, from 0 to 65,535, by two steps of a linear congruence.
def drawn(r):
    return f"((i * {1_103_515_245 + 7_919 * r} + {12_345 + 104_729 * r}) % 4294967291 * 48271 % 2147483647 / 32768)"


ROWS = f"""
WITH drawn AS (
    SELECT i, {', '.join(f'{drawn(r)} AS r{r}' for r in range(8))} FROM ({{numbers}}) AS numbers
), skewed AS (
    SELECT *,
           {{countries}} * r0 * r0 * r0 / 281474976710656 AS exporter,
           {{countries}} * r1 * r1 * r1 / 281474976710656 AS importer,
           {{products}} * r2 * r2 / 4294967296 AS product,
           r3 % 120 AS month,
           r5 * r5 / 64 * (r6 % 97 + 1) AS value
    FROM drawn
)
INSERT INTO shipment (
    id, dataset_id, key, reported_by, flow, exporter_id, importer_id, product_id, declared_code,
    period_start, period_end, frequency, value, value_comparator, currency, valuation,
    quantity_estimated, alternative_quantity_estimated, net_mass, net_mass_estimated,
    gross_mass_estimated, aggregated, status, version, created_at, updated_at
)
SELECT {{id}}, dataset.id, {{key}},
       CASE r4 % 2 WHEN 0 THEN 'EXPORTER' ELSE 'IMPORTER' END,
       CASE r4 % 2 WHEN 0 THEN 'EXPORT' ELSE 'IMPORT' END,
       sender.id, receiver.id, bench_product.id, bench_product.code,
       {{first}}, {{last}}, 'MONTH', value, 'EXACT', 'USD',
       CASE r4 % 2 WHEN 0 THEN 'FOB' ELSE 'CIF' END,
       {{no}}, {{no}}, CASE WHEN r7 % 20 = 0 THEN NULL ELSE value / (r7 % 13 + 2) END, {{no}},
       {{no}}, {{no}}, 'PUBLISHED', 1, 0, 0
FROM skewed
JOIN dataset ON dataset.slug = 'generated'
JOIN bench_country AS sender ON sender.n = exporter
JOIN bench_country AS receiver ON receiver.n = (CASE WHEN importer = exporter THEN (importer + 1) % {{countries}} ELSE importer END)
JOIN bench_product ON bench_product.n = product
"""
LISTS = """
CREATE {temporary} TABLE bench_country AS
    SELECT row_number() OVER (ORDER BY m49) - 1 AS n, id FROM country WHERE kind = 'COUNTRY';
CREATE {temporary} TABLE bench_product AS
    SELECT row_number() OVER (ORDER BY code) - 1 AS n, id, code FROM product WHERE level = 'SUBHEADING';
"""


def prepare(waybill, url):
    """Brings in the invented nomenclature, and one record, with which the dataset comes."""
    drawing = random.Random(2023)
    codes = set()
    while len(codes) < PRODUCTS:
        codes.add(f"{drawing.randrange(1, 98):02}{drawing.randrange(100):02}{drawing.randrange(100):02}")
    with tempfile.TemporaryDirectory() as folder:
        nomenclature = pathlib.Path(folder, "hs.csv")
        with open(nomenclature, "w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["hscode", "description", "parent", "level"])
            for code in sorted({code[:length] for code in codes for length in (2, 4, 6)}):
                out.writerow([code, f"Invented {code}", code[:-2] or "TOTAL", len(code)])
        record = pathlib.Path(folder, "record.csv")
        record.write_text(
            "freqCode,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n"
            f"A,1999,4,M,8,H6,{min(codes)},1\n"
        )
        for arguments in (["hs", nomenclature, "--edition", "HS2022"], ["comtrade", record, "--dataset", "generated"]):
            command = [waybill, "import", *arguments, "--database-url", url]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def on_sqlite(path, rows):
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY")
    db.executescript(LISTS.format(temporary="TEMPORARY"))
    db.executescript("CREATE UNIQUE INDEX temp.c ON bench_country (n); CREATE UNIQUE INDEX temp.p ON bench_product (n)")
    indexes = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'shipment' AND sql IS NOT NULL").fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    db.create_function("uuid_of", 1, lambda i: bytes.fromhex(f"018f0000000070008000{i:012x}"), deterministic=True)
    countries, products = (db.execute(f"SELECT count(*) FROM bench_{name}").fetchone()[0] for name in ("country", "product"))
    for start in range(1, rows + 1, SLICE):
        end = min(start + SLICE - 1, rows)
        db.execute(ROWS.format(
            numbers=f"WITH RECURSIVE n (i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM n WHERE i < {end}) SELECT i FROM n",
            countries=countries, products=products, id="uuid_of(i)", key="printf('g%09d', i)", no="0",
            first="date('2014-01-01', printf('+%d months', month))",
            last="date('2014-01-01', printf('+%d months', month + 1), '-1 day')",
        ))
        print(f"{end:,} rows", file=sys.stderr)
    for _, sql in indexes:
        db.execute(sql)
    db.executescript("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def on_postgres(url, rows):
    def psql(sql):
        command = ["psql", "-qtA", "-v", "ON_ERROR_STOP=1", url]
        return subprocess.run(command, input=sql, check=True, capture_output=True, text=True).stdout

    psql(LISTS.format(temporary="UNLOGGED"))
    countries, products = psql("SELECT count(*) FROM bench_country; SELECT count(*) FROM bench_product").split()
    secondary = "FROM pg_indexes WHERE tablename = 'shipment' AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    indexes = psql(f"SELECT indexdef || ';' {secondary}")
    psql(psql(f"SELECT 'DROP INDEX ' || indexname || ';' {secondary}"))
    for start in range(1, rows + 1, SLICE):
        end = min(start + SLICE - 1, rows)
        psql("SET session_replication_role = replica; " + ROWS.format(
            numbers=f"SELECT generate_series({start}::bigint, {end}::bigint) AS i",
            countries=f"{countries}::bigint", products=f"{products}::bigint",
            id="('018f0000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid",
            key="'g' || lpad(i::text, 9, '0')", no="false",
            first="(date '2014-01-01' + make_interval(months => month::int))::date",
            last="(date '2014-01-01' + make_interval(months => month::int + 1) - interval '1 day')::date",
        ))
        print(f"{end:,} rows", file=sys.stderr)
    psql(f"SET maintenance_work_mem = '512MB'; {indexes} DROP TABLE bench_country, bench_product")
    psql("VACUUM ANALYZE shipment")


def fill(waybill, rows, url):
    prepare(waybill, url)
    if url.startswith("sqlite://"):
        on_sqlite(url.removeprefix("sqlite://").partition("?")[0], rows)
    else:
        on_postgres(url, rows)


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]), sys.argv[3])
