"""PyPI gql: over HTTP by aiohttp, and over a WebSocket."""
import asyncio
import os
import pathlib
import sys
import traceback
import uuid

from graphql import GraphQLError, OperationDefinitionNode, parse, print_ast
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

URL = os.environ["WAYBILL_URL"]
TOKEN = os.environ["WAYBILL_TOKEN"]
HAS_SUBSCRIPTIONS = "subscriptions" not in os.environ.get("WAYBILL_WITHOUT", "").split(",")
LONGEST_CHECK = 20

DOCUMENTS = {
    definition.name.value: print_ast(definition)
    for file in ("operations.graphql", "changes.graphql")
    for definition in parse(pathlib.Path(__file__).with_name(file).read_text(encoding="utf-8")).definitions
    if isinstance(definition, OperationDefinitionNode)
}
failed = False


async def check(name, test):
    global failed
    try:
        await asyncio.wait_for(test(), LONGEST_CHECK)
        print("ok  ", name, flush=True)
    except Exception as error:
        failed = True
        line = traceback.extract_tb(error.__traceback__)[-1]
        print(f"FAIL {name}\n{type(error).__name__}: {error} ({line.name}, line {line.lineno})", flush=True)


def bearer(token):
    return {"authorization": f"Bearer {token}"} if token else {}


def by_http(token=None):
    return Client(transport=AIOHTTPTransport(url=URL, headers=bearer(token)))


def by_websocket(token=None):
    url = URL.replace("http", "ws", 1)
    protocols = [WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
    return Client(transport=WebsocketsTransport(url=url, init_payload=bearer(token), subprotocols=protocols))


def some_party():
    return {"name": f"Invented {uuid.uuid4()}", "kind": "ORGANISATION", "publish": True}


async def refused(session, document, variables=None):
    """The first error's code and message, as gql presents them."""
    try:
        data = await session.execute(gql(document), variable_values=variables)
    except TransportQueryError as error:
        return error.errors[0]["extensions"]["code"], error.errors[0]["message"]
    raise AssertionError(f"it answered {data}")


async def scenario(name, connect):
    async with connect() as anonymous, connect(TOKEN) as curator:

        async def ask(operation, variables, session=anonymous):
            return await session.execute(gql(DOCUMENTS[operation]), variable_values=variables)

        async def a_query():
            answer = await ask("Country", {"code": "CN"})
            assert answer["country"]["name"] == "China", answer
            assert (await ask("Country", {"code": "ZZ"}))["country"] is None

        async def bad_requests():
            code, message = await refused(anonymous, DOCUMENTS["Country"], {"code": ["CN"]})
            assert code == "BAD_USER_INPUT" and "code" in message, (code, message)
            code, message = await refused(anonymous, "{ nothingOfThatName }")
            assert code == "BAD_USER_INPUT" and "nothingOfThatName" in message, (code, message)

        async def errors_of_fields():
            code, message = await refused(anonymous, DOCUMENTS["CreateParty"], {"input": some_party()})
            assert code == "UNAUTHENTICATED" and "sign in" in message, (code, message)
            somebody = {"email": "nobody@example.org", "role": "CURATOR"}
            code, _ = await refused(curator, DOCUMENTS["CreateCurator"], {"input": somebody})
            assert code == "FORBIDDEN", code

        async def a_mutation():
            party = some_party()
            entered = (await ask("CreateParty", {"input": party}, curator))["createParty"]
            assert entered["userErrors"] == [] and entered["revision"] > 0, entered
            found = (await ask("Party", {"id": entered["party"]["id"]}))["party"]
            assert found["name"] == party["name"] and found["kind"] == party["kind"], found

        async def a_bad_input():
            refusal = (await ask("CreateParty", {"input": {**some_party(), "name": ""}}, curator))["createParty"]
            assert refusal["party"] is None, refusal
            assert [(e["code"], e["path"]) for e in refusal["userErrors"]] == [("REQUIRED", ["name"])], refusal

        await check(f"{name}: a query with variables", a_query)
        await check(f"{name}: requests that cannot be executed", bad_requests)
        await check(f"{name}: an error of a field, with its code", errors_of_fields)
        await check(f"{name}: a mutation, read back", a_mutation)
        await check(f"{name}: what is wrong with an input", a_bad_input)


async def the_schema():
    """By introspection, so that a document is checked before it is sent."""
    async with Client(transport=AIOHTTPTransport(url=URL), fetch_schema_from_transport=True) as session:
        try:
            await session.execute(gql("{ nothingOfThatName }"))
        except GraphQLError as error:
            assert "nothingOfThatName" in error.message, error
        else:
            raise AssertionError("it was sent")


async def resumed_changes():
    async with by_http() as reader, by_http(TOKEN) as curator, by_websocket() as socket:

        async def enter():
            answer = await curator.execute(gql(DOCUMENTS["CreateParty"]), variable_values={"input": some_party()})
            return answer["createParty"]

        def changes(after):
            return aiter(socket.subscribe(gql(DOCUMENTS["Changes"]), variable_values={"after": after}))

        def seen(entered, answer):
            revision = answer["changes"]
            assert revision["number"] == entered["revision"], (entered, revision)
            assert entered["party"]["id"] in [change["recordId"] for change in revision["changes"]["nodes"]]

        latest = (await reader.execute(gql(DOCUMENTS["LatestRevision"])))["revisions"]["nodes"][0]["number"]
        first = changes(latest)
        live = await enter()
        seen(live, await anext(first))
        await first.aclose()

        missed = [await enter(), await enter()]
        second = changes(live["revision"])
        for entered in missed:
            seen(entered, await anext(second))
        following = asyncio.ensure_future(anext(second))
        seen(await enter(), await following)
        await second.aclose()


async def main():
    await scenario("HTTP", by_http)
    await check("HTTP: documents are checked by the schema that introspection gives", the_schema)
    if HAS_SUBSCRIPTIONS:
        await scenario("WebSocket", by_websocket)
        await check("WebSocket: changes, resumed without loss or repeat", resumed_changes)


asyncio.run(main())
sys.exit(1 if failed else 0)
