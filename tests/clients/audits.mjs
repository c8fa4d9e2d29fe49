// The audits of GraphQL over HTTP.
import { serverAudits } from "graphql-http";

import { check, url } from "./scenario.mjs";

const AUDITS = 61;

const audits = serverAudits({ url, fetchFn: fetch });
let passed = 0;
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === "ok") passed += 1;
  else console.log(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
}
await check(`${passed} of ${audits.length}`, () => {
  if (passed !== AUDITS || audits.length !== AUDITS) throw new Error(`all ${AUDITS} must pass`);
});
