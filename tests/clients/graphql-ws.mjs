// npm graphql-ws: every operation over one WebSocket.
import assert from "node:assert/strict";

import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { bearer, check, documents, has, scenario, token, unknownField, url } from "./scenario.mjs";

const socket = url.replace(/^http/, "ws");
const connect = (token, rest) =>
  createClient({ url: socket, webSocketImpl: WebSocket, connectionParams: bearer(token), retryAttempts: 0, ...rest });

const clients = { anonymous: connect(), curator: connect(token) };
const as = (token) => (token ? clients.curator : clients.anonymous);

/** It yields results as the server sends them, and throws the errors of a request. */
async function send(query, variables, token) {
  for await (const { data, errors } of as(token).iterate({ query, variables })) {
    if (errors) throw errors;
    return data;
  }
}

function refusal(errors) {
  assert.ok(Array.isArray(errors), `a list of errors, and not ${errors}`);
  return { message: errors[0].message, code: errors[0].extensions.code };
}

async function* changes(after) {
  for await (const { data, errors } of as().iterate({ query: documents.Changes, variables: { after } })) {
    if (errors) throw errors;
    yield data;
  }
}

if (has.subscriptions) {
  await scenario({ ask: (name, ...rest) => send(documents[name], ...rest), refusal, changes });
  await unknownField(send, refusal);
  await check("a token that is none ends the connection", async () => {
    const client = connect("none");
    const closed = new Promise((resolve) => client.on("closed", resolve));
    await assert.rejects(client.iterate({ query: "{ __typename }" }).next());
    assert.ok([4401, 4403].includes((await closed).code), "it is closed as Unauthorized or Forbidden");
  });
  for (const client of Object.values(clients)) await client.dispose();
}
