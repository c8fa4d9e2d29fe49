//! What a request asks for, found and refused before anybody is asked who wants it.
use std::sync::Arc;

use async_graphql::{
    InputType, Name, Pos, ServerError, Variables,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationType},
    },
};
use serde_json::Value as Json;

use super::{Allowed, Engine, Prepared};
use crate::http::{
    answer::Refusal,
    document::{self, Document, Given, Hash},
    gate::{cost, dry_run},
    limits::{Exceeded, Limit, Limits},
    request::{self, Parameters},
    span,
};

impl Engine {
    pub(super) async fn prepared(
        &self,
        parameters: Parameters,
        allowed: Allowed,
    ) -> Result<Prepared, Refusal> {
        let document = self.document(&parameters).await?;
        let Parameters {
            operation_name,
            variables,
            extensions,
            ..
        } = parameters;
        let name = operation_name.as_deref().filter(|name| !name.is_empty());
        let (name, operation) = document
            .operation(name)
            .map_err(|message| Refusal::Invalid(vec![ServerError::new(message, None)]))?;
        refuse_unless(allowed, operation.node.ty)?;
        let variables = Json::Object(variables.unwrap_or_default());
        self.check_size(&variables)?;
        let variables = Variables::from_json(variables);
        let wrong = self.rules().variables(&operation.node, &variables);
        if !wrong.is_empty() {
            return Err(Refusal::Invalid(wrong));
        }
        let given = Given {
            operation: &operation.node,
            sent: &variables,
        };
        let executable = document::collect(&self.types, &document.executable, operation, given);
        let (mut executable, merges) = executable.map_err(|error| Refusal::Invalid(vec![error]))?;
        refuse_several_events(&executable)?;
        let cost = cost::of(&self.types, &executable, given);
        let is_dry = dry_run::keep(&mut executable, given);
        if !is_dry {
            cost.check(&self.limits)?;
        }
        let name = name.map(ToString::to_string);
        span::operation(operation.node.ty, name.as_deref(), cost.points);
        Ok(Prepared {
            kind: operation.node.ty,
            name,
            cost,
            is_dry,
            merges,
            document: document.hash,
            tells_cost: extensions.is_some_and(|extensions| extensions.cost),
            executable,
            variables,
        })
    }

    /// An input that comes without a document, in JSON: read and checked as a variable of its type
    /// would be. None when it is not sent, or null.
    pub fn input<T: InputType>(
        &self,
        name: &str,
        sent: Option<&str>,
    ) -> Result<Option<T>, Refusal> {
        let Some(sent) = sent else {
            return Ok(None);
        };
        let value: Json = request::json(name, sent)?;
        let variables = Json::Object([(name.to_owned(), value)].into_iter().collect());
        self.check_size(&variables)?;
        let variables = Variables::from_json(variables);
        let document = format!("query (${name}: {}) {{ __typename }}", T::type_name());
        let document = parse_query(document).map_err(|error| Refusal::Syntax(error.into()))?;
        for (_, operation) in document.operations.iter() {
            let wrong = self.rules().variables(&operation.node, &variables);
            if !wrong.is_empty() {
                return Err(Refusal::Invalid(wrong));
            }
        }
        let value = variables.get(&Name::new(name)).cloned();
        <Option<T> as InputType>::parse(value).map_err(|error| {
            let error = error.into_server_error(Pos::default());
            Refusal::Invalid(vec![ServerError::new(error.message, None)])
        })
    }

    fn check_size(&self, variables: &Json) -> Result<(), Refusal> {
        let (values, depth) = size(variables);
        let Limits {
            max_tokens,
            max_nesting,
            ..
        } = self.limits;
        Exceeded::check(Limit::Values, max_tokens as u64, values)?;
        Exceeded::check(Limit::VariablesNesting, max_nesting as u64, depth)?;
        Ok(())
    }

