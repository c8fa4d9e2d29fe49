"""What Schemathesis must know of Waybill: how its scalars look, and what an answer must be like.

An answer is judged by another GraphQL implementation: graphql-core executes the same request on the
data that came, by the schema that is promised. It must come out as it went in, in the same order.
"""
import atexit
import collections
import dataclasses
import json
import os
import pathlib
import re

import graphql
import schemathesis
from hypothesis import strategies
from schemathesis.graphql import nodes, scalar

SCHEMA = graphql.build_schema(pathlib.Path(__file__).parents[2].joinpath("schema.graphql").read_text(encoding="utf-8"))
LONGEST_ANSWER = float(os.environ.get("WAYBILL_LONGEST_ANSWER", "15"))
CODES = {
    "BAD_USER_INPUT", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "CONFLICT", "RATE_LIMITED", "QUERY_TOO_COMPLEX",
    "TIMEOUT",
}  # and not INTERNAL: that is a bug

# How the requests fared, so that a run that was refused throughout does not pass for a good one.
outcomes = collections.Counter()
atexit.register(lambda: print("Answers:", ", ".join(f"{count} {name}" for name, count in outcomes.most_common())))

PAGING = {"first", "after", "last", "before"}
DATE = r"\d{4}-\d\d-\d\d"
MONTH = r"\d{4}(-\d\d)?"
SCALARS = {
    "Date": DATE,
    "DateTime": DATE + r"T\d\d:\d\d:\d\d(\.\d+)?Z",
    "Decimal": r"-?\d+(\.\d{1,3})?",
    "DecimalSum": r"-?\d+(\.\d{1,3})?",
    "PartialDate": rf"{MONTH}|{DATE}",
    "Period": rf"({MONTH}|{DATE})(/({MONTH}|{DATE}))?",
    "URL": r"[a-z][a-z0-9+.-]*:\S+",
}


def like(pattern):
    """A scalar comes as text, and as this text."""
    pattern = re.compile(pattern)

    def serialize(value):
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise graphql.GraphQLError(f"{value!r} is not like {pattern.pattern}")
        return value

    return serialize


for name, pattern in SCALARS.items():
    SCHEMA.type_map[name].serialize = like(pattern)

dates = strategies.dates().map(str)
months = strategies.dates().map(lambda date: str(date)[:7])
years = strategies.dates().map(lambda date: str(date)[:4])
partial = dates | months | years
ranges = strategies.tuples(partial, partial).map("/".join)
decimals = strategies.decimals(-(10**15), 10**15, places=3).map(lambda decimal: format(decimal, "f"))
addresses = strategies.integers(1).map("https://example.org/{}".format)
for name, texts in {
    "Decimal": decimals,
    "DecimalSum": decimals,
    "PartialDate": partial,
    "Period": partial | ranges,
    "URL": addresses,
}.items():
    # Most are as they should be; the rest shall be refused, and no more.
    scalar(name, (texts | texts | strategies.text(max_size=40)).map(nodes.String))


@schemathesis.hook
def flatmap_body(context, body):
    """Half of the requests page as a client would: made up cursors and sizes find nothing."""
    if not isinstance(body, graphql.DocumentNode) or graphql.validate(SCHEMA, body):
        return strategies.just(body)
    return strategies.just(typed(body)) | strategies.integers(1, 200).map(lambda size: typed(paged(body, size)))


def paged(document, size):
    """The first so many records, as they stand."""

    class Page(graphql.Visitor):
        def enter_field(self, node, *_):
            names = {argument.name.value for argument in node.arguments or ()}
            kept = [argument for argument in node.arguments or () if argument.name.value not in PAGING]
            if names & PAGING:
                first = graphql.IntValueNode(value=str(size))
                kept.append(graphql.ArgumentNode(name=graphql.NameNode(value="first"), value=first))
            kept = [argument for argument in kept if argument.name.value != "asOf"]
            return dataclasses.replace(node, arguments=tuple(kept))

    return graphql.visit(document, Page())


def typed(document):
    """Asks for the type of what can be of several types, so that the answer can be judged."""
    types = graphql.TypeInfo(SCHEMA)

    class Ask(graphql.Visitor):
        def enter_selection_set(self, node, *_):
            if not graphql.is_abstract_type(types.get_parent_type()):
                return None
            name = graphql.FieldNode(name=graphql.NameNode(value="__typename"))
            return graphql.SelectionSetNode(selections=(name, *node.selections))

    return graphql.visit(document, graphql.TypeInfoVisitor(types, Ask()))


def once(pairs):
    """An object of the answer; a key must not come twice."""
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key twice among {keys}"
    return dict(pairs)


def executed(document, data):
    """What graphql-core makes of the data, and the errors that it finds in it."""

    def resolve(source, info, **_):
        if info.path.key not in source:
            raise graphql.GraphQLError("it is not in the answer")
        return source[info.path.key]

    def resolve_type(value, *_):
        return value["__typename"]

    return graphql.graphql_sync(SCHEMA, document, root_value=data, field_resolver=resolve, type_resolver=resolve_type)


def check_errors(errors, data):
    assert isinstance(errors, list) and errors, "errors must hold one"
    for error in errors:
        assert isinstance(error.get("message"), str) and error["message"], error
        assert error.keys() <= {"message", "locations", "path", "extensions"}, error
        assert error.get("extensions", {}).get("code") in CODES, error
        value = data
        for step in error.get("path", []):
            # Null took the place of what held the field, or of the field.
            if value is None:
                break
            value = value[step]
        assert value is None, f"there is data where an error is: {error}"


@schemathesis.check
def answers_as_promised(ctx, response, case):
    """Status, media type, errors and data of any answer."""
    assert response.status_code in (200, 400), f"status {response.status_code}"
    media = response.headers["content-type"][0]
    assert media.startswith(("application/json", "application/graphql-response+json")), media
    assert response.elapsed < LONGEST_ANSWER, f"it took {response.elapsed} s"
    answer = json.loads(response.content, object_pairs_hook=once)
    assert answer.keys() <= {"data", "errors", "extensions"}, answer.keys()
    if "errors" in answer:
        check_errors(answer["errors"], answer.get("data"))
    outcomes.update(error["extensions"]["code"] for error in answer.get("errors", [])[:1])
    if "data" not in answer:
        assert "errors" in answer, "neither data nor errors"
        assert response.status_code == 400 or media.startswith("application/json"), "200 for what was not executed"
        assert not any("path" in error for error in answer["errors"]), "an error of a field, and no data"
        return
    assert response.status_code == 200, f"status {response.status_code} for what was executed"
    if answer["data"] is None:
        assert "errors" in answer, "no data, and no error"
        return
    outcomes["with data" if any(answer["data"].values()) else "with null"] += 1
    judged = executed(case.body, answer["data"])
    assert not judged.errors, f"not as the schema says: {judged.errors}"
    assert json.dumps(judged.data) == json.dumps(answer["data"]), "not in the order of the query"
