"""The two databases: filling them, and what is asked of them before anything is measured."""
import pathlib
import sqlite3
import subprocess
import sys
import urllib.parse

import evidence
import shipments


def blob(value):
    """A UUID as SQLite has it."""
    return bytes.fromhex(value.replace("-", "")) if isinstance(value, str) and is_uuid(value) else value


def is_uuid(text):
    return len(text) == 36 and text.count("-") == 4


class Sqlite:
    name = "SQLite"

    def __init__(self, path):
        self.path = path
        self.url = f"sqlite://{path}?mode=rwc"

    def connection(self):
        return sqlite3.connect(self.path, isolation_level=None)

    def column(self, sql):
        return [row[0] for row in self.rows(sql)]

    def rows(self, sql):
        found = self.connection().execute(sql).fetchall()
        return [tuple(uuid_text(value) if isinstance(value, bytes) else value for value in row) for row in found]

    def run(self, sql):
        self.connection().executescript(sql)

    def id(self, uuid):
        return f"x'{blob(uuid).hex()}'"

    def insert(self, table, columns, rows):
        places = ", ".join("?" for _ in columns.split(","))
        db = self.connection()
        db.execute("BEGIN")
        db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", ([blob(value) for value in row] for row in rows))
        db.execute("COMMIT")

    def exists(self):
        try:
            return bool(self.rows("SELECT 1 FROM sqlite_master WHERE name = 'bench'"))
        except sqlite3.OperationalError:
            return False

    def make(self):
        for ending in ("", "-wal", "-shm"):
            pathlib.Path(self.path + ending).unlink(missing_ok=True)

    def settle(self):
        self.run("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)")

    def version(self):
        return sqlite3.sqlite_version

    def postmaster(self):
        """None: it runs within the server."""
        return None


def uuid_text(value):
    digits = value.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class Postgres:
    name = "PostgreSQL"

    def __init__(self, url, database):
        self.server = url
        parts = urllib.parse.urlsplit(url)
        self.database = database
        self.url = parts._replace(path=f"/{database}").geturl()

    def psql(self, sql, url=None):
        command = ["psql", "-qtA", "-F", "\t", "-v", "ON_ERROR_STOP=1", url or self.url]
        ran = subprocess.run(command, input=sql, capture_output=True, text=True)
        if ran.returncode:
            sys.exit(ran.stderr)
        return ran.stdout

    def rows(self, sql):
        return [tuple(line.split("\t")) for line in self.psql(sql).splitlines()]

    def column(self, sql):
        return self.psql(sql).splitlines()

    def run(self, sql):
        self.psql(sql)

    def id(self, uuid):
        return f"'{uuid}'"

    def insert(self, table, columns, rows):
        text = lambda value: str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
        lines = "".join("\t".join(map(text, row)) + "\n" for row in rows)
        self.psql(f"COPY {table} ({columns}) FROM stdin;\n{lines}\\.\n")

    def exists(self):
        if not self.psql(f"SELECT 1 FROM pg_database WHERE datname = '{self.database}'", self.server).strip():
            return False
        return bool(self.psql("SELECT 1 FROM pg_tables WHERE tablename = 'bench'").strip())

    def make(self):
        self.psql(f'DROP DATABASE IF EXISTS "{self.database}"', self.server)
        self.psql(f'CREATE DATABASE "{self.database}" TEMPLATE template0 ENCODING \'UTF8\'', self.server)

    def settle(self):
        # More processes for one statement help nobody where all cores are busy, and hide what it costs.
        self.psql(f'ALTER DATABASE "{self.database}" SET max_parallel_workers_per_gather = 0')
        self.psql("VACUUM ANALYZE; CHECKPOINT")

    def version(self):
        return self.psql("SHOW server_version").split()[0]

    def postmaster(self):
        """The process that all of the server's others are children of."""
        asked = "SELECT pg_backend_pid() AS pid \\gset\n\\setenv BACKEND :pid\n\\! sed -n 's/^PPid:.//p' /proc/$BACKEND/status\n"
        found = self.psql(asked).strip()
        if not found:
            sys.exit("what PostgreSQL costs can be measured only where it runs on the same machine")
        return found


def fill(database, waybill, rows):
    """Makes it, unless it is there already."""
    if database.exists():
        held = int(database.column("SELECT shipments FROM bench")[0])
        if held != rows:
            sys.exit(f"{database.url} holds {held:,} invented shipments, and not {rows:,}: give another name")
        return
    print(f"{database.name}: {rows:,} shipments and {evidence.STATEMENTS:,} statements into {database.url}", file=sys.stderr)
    database.make()
    shipments.fill(waybill, rows, database.url)
    evidence.fill(database, rows)
    # Whatever is missing comes into the search index.
    subprocess.run([waybill, "verify", "--database-url", database.url], check=True, stdout=subprocess.DEVNULL)
    database.settle()
    # Last, so that one that was left halfway is not taken for whole.
    database.run(f"CREATE TABLE bench (shipments bigint); INSERT INTO bench VALUES ({rows})")
