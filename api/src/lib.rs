//! Waybill's API, a sentence a module.

/// What every concept needs, and what names none of them.
pub mod kit;

/// Signing in: passwords, tokens, keys, and who stands behind a request.
pub mod auth;

mod api_key;
mod citation;
mod claim;
mod concordance;
mod country;
mod coverage;
mod curator;
mod dataset;
mod edition;
mod ftm;
mod import_batch;
mod mirror;
mod node;
mod party;
mod product;
mod product_list;
mod product_list_entry;
mod rate_limit;
mod refused_row;
mod revision;
mod search;
mod session;
mod shipment;
mod source;
mod source_link;
mod statement;

/// What shipments add up to.
pub mod totals;

/// The roots of all concepts merged.
pub mod schema;

/// What stands between a socket and the schema.
pub mod http;

/// Files of others become records.
mod import;

/// The story to look at.
pub mod demo;

/// What `waybill` can be told.
pub mod cli;
