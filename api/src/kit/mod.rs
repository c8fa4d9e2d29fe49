//! What every concept needs, and what names none of them.

pub mod access;
pub mod apart;
pub mod check;
pub mod curate;
pub mod db;
pub mod deadline;
pub mod edit;
pub mod error;
pub mod export;
pub mod feed;
pub mod fields;
pub mod filter;
pub mod id;
pub mod json;
pub mod kept;
pub mod operators;
pub mod order;
pub mod page;
pub mod period;
pub mod record;
pub mod rows;
pub mod search;
pub mod sum;
