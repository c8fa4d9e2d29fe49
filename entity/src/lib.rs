//! The tables, a file each. Knows nothing of HTTP, sign-in or requests.
//!
//! A column's doc comment is also the description of the API's field: the row is the type.

pub mod searched;
pub mod value;

pub mod country;
pub mod country_alias;
pub mod edition;

pub mod concordance;
pub mod product;
pub mod product_list;
pub mod product_list_entry;

pub mod citation;
pub mod party;
pub mod source;
pub mod source_link;

pub mod dataset;
pub mod import_batch;
pub mod refused_row;
pub mod shipment;

pub mod claim;
pub mod claim_subject;
pub mod statement;
pub mod statement_citation;
pub mod statement_link;

pub mod api_key;
pub mod curator;
pub mod idempotency;
pub mod refresh_token;
pub mod revision;
pub mod revision_change;
pub mod search_document;
pub mod session;
