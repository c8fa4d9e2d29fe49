// npm graphql-sse: every operation as a stream of events, a connection each.
import assert from "node:assert/strict";

import { createClient } from "graphql-sse";

import { bearer, documents, has, scenario, token, unknownField, url } from "./scenario.mjs";

const clients = {
  anonymous: createClient({ url, retryAttempts: 0 }),
  curator: createClient({ url, retryAttempts: 0, headers: bearer(token) }),
};

async function* results(query, variables, token) {
  const client = token ? clients.curator : clients.anonymous;
  for await (const { data, errors } of client.iterate({ query, variables })) {
    if (errors) throw errors;
    yield data;
  }
}

async function send(...operation) {
  for await (const data of results(...operation)) return data;
}

/** Errors of a request come as an event, too. */
function refusal(errors) {
  assert.ok(Array.isArray(errors), `a list of errors, and not ${errors}`);
  return { message: errors[0].message, code: errors[0].extensions.code };
}

if (has.subscriptions) {
  await scenario({
    ask: (name, ...rest) => send(documents[name], ...rest),
    refusal,
    changes: (after) => results(documents.Changes, { after }),
  });
  await unknownField(send, refusal);
  for (const client of Object.values(clients)) client.dispose();
}
