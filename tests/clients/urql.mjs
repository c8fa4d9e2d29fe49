// npm @urql/core: POST, GET, its cache of documents, and events for the subscription.
import assert from "node:assert/strict";

import { CombinedError, Client, cacheExchange, fetchExchange } from "@urql/core";

import { bearer, check, documents, events, scenario, token, unknownField, url } from "./scenario.mjs";

const methods = [];
const connect = (token, preferGetMethod = false) =>
  new Client({
    url,
    exchanges: [cacheExchange, fetchExchange],
    preferGetMethod,
    fetchSubscriptions: true,
    fetchOptions: { headers: bearer(token) },
    fetch: (address, options) => {
      methods.push(options.method);
      return fetch(address, options);
    },
  });

const clients = { anonymous: connect(), curator: connect(token) };
const as = (token) => (token ? clients.curator : clients.anonymous);

async function send(document, variables, token) {
  const run = /^\s*mutation/.test(document) ? as(token).mutation : as(token).query;
  const { data, error } = await run.call(as(token), document, variables).toPromise();
  if (error) throw error;
  return data;
}

function refusal(error) {
  assert.ok(error instanceof CombinedError);
  assert.equal(error.networkError, undefined);
  const [{ message, extensions }] = error.graphQLErrors;
  return { message, code: extensions.code };
}

const changes = (after) =>
  events(({ next, error }) => {
    const tell = (result) => (result.error ? error(result.error) : next(result.data));
    return as().subscription(documents.Changes, { after }).subscribe(tell).unsubscribe;
  });

await scenario({ ask: (name, ...rest) => send(documents[name], ...rest), refusal, changes });
await unknownField(send, refusal);

await check("a query by GET, and again from the cache", async () => {
  methods.length = 0;
  const client = connect(undefined, "force");
  const ask = () => client.query(documents.Country, { code: "RU" }).toPromise();
  assert.equal((await ask()).data.country.alpha3, "RUS");
  assert.equal((await ask()).data.country.alpha3, "RUS");
  assert.deepEqual(methods, ["GET"]);
});
