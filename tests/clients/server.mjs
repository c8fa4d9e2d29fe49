// A Waybill server of our own: on a free port, with the demo's story and people who may sign in.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Enough shipments for several pages. */
const FIXTURES = [
  ["hs", "hs2022.csv", "--edition", "HS2022"],
  ["comtrade", "comtrade.csv", "--dataset", "invented"],
];
const STARTED_WITHIN = 60_000;
const STOPPED_WITHIN = 40_000;

/** The binary that is named, or else the one that was built for release, or else for tests. */
export function binary(named) {
  const built = ["release", "debug"].map((profile) => fileURLToPath(new URL(`../../target/${profile}/waybill`, import.meta.url)));
  const waybill = named ? resolve(named) : (built.find(existsSync) ?? built[0]);
  if (!existsSync(waybill)) quit(`there is no ${waybill}: build it, or name another`);
  return waybill;
}

/** Ends this process, which was asked for what it cannot do. */
export function quit(why) {
  console.error(`${basename(process.argv[1])}: ${why}`);
  process.exit(2);
}

/** Ends this process, and thereby what it serves, when it is told to. */
export function endWhenTold() {
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}

/**
 * Serves an SQLite file, or a database of its own on the PostgreSQL server that `postgres` names.
 * `stop` ends it, removes all that it had, and tells what went wrong; the end of this process does
 * the same, and tells nothing.
 */
export async function serve(waybill, { postgres, options = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "waybill-clients-"));
  const database = postgres ? ownDatabase(postgres) : embedded(folder);
  const environment = { ...process.env, DATABASE_URL: database.url, WAYBILL_LOG: "info", NO_COLOR: "1" };
  const keys = join(folder, "keys.json");
  const logged = join(folder, "log");
  let child;
  const remove = () => {
    child?.kill("SIGKILL");
    database.drop();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", remove);

  const command = (args, input) => {
    const done = spawnSync(waybill, args, { env: environment, input, encoding: "utf8" });
    if (done.error) throw done.error;
    if (done.status !== 0) throw new Error(`waybill ${args.join(" ")}: ${done.stderr}`);
  };
  const password = randomBytes(18).toString("base64url");
  command(["keys", "new", keys]);
  for (const role of ["admin", "curator"]) {
    command(["user", "add", `${role}@example.org`, "--role", role, "--password-stdin"], `${password}\n`);
  }

  const log = openSync(logged, "a");
  const settings = ["--demo", "--listen", "127.0.0.1:0", "--signing-keys", keys, ...options];
  child = spawn(waybill, ["serve", ...settings], { env: environment, stdio: ["ignore", log, log] });
  closeSync(log);
  const ended = new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code));
    child.once("error", (error) => resolve(error.message));
  });
  const origin = await listening(child, logged);
  for (const [format, file, ...more] of FIXTURES) {
    command(["import", format, fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url)), ...more]);
  }

  return {
    url: `${origin}/graphql`,
    signIn: (role) => signIn(`${origin}/graphql`, `${role}@example.org`, password),
    async stop() {
      child.kill("SIGTERM");
      const end = await Promise.race([ended, sleep(STOPPED_WITHIN, "no end", { ref: false })]);
      const failures = errors(readFileSync(logged, "utf8"));
      process.off("exit", remove);
      remove();
      if (end !== 0) failures.push(`the server ended with ${end}`);
      return failures;
    },
  };
}

function embedded(folder) {
  return { url: `sqlite://${join(folder, "waybill.db")}?mode=rwc`, drop() {} };
}

function ownDatabase(server) {
  const name = `waybill_clients_${process.pid}_${Date.now()}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const tell = (sql) => spawnSync("psql", [server, "--quiet", "--command", sql], { encoding: "utf8" });
  const made = tell(`CREATE DATABASE ${name}`);
  if (made.status !== 0) throw made.error ?? new Error(`psql: ${made.stderr}`);
  return { url: url.href, drop: () => tell(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** Waits until the log says where it listens. */
async function listening(child, logged) {
  const until = Date.now() + STARTED_WITHIN;
  while (Date.now() < until && child.exitCode === null) {
    const origin = /listening on (http:\S+)/.exec(readFileSync(logged, "utf8"))?.[1];
    if (origin) return origin;
    await sleep(50);
  }
  throw new Error(`the server did not start:\n${readFileSync(logged, "utf8")}`);
}

/** What the server says went wrong on its side; that a client sent no HTTP is the client's. */
function errors(log) {
  return log.split("\n").filter((line) => / ERROR |panicked/.test(line) && !/request parse error/.test(line));
}

/** The access token, which is good for ten minutes. */
async function signIn(url, email, password) {
  const query = `mutation ($input: SignInInput!) {
    signIn(input: $input) { session { accessToken } userErrors { message } }
  }`;
  const answer = await ask(url, query, { input: { email, password } });
  return answer.data.signIn.session.accessToken;
}

/** A request without any client. */
export async function ask(url, query, variables, token, extensions) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const body = JSON.stringify({ query, variables, extensions });
  const response = await fetch(url, { method: "POST", headers, body });
  return response.json();
}
