// What every client must manage, one line a check. A client says how it does it.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

import { Kind, parse, print } from "graphql";

export const url = process.env.WAYBILL_URL;
export const token = process.env.WAYBILL_TOKEN;
const without = new Set(process.env.WAYBILL_WITHOUT?.split(","));
export const has = { subscriptions: !without.has("subscriptions"), persistedQueries: !without.has("persisted-queries") };

/** The documents by the names of their operations. */
export const documents = Object.fromEntries(
  ["operations.graphql", "changes.graphql"].flatMap((file) => {
    const document = parse(readFileSync(new URL(file, import.meta.url), "utf8"));
    return document.definitions
      .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
      .map((definition) => [definition.name.value, print(definition)]);
  }),
);

const LONGEST_CHECK = 20_000;

/** Prints how it went. One that fails fails the script, and the next runs all the same. */
export async function check(name, test) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${LONGEST_CHECK} ms`)), LONGEST_CHECK);
  });
  try {
    await Promise.race([test(), late]);
    console.log(`ok   ${name}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`FAIL ${name}\n${error?.stack ?? error}`);
  } finally {
    clearTimeout(timer);
  }
}

export const bearer = (token) => (token ? { authorization: `Bearer ${token}` } : {});

/** The input of a party that was never entered before. */
export const someParty = () => ({ name: `Invented ${randomUUID()}`, kind: "ORGANISATION", publish: true });

/** What an observer is told, as something to iterate over; it is told no more after `return`. */
export function events(subscribe) {
  const waiting = [];
  const arrived = [];
  const give = (settle) => (waiting.length > 0 ? settle(waiting.shift()) : arrived.push(settle));
  const end = subscribe({
    next: (value) => give(({ resolve }) => resolve({ value, done: false })),
    error: (error) => give(({ reject }) => reject(error)),
    complete: () => give(({ resolve }) => resolve({ value: undefined, done: true })),
  });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () =>
      new Promise((resolve, reject) => {
        if (arrived.length > 0) arrived.shift()({ resolve, reject });
        else waiting.push({ resolve, reject });
      }),
    async return() {
      end();
      return { value: undefined, done: true };
    },
  };
}

/**
 * Runs them all with one client:
 * - `ask(operation, variables, token)` gives the data of an operation by its name, or throws what
 *   the client throws;
 * - `refusal(error)` takes that apart into the first error's `message` and `code`;
 * - `changes(after)` iterates over the data of the subscription, where the client can subscribe.
 */
export async function scenario({ ask, refusal, changes }) {
  const refused = async (...operation) => {
    const answer = await ask(...operation).then(
      (data) => assert.fail(`it answered ${JSON.stringify(data)}`),
      (error) => error,
    );
    if (answer instanceof assert.AssertionError) throw answer;
    return refusal(answer);
  };

  await check("a query with variables", async () => {
    const { country } = await ask("Country", { code: "CN" });
    assert.equal(country.name, "China");
    assert.equal(country.alpha3, "CHN");
    assert.equal((await ask("Country", { code: "ZZ" })).country, null);
  });

  await check("a request that cannot be executed", async () => {
    const { message, code } = await refused("Country", { code: ["CN"] });
    assert.equal(code, "BAD_USER_INPUT");
    assert.match(message, /code/);
  });

  await check("an error of a field, with its code", async () => {
    const anonymous = await refused("CreateParty", { input: someParty() });
    assert.equal(anonymous.code, "UNAUTHENTICATED");
    assert.match(anonymous.message, /sign in/);
    const curator = { email: "nobody@example.org", role: "CURATOR" };
    assert.equal((await refused("CreateCurator", { input: curator }, token)).code, "FORBIDDEN");
  });

  await check("a mutation, read back", async () => {
    const input = someParty();
    const { createParty } = await ask("CreateParty", { input }, token);
    assert.deepEqual(createParty.userErrors, []);
    assert.ok(createParty.revision > 0);
    const { party } = await ask("Party", { id: createParty.party.id });
    assert.equal(party.name, input.name);
    assert.equal(party.kind, input.kind);
  });

  await check("what is wrong with an input", async () => {
    const { createParty } = await ask("CreateParty", { input: { ...someParty(), name: "" } }, token);
    assert.equal(createParty.party, null);
    assert.deepEqual(createParty.userErrors.map((error) => [error.code, error.path]), [["REQUIRED", ["name"]]]);
  });

  if (!changes || !has.subscriptions) return;
  await check("changes, resumed without loss or repeat", async () => {
    const enter = async () => (await ask("CreateParty", { input: someParty() }, token)).createParty;
    const seen = (entered, { changes }) => {
      assert.equal(changes.number, entered.revision);
      assert.ok(changes.changes.nodes.some((change) => change.recordId === entered.party.id));
    };
    const latest = (await ask("LatestRevision", {})).revisions.nodes[0].number;

    const first = changes(latest)[Symbol.asyncIterator]();
    const live = await enter();
    seen(live, (await first.next()).value);
    await first.return();

    const missed = [await enter(), await enter()];
    const second = changes(live.revision)[Symbol.asyncIterator]();
    for (const entered of missed) seen(entered, (await second.next()).value);
    const next = second.next();
    seen(await enter(), (await next).value);
    await second.return();
  });
}

/** For clients that do not read the schema: they send any text, and the server says what is wrong. */
export async function unknownField(send, refusal) {
  await check("a document that the schema does not allow", async () => {
    const error = await send("{ nothingOfThatName }").then(
      (data) => assert.fail(`it answered ${JSON.stringify(data)}`),
      (error) => error,
    );
    if (error instanceof assert.AssertionError) throw error;
    const { message, code } = refusal(error);
    assert.equal(code, "BAD_USER_INPUT");
    assert.match(message, /nothingOfThatName/);
  });
}
