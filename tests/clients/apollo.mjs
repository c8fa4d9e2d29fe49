// npm @apollo/client: its normalised cache, Relay's pages in it, persisted queries.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { bearer, check, documents, events, has, scenario, someParty, token, unknownField, url } from "./scenario.mjs";

// The link for subscriptions looks for it where browsers have it, and Node 20 does not.
globalThis.WebSocket ??= WebSocket;
const sockets = [];

function connect(token, link = new HttpLink({ uri: url, headers: bearer(token) })) {
  const cache = new InMemoryCache({
    typePolicies: { Query: { fields: { shipments: relayStylePagination() } } },
  });
  const socket = createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: bearer(token),
  });
  sockets.push(socket);
  const isSubscription = ({ operationType }) => operationType === "subscription";
  return new ApolloClient({ cache, link: ApolloLink.split(isSubscription, new GraphQLWsLink(socket), link) });
}

const clients = { anonymous: connect(), curator: connect(token) };
const as = (token) => (token ? clients.curator : clients.anonymous);

async function send(document, variables, token) {
  const isMutation = /^\s*mutation/.test(document);
  const answer = isMutation
    ? await as(token).mutate({ mutation: gql(document), variables })
    : await as(token).query({ query: gql(document), variables, fetchPolicy: "network-only" });
  return answer.data;
}

function refusal(error) {
  assert.ok(CombinedGraphQLErrors.is(error), `errors of GraphQL, and not ${error}`);
  const [{ message, extensions }] = error.errors;
  return { message, code: extensions.code };
}

const changes = (after) =>
  events(({ next, error, complete }) => {
    const tell = (result) => (result.error ? error(result.error) : next(result.data));
    const subscription = as()
      .subscribe({ query: gql(documents.Changes), variables: { after } })
      .subscribe({ next: tell, error, complete });
    return () => subscription.unsubscribe();
  });

await scenario({ ask: (name, ...rest) => send(documents[name], ...rest), refusal, changes });
await unknownField(send, refusal);

await check("pages of shipments become one list in the cache", async () => {
  const client = connect();
  const query = gql(documents.Shipments);
  const shipments = client.watchQuery({ query, variables: { first: 7 } });
  const shown = events(({ next }) => {
    const subscription = shipments.subscribe(({ data, loading }) => loading || next(data.shipments));
    return () => subscription.unsubscribe();
  });
  let { value: list } = await shown.next();
  const { totalCount } = list;
  assert.ok(totalCount > list.edges.length, "there is a second page");
  while (list.pageInfo.hasNextPage) {
    shipments.fetchMore({ variables: { after: list.pageInfo.endCursor } });
    ({ value: list } = await shown.next());
  }
  await shown.return();
  const ids = list.edges.map(({ node }) => node.id);
  assert.equal(ids.length, totalCount);
  assert.equal(new Set(ids).size, totalCount);
  const cached = Object.keys(client.cache.extract());
  for (const id of ids) assert.ok(cached.includes(`Shipment:${id}`), `${id} names its record in the cache`);
});

await check("a record that changes, changes wherever it is shown", async () => {
  const input = someParty();
  const { createParty } = await send(documents.CreateParty, { input }, token);
  const { id } = createParty.party;
  await send(documents.Party, { id }, token);
  const name = `${input.name}, renamed`;
  await send(documents.UpdateParty, { input: { id, version: 1, name } }, token);
  const query = gql(documents.Party);
  const { data } = await as(token).query({ query, variables: { id }, fetchPolicy: "cache-only" });
  assert.equal(data.party.name, name);
});

if (has.persistedQueries) {
  await check("a persisted query: told once, named by its hash from then on", async () => {
    const sent = [];
    const http = new HttpLink({
      uri: url,
      fetch: (address, options) => {
        sent.push({ method: options.method, text: `${address}${options.body ?? ""}` });
        return fetch(address, options);
      },
    });
    const sha256 = (text) => createHash("sha256").update(text).digest("hex");
    const connectByHash = () =>
      connect(undefined, new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(http));
    // Another name for the operation in each run, so that the server cannot know it.
    const query = gql(documents.Country.replace("Country", `Country${Date.now()}`));
    const ask = async () => (await connectByHash().query({ query, variables: { code: "CN" } })).data.country.alpha3;

    assert.equal(await ask(), "CHN");
    assert.deepEqual(sent.map(({ text }) => /alpha3/.test(text)), [false, true]);
    sent.length = 0;
    assert.equal(await ask(), "CHN");
    assert.deepEqual(sent.map(({ method, text }) => [method, /alpha3/.test(text)]), [["GET", false]]);
  });
}

for (const socket of sockets) await socket.dispose();
