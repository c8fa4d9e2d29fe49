// Installs what the clients need, as the lock files say, unless it is there already.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const ROOT = join(FOLDER, "..", "..");
const VENV = join(FOLDER, ".venv");
/** What runs where those packages are. */
export const python = join(VENV, "bin", "python");

/** The client in Rust. */
export const rust = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug", "examples", "client");

/** Packages of npm, without the scripts that they would run. */
export function installNode() {
  const installed = join(FOLDER, "node_modules");
  once(installed, "package-lock.json", () => {
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  });
}

/** Packages of PyPI, in an environment of their own. */
export function installPython() {
  once(VENV, "requirements.txt", () => {
    run("python3", ["-m", "venv", "--clear", VENV]);
    run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt"]);
  });
}

/** The client in Rust, built as the tests are. */
export function installRust() {
  run("cargo", ["build", "--locked", "--quiet", "--example", "client"], ROOT);
}

/** Does it again when the list of packages is another. */
function once(folder, list, install) {
  const mark = join(folder, ".installed");
  const wanted = createHash("sha256").update(readFileSync(join(FOLDER, list))).digest("hex");
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return;
  install();
  writeFileSync(mark, wanted);
}

function run(command, args, cwd = FOLDER) {
  // What it says belongs to the progress, and not to the results.
  execFileSync(command, args, { cwd, stdio: ["ignore", 2, 2] });
}
