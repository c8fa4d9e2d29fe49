//! What is refused before it is executed, on every transport.

/// What a request may cost, from the sizes of its pages.
pub mod cost;
/// Requests that ask what they would cost.
pub mod dry_run;
/// How large a document is once its fragments are resolved.
pub mod shape;
/// What the schema says of types, as far as the gate asks.
pub mod types;
/// Values of arguments and variables: all that is wrong with them, with paths.
pub mod values;
/// What changes without a revision.
pub mod volatile;
