"""Invented evidence about invented shipments: 50,000 statements, the same ones each time.

Beside the shipments of tests/bench/shipments.py: parties, articles that cite one another's words,
claims about five shipments each, and who says what of them where. Few parties and few claims have
most of the statements. Words are as in languages: the n-th most frequent one n times as rare as
the first. The search index is filled by `waybill` itself.
"""
import random

from search import statements as words_of

STATEMENTS = 50_000
CLAIMS = 20_000
PARTIES = 2_000
SOURCES = 5_000
SUBJECTS = 5

CURATED = "status, version, created_at, updated_at"
PUBLISHED = ("PUBLISHED", 1, 0, 0)
STANCES = ["ASSERTS", "ASSERTS", "ASSERTS", "DENIES", "DOUBTS", "DECLINES"]
FORMS = ["DIRECT_QUOTE", "PARTIAL_QUOTE", "PARAPHRASE", "DOCUMENT"]
KINDS = ["GOVERNMENT", "COMPANY", "PERSON", "ORGANISATION", "PUBLISHER"]


def uuid(table, number):
    """Of the same form as the ids of shipments; the table's digit keeps them apart."""
    return f"018f0000-0000-7000-800{table}-{number:012x}"


def shipment(number):
    return uuid(0, number)


def day(drawing):
    return f"20{drawing.randrange(14, 24)}-{drawing.randrange(1, 13):02}-{drawing.randrange(1, 29):02}"


def tables(rows, countries):
    """Each table, its columns, and its rows, in the order of what refers to what."""
    drawing = random.Random(2023)
    skewed = lambda count: int(count * drawing.random() ** 3)
    # The first shipment is the one that came in by file, under an id of its own.
    about = lambda: shipment(1 + drawing.randrange(rows))
    texts = [text for _, text in words_of(STATEMENTS)]
    title = lambda: " ".join(drawing.choice(texts).split()[:8])

    yield "party", f"id, name, kind, country_id, {CURATED}", [
        (uuid(1, n), f"Invented party {n}", drawing.choice(KINDS), countries[skewed(len(countries))], *PUBLISHED)
        for n in range(PARTIES)
    ]
    yield "source", f"id, kind, title, publisher_id, authors, published_on, language, url, {CURATED}", [
        (uuid(2, n), "ARTICLE", title(), uuid(1, skewed(PARTIES)), "[]", day(drawing), "en", f"https://news.example/{n}", *PUBLISHED)
        for n in range(SOURCES)
    ]
    yield "claim", f"id, kind, text, language, exporter_id, importer_id, {CURATED}", [
        (uuid(3, n), "EVENT", title(), "en", countries[skewed(len(countries))], countries[skewed(len(countries))], *PUBLISHED)
        for n in range(CLAIMS)
    ]
    yield "claim_subject", "id, claim_id, position, shipment_id, added_at", [
        (uuid(4, n * SUBJECTS + place), uuid(3, n), place + 1, about(), 0)
        for n in range(CLAIMS)
        for place in range(SUBJECTS)
    ]
    yield "statement", f"id, claim_id, speaker_id, stance, form, text, language, said_on, rank, {CURATED}", [
        (uuid(5, n), uuid(3, skewed(CLAIMS)), uuid(1, skewed(PARTIES)), drawing.choice(STANCES), drawing.choice(FORMS),
         text, "en", day(drawing), "NORMAL", *PUBLISHED)
        for n, text in enumerate(texts)
    ]
    yield "citation", "id, source_id, locator", [
        (uuid(6, n), uuid(2, skewed(SOURCES)), f"paragraph {drawing.randrange(1, 40)}") for n in range(STATEMENTS)
    ]
    yield "statement_citation", "id, statement_id, citation_id, position, added_at", [
        (uuid(7, n), uuid(5, n), uuid(6, n), 1, 0) for n in range(STATEMENTS)
    ]


def fill(database, rows):
    """The database holds so many shipments already, and none of this."""
    countries = database.column("SELECT id FROM country WHERE kind = 'COUNTRY' ORDER BY m49")
    for table, columns, found in tables(rows, countries):
        database.insert(table, columns, found)
    database.run(f"UPDATE dataset SET source_id = {database.id(uuid(2, 0))} WHERE slug = 'generated'")