    async fn document(&self, parameters: &Parameters) -> Result<Arc<Document>, Refusal> {
        let query = parameters
            .query
            .as_deref()
            .filter(|query| !query.trim().is_empty());
        let persisted = parameters.extensions.as_ref();
        let persisted = persisted.and_then(|extensions| extensions.persisted_query.as_ref());
        if let Some(trusted) = &self.trusted {
            let id = parameters.document_id.as_deref();
            let id = id.or(persisted.map(|persisted| persisted.sha256_hash.as_str()));
            let found = match (id, query) {
                (Some(id), _) => trusted.get(id),
                (None, Some(query)) => trusted.by_text(query),
                (None, None) => None,
            };
            return found.ok_or(Refusal::NotTrusted);
        }
        let hash = match persisted {
            Some(persisted) if persisted.version != 1 => {
                let message = "persisted queries are taken in version 1 alone";
                return Err(Refusal::Malformed(message.to_owned()));
            }
            Some(persisted) => {
                Some(document::hash_of(&persisted.sha256_hash).ok_or_else(|| {
                    Refusal::Malformed("sha256Hash must be 64 hexadecimal digits".to_owned())
                })?)
            }
            None => None,
        };
        let sent = query.map(|query| (query, document::hash(query)));
        match (sent, hash) {
            (Some((_, own)), Some(hash)) if own != hash => {
                let message = "sha256Hash is not the hash of the query that was sent with it";
                Err(Refusal::Malformed(message.to_owned()))
            }
            (Some((query, hash)), _) => {
                if let Some(document) = self.kept(&hash) {
                    return Ok(document);
                }
                let read = self.documents.read(query, hash, self.rules(), &self.limits);
                let document = read.await?;
                self.metrics
                    .cache_holds("documents", self.documents.bytes());
                Ok(document)
            }
            (None, Some(hash)) => self.kept(&hash).ok_or(Refusal::PersistedQueryNotFound),
            (None, None) if parameters.document_id.is_some() => {
                let message = "this server has no trusted documents: send the query itself";
                Err(Refusal::Malformed(message.to_owned()))
            }
            (None, None) => Err(Refusal::Malformed("the request has no query".to_owned())),
        }
    }

    fn kept(&self, hash: &Hash) -> Option<Arc<Document>> {
        let kept = self.documents.kept(hash);
        self.metrics.cache_asked("documents", kept.is_some());
        kept
    }
}

fn refuse_unless(allowed: Allowed, kind: OperationType) -> Result<(), Refusal> {
    match (allowed, kind) {
        (Allowed::Everything, _)
        | (_, OperationType::Query)
        | (Allowed::QueriesAndMutations, OperationType::Mutation)
        | (Allowed::QueriesAndSubscriptions, OperationType::Subscription) => Ok(()),
        (_, OperationType::Mutation) => {
            Err(Refusal::Method("only queries may come by GET; use POST"))
        }
        (_, OperationType::Subscription) => Err(Refusal::Method(
            "subscriptions come over WebSocket, or with Accept: text/event-stream",
        )),
    }
}

/// Of a subscription one field can tell at a time (GraphQL specification, section 5.2.4).
fn refuse_several_events(document: &ExecutableDocument) -> Result<(), Refusal> {
    let several = document.operations.iter().find(|(_, operation)| {
        let fields = operation.node.selection_set.node.items.len();
        operation.node.ty == OperationType::Subscription && fields != 1
    });
    match several {
        Some((_, operation)) => Err(Refusal::Invalid(vec![ServerError::new(
            "a subscription selects one field",
            Some(operation.pos),
        )])),
        None => Ok(()),
    }
}

/// How many values there are, and how deep they nest.
fn size(json: &Json) -> (u64, u64) {
    let of = |(values, depth), (more, deeper)| (values + more, Ord::max(depth, deeper + 1));
    match json {
        Json::Array(values) => values.iter().map(size).fold((1, 1), of),
        Json::Object(fields) => fields.values().map(size).fold((1, 1), of),
        _ => (1, 0),
    }
}
