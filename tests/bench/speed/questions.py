"""What is asked: each question in GraphQL, as the hand-written server takes it, and of PostgreSQL.

`raw` says how pgbench writes the parameters of the hand-written server's SQL: its variables are
whole numbers, and it chooses among those that `numbers` gives.
"""
import base64
import dataclasses
import functools
import json
import random
from typing import Callable

import evidence

ASKED = 2_000
CODE = "lpad(:{}::text, {}, '0')"
UUID = "('{}' || lpad(to_hex(:{}::bigint), 12, '0'))::uuid"


@dataclasses.dataclass
class Question:
    """A row of the table, and the sets of variables that it is asked with, one after the other."""
    name: str
    title: str
    route: str
    document: str
    variables: Callable
    raw: list = dataclasses.field(default_factory=list)
    # CPU as a multiple of the raw SQL's: what is aimed at, and what a hand-written server took when
    # the goals were set.
    goal: float = None
    handwritten: float = None
    # What both servers may write differently.
    ignored: tuple = ()
    is_write: bool = False
    # Asked one by one, by one client alone.
    is_slow: bool = False
    # Where the time goes when the goal is missed, by perf.
    why: str = ""
    # And why the last hundredth takes long, beside the server written by hand.
    late: str = ""


@dataclasses.dataclass
class Asked:
    """One set of variables, for each of those who are asked."""
    graphql: dict
    handwritten: dict
    numbers: tuple = ()


def products(database, drawing):
    codes = database.column("SELECT code FROM product WHERE level = 'SUBHEADING' ORDER BY code")
    return [Asked({"code": code}, {"code": code}, (int(code),)) for code in drawing.sample(codes, min(ASKED, len(codes)))]


@functools.cache
def busiest(database):
    """Pairs of countries with fifty shipments at least."""
    return database.rows(
        "SELECT exporter.m49, importer.m49 FROM shipment JOIN country AS exporter ON exporter.id = exporter_id"
        " JOIN country AS importer ON importer.id = importer_id"
        f" GROUP BY 1, 2 HAVING count(*) >= 50 ORDER BY count(*) DESC, 1, 2 LIMIT {ASKED}"
    )


def pairs(database, drawing):
    found = busiest(database)
    named = [{"exporter": exporter, "importer": importer} for exporter, importer in drawing.sample(found, len(found))]
    return [Asked(pair, pair, (int(pair["exporter"]), int(pair["importer"]))) for pair in named]


def one_pair(database, drawing):
    return pairs(database, drawing)[:1]


def places(database, drawing):
    """In the middle of all shipments, by their period."""
    rows = int(database.column("SELECT shipments FROM bench")[0])
    ids = ", ".join(database.id(evidence.shipment(number)) for number in drawing.sample(range(1, rows + 1), 4 * ASKED))
    found = database.rows(
        f"SELECT period_start, id FROM shipment WHERE id IN ({ids}) AND period_start BETWEEN '2016-01-01' AND '2021-12-01' ORDER BY id"
    )[:ASKED]
    asked = []
    for day, id in found:
        months = (int(day[:4]) - 2014) * 12 + int(day[5:7]) - 1
        cursor = cursor_of("period_start+id+", day, id)
        asked.append(Asked({"after": cursor}, {"day": day, "id": id}, (months, int(id[-12:], 16))))
    return asked


def statements(database, drawing):
    numbers = drawing.sample(range(evidence.STATEMENTS - 21), ASKED)
    ids = [(number, evidence.uuid(5, number)) for number in numbers]
    return [Asked({"after": cursor_of("id+", id)}, {"id": id}, (number,)) for number, id in ids]


def words(database, drawing):
    """Neither the most frequent ones nor any that stand in fewer than twenty statements."""
    numbers = drawing.sample(range(100, 3_000), ASKED)
    return [Asked({"words": f"w{number}"}, {"words": f"w{number}"}, (number,)) for number in numbers]


def nothing(database, drawing):
    return [Asked({}, {}, ())]


def parties(database, drawing):
    """`@` becomes what nobody was called so far."""
    return [Asked({"input": {"name": "Invented company @", "kind": "COMPANY", "publish": True}}, {"name": "Invented company @", "kind": "COMPANY"})]


def cursor_of(*parts):
    """As Waybill writes it; asking for thousands of them would take long."""
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


IN_TRADE = "exporter: { m49: { eq: $exporter } }, importer: { m49: { eq: $importer } }"
COUNTED = 'dataset: { slug: { eq: "generated" } }, frequency: MONTH'
PAIR = f"""query ($exporter: String!, $importer: String!) {{
  shipments(first: 50, filter: {{ {IN_TRADE} }}, orderBy: [{{ field: PERIOD_START }}]) {{
    nodes {{
      id flow periodStart periodEnd value currency netMass
      exporter {{ name alpha3 }} importer {{ name alpha3 }} product {{ code description }}
      dataset {{ title source {{ title url }} }}
    }}
  }}
}}"""

