//! How much one request may ask for. Each limit is an option, and names itself when it is hit.
use std::time::Duration;

use clap::Args;
use humantime::parse_duration;

/// What bounds a request. The defaults let every query of the usual clients pass, introspection
/// among them.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits of a request")]
pub struct Limits {
    /// Bytes of a body, as sent and as unpacked.
    #[arg(long, env = "WAYBILL_MAX_BODY_BYTES", default_value_t = 1 << 20, value_name = "BYTES")]
    pub max_body_bytes: usize,

    /// Tokens of a document: names, values and punctuation; and values of variables, and of
    /// arguments with fragments resolved.
    #[arg(
        long,
        env = "WAYBILL_MAX_TOKENS",
        default_value_t = 20_000,
        value_name = "N"
    )]
    pub max_tokens: usize,

    /// Brackets within brackets of a document, and values within values of variables.
    #[arg(long, env = "WAYBILL_MAX_NESTING", default_value_t = 50, value_name = "N", value_parser = nesting)]
    pub max_nesting: usize,

    /// Fields within fields, fragments resolved.
    #[arg(
        long,
        env = "WAYBILL_MAX_DEPTH",
        default_value_t = 24,
        value_name = "N"
    )]
    pub max_depth: usize,

    /// Fields in all operations, fragments resolved.
    #[arg(
        long,
        env = "WAYBILL_MAX_FIELDS",
        default_value_t = 5_000,
        value_name = "N"
    )]
    pub max_fields: usize,

    /// Fields under another name, fragments resolved.
    #[arg(
        long,
        env = "WAYBILL_MAX_ALIASES",
        default_value_t = 200,
        value_name = "N"
    )]
    pub max_aliases: usize,

    /// Fields of the operation itself.
    #[arg(
        long,
        env = "WAYBILL_MAX_ROOT_FIELDS",
        default_value_t = 50,
        value_name = "N"
    )]
    pub max_root_fields: usize,

    /// Directives, fragments resolved.
    #[arg(
        long,
        env = "WAYBILL_MAX_DIRECTIVES",
        default_value_t = 100,
        value_name = "N"
    )]
    pub max_directives: usize,

    /// Lists of the schema's own elements within one another, as in `fields { args { … } }`.
    #[arg(
        long,
        env = "WAYBILL_MAX_INTROSPECTION_DEPTH",
        default_value_t = 3,
        value_name = "N"
    )]
    pub max_introspection_depth: usize,

    /// Values that the answer may hold, from the sizes of its pages.
    #[arg(
        long,
        env = "WAYBILL_MAX_NODES",
        default_value_t = 500_000,
        value_name = "N"
    )]
    pub max_nodes: u64,

    /// Points that a request may cost: one for each record that it may read, ten for a mutation.
    #[arg(
        long,
        env = "WAYBILL_MAX_COST",
        default_value_t = 50_000,
        value_name = "POINTS"
    )]
    pub max_cost: u64,

    /// Bytes of an answer before it is packed.
    #[arg(long, env = "WAYBILL_MAX_ANSWER_BYTES", default_value_t = 32 << 20, value_name = "BYTES")]
    pub max_answer_bytes: usize,

    /// Errors that an answer reports; of more it says how many they are.
    #[arg(
        long,
        env = "WAYBILL_MAX_ERRORS",
        default_value_t = 20,
        value_name = "N"
    )]
    pub max_errors: usize,

    /// Requests in one body, as a list. 0: no lists.
    #[arg(long, env = "WAYBILL_MAX_BATCH", default_value_t = 0, value_name = "N")]
    pub max_batch: usize,

    /// Requests that are carried out at once; others are told to come back.
    #[arg(
        long,
        env = "WAYBILL_MAX_CONCURRENT",
        default_value_t = 256,
        value_name = "N"
    )]
    pub max_concurrent: usize,

    /// How long a request may take; then its SQL is stopped.
    #[arg(long, env = "WAYBILL_DEADLINE", default_value = "30s", value_name = "TIME", value_parser = parse_duration)]
    pub deadline: Duration,
}

