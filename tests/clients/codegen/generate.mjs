// npm @graphql-codegen with its preset for clients: what it makes of the schema and our documents
// must compile as strictly as TypeScript can, beside a page that uses it.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { codegen } from "@graphql-codegen/core";
import { preset } from "@graphql-codegen/client-preset";
import { buildSchema, parse, printSchema } from "graphql";

import { check } from "../scenario.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));
const generated = join(folder, "generated");
const text = (file) => readFileSync(new URL(file, import.meta.url), "utf8");

await check("types are generated from the schema", async () => {
  rmSync(generated, { recursive: true, force: true });
  const schema = buildSchema(text("../../../schema.graphql"));
  const location = "operations.graphql";
  const outputs = await preset.buildGeneratesSection({
    baseOutputDir: `${generated}/`,
    presetConfig: { fragmentMasking: false },
    schema: parse(printSchema(schema)),
    schemaAst: schema,
    documents: [{ location, document: parse(text("../operations.graphql")), rawSDL: text("../operations.graphql") }],
    config: {
      strictScalars: true,
      useTypeImports: true,
      defaultScalarType: "unknown",
      scalars: {
        Date: "string", DateTime: "string", Decimal: "string", DecimalSum: "string", PartialDate: "string", Period: "string", URL: "string",
        JSON: "unknown",
      },
    },
    plugins: [],
    pluginMap: {},
  });
  for (const output of outputs) {
    mkdirSync(dirname(output.filename), { recursive: true });
    writeFileSync(output.filename, await codegen(output));
  }
});

await check("they compile as strictly as can be", () => {
  const compiler = createRequire(import.meta.url).resolve("typescript/package.json");
  const { bin } = JSON.parse(readFileSync(compiler, "utf8"));
  const tsc = join(dirname(compiler), bin.tsc);
  try {
    execFileSync(process.execPath, [tsc, "--project", folder], { encoding: "utf8" });
  } catch (error) {
    throw new Error(error.stdout || error.message);
  }
});
