// A page of a frontend: what it reads is typed from the schema on.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";

import { CountryDocument, CreatePartyDocument, ShipmentsDocument } from "./generated/graphql";

type Ask = <Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) => Promise<Data>;

export async function exporters(ask: Ask): Promise<string[]> {
  const { shipments } = await ask(ShipmentsDocument, { first: 10 });
  return shipments.edges.map(({ node }) => `${node.exporter?.name ?? "?"}: ${node.value ?? "?"}`);
}

export async function countryName(ask: Ask, code: string): Promise<string | undefined> {
  return (await ask(CountryDocument, { code })).country?.name;
}

export async function enter(ask: Ask, name: string): Promise<string[]> {
  const { createParty } = await ask(CreatePartyDocument, { input: { name, kind: "ORGANISATION" } });
  return (createParty?.userErrors ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

// @ts-expect-error: a variable that is not there
export const wrong = (ask: Ask) => ask(CountryDocument, { alpha2: "CN" });
