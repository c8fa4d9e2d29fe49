// npm relay-runtime, with what relay-compiler makes of the schema: records by their global ids, and
// a connection that grows page by page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import { createClient } from "graphql-ws";
import relay from "relay-runtime";
import WebSocket from "ws";

import { bearer, check, events, has, scenario, someParty, token, url } from "../scenario.mjs";

const { Environment, Network, Observable, RecordSource, Store } = relay;
const { commitMutation, createOperationDescriptor, fetchQuery, getSingularSelector, requestSubscription } = relay;

const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL(".", import.meta.url));
const settings = {
  src: ".",
  schema: "../../../schema.graphql",
  language: "javascript",
  eagerEsModules: false,
  excludes: ["**/node_modules/**", "**/__generated__/**", ...(has.subscriptions ? [] : ["**/changes.js"])],
};
await check("relay-compiler takes the schema", () => {
  writeFileSync(`${folder}relay.config.json`, JSON.stringify(settings));
  const compiler = require.resolve("relay-compiler/cli.js");
  execFileSync(process.execPath, [compiler, "--noWatchman", "--output", "quiet-with-errors"], {
    cwd: folder,
    stdio: "pipe",
  });
});
const made = (name) => require(`./__generated__/${name}.graphql`);

const sockets = [];

function connect(token) {
  const send = async ({ text }, variables) => {
    const headers = { "content-type": "application/json", accept: "application/graphql-response+json", ...bearer(token) };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query: text, variables }) });
    return response.json();
  };
  const socket = createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: bearer(token),
  });
  sockets.push(socket);
  const subscribe = ({ text }, variables) =>
    Observable.create((sink) => socket.subscribe({ query: text, variables }, sink));
  return new Environment({ network: Network.create(send, subscribe), store: new Store(new RecordSource()) });
}

const environments = { anonymous: connect(), curator: connect(token) };
const as = (token) => (token ? environments.curator : environments.anonymous);

const queries = {
  Country: made("documentsCountryQuery"),
  Party: made("documentsPartyQuery"),
  LatestRevision: made("documentsLatestRevisionQuery"),
};
const mutations = {
  CreateParty: made("documentsCreatePartyMutation"),
  UpdateParty: made("documentsUpdatePartyMutation"),
  CreateCurator: made("documentsCreateCuratorMutation"),
};

/** What a component would see of a fragment. */
const read = (environment, fragment, reference) =>
  environment.lookup(getSingularSelector(fragment, reference)).data;

async function ask(name, variables, token) {
  const environment = as(token);
  if (mutations[name]) {
    return new Promise((resolve, reject) => {
      const onCompleted = (data, errors) => (errors ? reject(errors) : resolve(data));
      commitMutation(environment, { mutation: mutations[name], variables, onCompleted, onError: reject });
    });
  }
  const data = await fetchQuery(environment, queries[name], variables).toPromise();
  if (name !== "Party") return data;
  return { party: read(environment, made("documents_party"), data.node.party) };
}

/** Errors beside data are given as they are; without any, they are within an error of Relay's own. */
function refusal(error) {
  if (!Array.isArray(error)) assert.match(error.message, /^No data returned for operation/);
  const [{ message, extensions }] = error.source?.errors ?? error;
  return { message, code: extensions.code };
}

const subscription = has.subscriptions && made("changesSubscription");
const changes = (after) =>
  events(({ next, error, complete }) => {
    const observer = { onNext: next, onError: error, onCompleted: complete };
    return requestSubscription(as(), { subscription, variables: { after }, ...observer }).dispose;
  });

await scenario({ ask, refusal, changes });

await check("a connection that grows page by page", async () => {
  const environment = connect();
  const [query, more, fragment] = [
    "documentsShipmentsQuery", "documentsMoreShipmentsQuery", "documents_shipments",
  ].map(made);
  const first = createOperationDescriptor(query, { count: 2 });
  environment.retain(first);
  await fetchQuery(environment, query, { count: 2 }).toPromise();
  const page = () => read(environment, fragment, environment.lookup(first.fragment).data).shipments;
  assert.equal(page().edges.length, 2);

  let turns = 0;
  for (; page().pageInfo.hasNextPage; turns += 1) {
    await fetchQuery(environment, more, { count: 50, cursor: page().pageInfo.endCursor }).toPromise();
  }
  assert.ok(turns > 0, "there was a second page");
  const ids = page().edges.map((edge) => edge.node.id);
  assert.ok(ids.length > 2);
  assert.equal(new Set(ids).size, ids.length);
});

await check("a record that changes, changes wherever it is shown", async () => {
  const input = someParty();
  const { createParty } = await ask("CreateParty", { input }, token);
  const { id } = createParty.party;
  const { party } = await ask("Party", { id }, token);
  assert.equal(party.name, input.name);
  const name = `${input.name}, renamed`;
  await ask("UpdateParty", { input: { id, version: 1, name } }, token);
  const shown = createOperationDescriptor(queries.Party, { id });
  const data = environments.curator.lookup(shown.fragment).data;
  assert.equal(read(environments.curator, made("documents_party"), data.node.party).name, name);
});

for (const socket of sockets) await socket.dispose();