QUESTIONS = [
    Question(
        "product", "one product by code", "/product",
        "query ($code: String!) { product(code: $code) { code level description } }",
        products, raw=[CODE.format("a", 6)], goal=4, handwritten=3.0,
        why="the product itself is found in memory, and what is left is the request: HTTP, its document, its line in the log, and a look for the last revision, which on SQLite goes through the driver's thread",
        late="a stall of some milliseconds a round, after the writes of the round before, whose cause is not known",
    ),
    Question(
        "pair", "50 shipments of a pair of countries with exporter, importer, product, dataset and source", "/pair",
        PAIR, pairs, raw=[CODE.format("a", 3), CODE.format("b", 3)], goal=1, handwritten=1.4,
        why="the database's share is most of the raw SQL's, joins or not, for the 50 rows lie apart; carrying them through the driver and writing them costs as much again by hand",
    ),
    Question(
        "statements", "20 statements with speaker, source and 5 shipments each with product and countries", "/statements",
        """query ($after: String) {
          statements(first: 20, after: $after) {
            nodes {
              id stance text language saidOn speaker { name kind }
              citations { locator source { title url publishedOn } }
              claim { text subjects { ... on Shipment {
                periodStart value currency product { code description } exporter { name } importer { name }
              } } }
            }
          }
        }""",
        statements, raw=[UUID.format("018f0000-0000-7000-8005-", "a")], goal=1.5, handwritten=2.0,
        why="citations, claims and subjects are none of what is kept in memory: six statements are sent in four steps, where the raw SQL is one",
    ),
    Question(
        "page", "a page of 50 by keyset, in the middle of all shipments", "/page",
        """query ($after: String) {
          shipments(first: 50, after: $after, orderBy: [{ field: PERIOD_START }]) {
            nodes { id key flow periodStart value currency netMass declaredCode }
            pageInfo { hasNextPage endCursor }
          }
        }""",
        places,
        raw=["(date '2014-01-01' + make_interval(months => :a::int))::date", UUID.format("018f0000-0000-7000-8000-", "b")],
        goal=1, handwritten=1.4, ignored=("endCursor",),
        why="the database's share alone is the raw SQL's; the rest is the request, and carrying 50 rows through the driver, which by hand costs four fifths of the raw SQL as well",
    ),
    Question(
        "count", "a filtered count", "/count",
        f"""query ($exporter: String!, $importer: String!) {{
          shipments(first: 0, filter: {{ {IN_TRADE}, flow: {{ eq: IMPORT }} }}) {{ totalCount }}
        }}""",
        pairs, raw=[CODE.format("a", 3), CODE.format("b", 3)], goal=2,
        why="the database's share alone is the raw SQL's; the rest is the request",
        late="the cause is not known; a few pairs of countries have thousands of records to count, for both servers",
    ),
    Question(
        "search", "a search in statements, 20 with their speakers", "/search",
        """query ($words: String!) {
          search(query: $words, types: [STATEMENT], first: 20) {
            nodes { ... on Statement { id text language speaker { name } } }
          }
        }""",
        words, raw=["('w' || :a::text)"], goal=3,
    ),
    Question(
        "pair-totals", "totals of a pair of countries by year", "/pair-totals",
        f"""query ($exporter: String!, $importer: String!) {{
          tradeTotals(grain: STATISTIC, perspective: IMPORTER, filter: {{ {COUNTED}, {IN_TRADE} }}, groupBy: [YEAR]) {{
            rows {{ period recordCount value netMass }}
          }}
        }}""",
        pairs, raw=[CODE.format("a", 3), CODE.format("b", 3)],
    ),
    Question(
        "all-totals", "totals of everything by year and chapter", "/all-totals",
        f"""{{
          tradeTotals(grain: STATISTIC, perspective: IMPORTER, filter: {{ {COUNTED} }}, groupBy: [YEAR, CHAPTER], first: 1000) {{
            rows {{ period code recordCount value netMass }}
          }}
        }}""",
        nothing, is_slow=True,
    ),
    Question(
        "again", "the pair's answer again", "/pair", PAIR, one_pair,
        why="a static answer asks for nothing; this one reads a body, looks for the last revision once for all who ask meanwhile, charges the caller, and has its line in the log",
    ),
    Question(
        "write", "one new party", "/party",
        "mutation ($input: CreatePartyInput!) { createParty(input: $input) { party { name kind } userErrors { message } } }",
        parties, raw=["gen_random_uuid()", "('Invented company ' || gen_random_uuid())", "'COMPANY'"], is_write=True,
        late="edits are made one after the other, since each revision holds the hash of the one before it; by hand, inserts run side by side. On SQLite there is a stall of a tenth of a second a round as well, whose cause is not known",
    ),
]


def asked(question, database):
    return question.variables(database, random.Random(f"{question.name} 2023"))