/// Each level takes a call, here and in the library: more would end the server.
fn nesting(text: &str) -> Result<usize, String> {
    let levels = text
        .parse()
        .ok()
        .filter(|levels| (1..=100).contains(levels));
    levels.ok_or_else(|| "a number from 1 to 100".to_owned())
}

/// Which limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    BodyBytes,
    Tokens,
    Nesting,
    VariablesNesting,
    Values,
    Arguments,
    Spreads,
    Depth,
    Fields,
    Aliases,
    RootFields,
    Directives,
    IntrospectionDepth,
    Nodes,
    Cost,
    AnswerBytes,
    Batch,
}

impl Limit {
    /// The option that sets it, which is also what `extensions.limit` says.
    pub fn option(self) -> &'static str {
        match self {
            Self::BodyBytes => "max-body-bytes",
            Self::Tokens | Self::Values | Self::Arguments => "max-tokens",
            Self::Nesting | Self::VariablesNesting | Self::Spreads => "max-nesting",
            Self::Depth => "max-depth",
            Self::Fields => "max-fields",
            Self::Aliases => "max-aliases",
            Self::RootFields => "max-root-fields",
            Self::Directives => "max-directives",
            Self::IntrospectionDepth => "max-introspection-depth",
            Self::Nodes => "max-nodes",
            Self::Cost => "max-cost",
            Self::AnswerBytes => "max-answer-bytes",
            Self::Batch => "max-batch",
        }
    }

    fn what(self) -> (&'static str, &'static str) {
        match self {
            Self::BodyBytes => ("the body has", "bytes"),
            Self::Tokens => ("the document has", "tokens"),
            Self::Nesting => ("the document nests", "brackets"),
            Self::VariablesNesting => ("the variables nest", "values"),
            Self::Values => ("the variables have", "values"),
            Self::Arguments => (
                "the document has, its fragments resolved,",
                "values of arguments",
            ),
            Self::Spreads => ("the query nests, its fragments resolved,", "selections"),
            Self::Depth => ("the query nests", "fields"),
            Self::Fields => ("the document has, its fragments resolved,", "fields"),
            Self::Aliases => ("the query has, its fragments resolved,", "aliases"),
            Self::RootFields => ("the operation has", "fields of its own"),
            Self::Directives => ("the query has, its fragments resolved,", "directives"),
            Self::IntrospectionDepth => ("introspection nests", "lists"),
            Self::Nodes => ("the answer may hold", "values"),
            Self::Cost => ("the query costs", "points"),
            Self::AnswerBytes => ("the answer has", "bytes"),
            Self::Batch => ("the body has", "requests"),
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Nodes | Self::Cost | Self::AnswerBytes => {
                "; ask for smaller pages, or for fewer pages within pages"
            }
            _ => "",
        }
    }
}

/// A limit that a request went beyond.
#[derive(Clone, Copy, Debug)]
pub struct Exceeded {
    pub limit: Limit,
    /// The limit's value.
    pub most: u64,
    /// What the request had; none where counting stopped at the limit.
    pub had: Option<u64>,
}

impl Exceeded {
    /// Counting stopped there.
    pub fn early(limit: Limit, most: usize) -> Self {
        let most = most as u64;
        let had = None;
        Self { limit, most, had }
    }

    /// The error unless what was had is within the limit.
    pub fn check(limit: Limit, most: u64, had: u64) -> Result<(), Self> {
        if had <= most {
            return Ok(());
        }
        let had = Some(had);
        Err(Self { limit, most, had })
    }
}

impl std::fmt::Display for Exceeded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (has, what) = self.limit.what();
        match self.had {
            // What doubles with every fragment has no figure worth reading.
            Some(had) if had > 1 << 53 => write!(f, "{has} more than 9 quadrillion {what}")?,
            Some(had) => write!(f, "{has} {had} {what}")?,
            None => write!(f, "{has} more than {} {what}", self.most)?,
        }
        let advice = self.limit.advice();
        write!(f, ", and at most {} are taken{advice}", self.most)
    }
}
