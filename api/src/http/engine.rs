//! The way of every request, whichever transport it came by: prepared, admitted, executed.
use std::{path::PathBuf, sync::Arc};

use async_graphql::{
    Request, Response, ServerError, Value, Variables,
    parser::types::{ExecutableDocument, OperationType},
};
use clap::Args;
use futures_util::{Stream, StreamExt};
use serde_json::Value as Json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    answer::{Answer, Refusal},
    caller::Caller,
    document::{self, Document, Documents, Given, Hash, trusted::Trusted},
    gate::{
        cost::{self, Cost},
        dry_run,
        types::{Types, root},
        values::Rules,
        volatile::is_volatile,
    },
    limits::{Exceeded, Limit, Limits},
    metrics::Metrics,
    rates::{RateOptions, Rates},
    request::Parameters,
    span,
};
use crate::{
    auth::{Auth, Credential},
    kit::{
        curate::IdempotencyKey,
        db::Db,
        deadline::{self, TimedOut},
        feed::{Feed, Position},
        rows::Rows,
    },
    rate_limit::Charge,
    schema::{self, Scalars, Schema},
};

/// What may run, and how much of it.
#[derive(Args, Clone, Debug)]
pub struct EngineOptions {
    #[command(flatten)]
    pub limits: Limits,

    #[command(flatten)]
    pub rates: RateOptions,

    /// A file of the documents that may run, by id or as a manifest: nothing else runs then.
    #[arg(long, env = "WAYBILL_TRUSTED_DOCUMENTS", value_name = "FILE")]
    pub trusted_documents: Option<PathBuf>,
}

/// What requests are executed with. One a process.
pub struct Engine {
    pub db: Db,
    pub auth: Arc<Auth>,
    pub limits: Limits,
    pub metrics: Metrics,
    pub documents: Documents,
    pub rates: Rates,
    pub feed: Feed,
    schema: Schema,
    types: Types,
    scalars: Scalars,
    trusted: Option<Trusted>,
    room: Arc<Semaphore>,
}

/// Which operations a transport takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// What only reads, and reads once.
    Queries,
    QueriesAndMutations,
    /// What only reads, as often as there is news.
    QueriesAndSubscriptions,
    Everything,
}

/// A request that may be executed, if its caller may.
pub struct Prepared {
    pub kind: OperationType,
    /// The operation's name, as the document has it.
    pub name: Option<String>,
    pub cost: Cost,
    /// Whether it asks for its cost alone: then it costs a point.
    is_dry: bool,
    /// SHA-256 of the document's text.
    pub document: Hash,
    /// Whether its answer may change though no revision is written.
    pub is_volatile: bool,
    /// Whether the answer's extensions say what it cost.
    tells_cost: bool,
    executable: ExecutableDocument,
    pub variables: Variables,
}

/// Leave to execute one request now; what it was charged.
pub struct Admission {
    pub charge: Option<Charge>,
    _room: OwnedSemaphorePermit,
}

impl Engine {
    /// Fails when the trusted documents cannot be read.
    pub async fn new(db: Db, auth: Arc<Auth>, options: EngineOptions) -> Result<Self, String> {
        let EngineOptions {
            limits,
            rates,
            trusted_documents,
        } = options;
        let types = Types::of(&schema::sdl()).ok_or("the schema cannot be read")?;
        let mut engine = Self {
            feed: Feed::follow(&db, limits.deadline),
            db,
            auth,
            metrics: Metrics::default(),
            documents: Documents::new(schema::validator()),
            rates: Rates::new(&rates),
            schema: schema::schema(),
            types,
            scalars: schema::scalars(),
            trusted: None,
            room: Arc::new(Semaphore::new(limits.max_concurrent)),
            limits,
        };
        if let Some(file) = trusted_documents {
            let read = Trusted::read(&file, &engine.documents, engine.rules(), &engine.limits);
            engine.trusted = Some(read.await?);
        }
        Ok(engine)
    }

    fn rules(&self) -> Rules<'_> {
        Rules {
            types: &self.types,
            scalars: &self.scalars,
        }
    }

    /// Finds the document and its operation, and refuses what is wrong or too much: everything
    /// that can be said without knowing who asks.
    pub async fn prepare(
        &self,
        parameters: Parameters,
        allowed: Allowed,
    ) -> Result<Prepared, Refusal> {
        self.counted(self.prepared(parameters, allowed).await, "")
    }

    async fn prepared(
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
        let (values, depth) = size(&variables);
        let Limits {
            max_tokens,
            max_nesting,
            ..
        } = self.limits;
        Exceeded::check(Limit::Values, max_tokens as u64, values)?;
        Exceeded::check(Limit::VariablesNesting, max_nesting as u64, depth)?;
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
        let mut executable = executable.map_err(|error| Refusal::Invalid(vec![error]))?;
        refuse_several_events(&executable)?;
        let cost = cost::of(&self.types, &executable, given);
        let is_dry = dry_run::keep(&mut executable, given);
        if !is_dry {
            cost.check(&self.limits)?;
        }
        let is_volatile = executable.operations.iter().any(|(_, operation)| {
            let set = &operation.node.selection_set.node;
            is_volatile(&self.types, set, root(operation.node.ty))
        });
        let name = name.map(ToString::to_string);
        span::operation(operation.node.ty, name.as_deref(), cost.points);
        Ok(Prepared {
            kind: operation.node.ty,
            name,
            cost,
            is_dry,
            is_volatile,
            document: document.hash,
            tells_cost: extensions.is_some_and(|extensions| extensions.cost),
            executable,
            variables,
        })
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
        match (query, hash) {
            (Some(query), Some(hash)) if document::hash(query) != hash => {
                let message = "sha256Hash is not the hash of the query that was sent with it";
                Err(Refusal::Malformed(message.to_owned()))
            }
            (Some(query), _) => {
                let hash = document::hash(query);
                if let Some(document) = self.kept(&hash) {
                    return Ok(document);
                }
                let read = self.documents.read(query, self.rules(), &self.limits);
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

    /// The database as the request reads it: nobody who could have written anything will do with
    /// what a replica has.
    pub fn database(&self, prepared: &Prepared, caller: &Caller) -> Db {
        match (prepared.kind, caller.credential) {
            (OperationType::Query, Credential::None) => self.db.for_anonymous_queries(),
            _ => self.db.clone(),
        }
    }

    /// Charges the caller, and makes sure that there is room.
    pub fn admit(&self, prepared: &Prepared, caller: &Caller) -> Result<Admission, Refusal> {
        let kind = span::caller(caller.credential);
        self.counted(self.admitted(prepared, caller), kind)
    }

    fn admitted(&self, prepared: &Prepared, caller: &Caller) -> Result<Admission, Refusal> {
        let room = Arc::clone(&self.room).try_acquire_owned();
        let room = room.map_err(|_| Refusal::Busy)?;
        let points = match prepared.is_dry {
            true => 1,
            false => prepared.cost.points,
        };
        let charge = self.rates.charge(caller, points)?.map(|charge| Charge {
            cost: prepared.cost.points,
            ..charge
        });
        Ok(Admission {
            charge,
            _room: room,
        })
    }

    /// Counts what a limit refuses.
    fn counted<T>(&self, result: Result<T, Refusal>, caller: &'static str) -> Result<T, Refusal> {
        match &result {
            Err(Refusal::Limit(exceeded)) => self.metrics.refused(exceeded.limit.option()),
            Err(Refusal::Busy) => self.metrics.refused("max-concurrent"),
            Err(Refusal::RateLimited { .. }) => self.metrics.rate_limited(caller),
            _ => {}
        }
        result
    }

    /// A query or a mutation.
    pub async fn execute(
        &self,
        prepared: Prepared,
        caller: Caller,
        admission: Admission,
        key: IdempotencyKey,
        id: &str,
    ) -> Answer {
        let (kind, charge) = (prepared.kind, admission.charge);
        let extensions = prepared
            .tells_cost
            .then(|| cost_told(prepared.cost, charge));
        let request = self.request(prepared, caller, charge).data(key);
        let executed = deadline::within(self.limits.deadline, self.schema.execute(request));
        let mut answer = match executed.await {
            Ok(response) => Answer::new(response, id, self.limits.max_errors),
            Err(TimedOut(limit)) => Answer::timeout(limit),
        };
        answer.extensions = extensions;
        self.metrics.operation(span::kind(kind), answer.code());
        answer
    }

    /// A subscription: an answer for each event.
    pub fn subscribe(
        &self,
        prepared: Prepared,
        caller: Caller,
        admission: Admission,
        id: String,
        position: Position,
    ) -> impl Stream<Item = Answer> + use<> {
        let most_errors = self.limits.max_errors;
        let request = self.request(prepared, caller, admission.charge);
        let request = request.data(self.feed.clone()).data(position);
        let responses = self.schema.execute_stream(request);
        // Room is for what runs: a stream waits most of the time.
        drop(admission);
        responses.map(move |response: Response| Answer::new(response, &id, most_errors))
    }

    fn request(&self, prepared: Prepared, caller: Caller, charge: Option<Charge>) -> Request {
        let db = self.database(&prepared, &caller);
        let mut request = Request::new("").variables(prepared.variables);
        request.set_parsed_query(prepared.executable);
        if let Some(charge) = charge {
            request = request.data(charge);
        }
        request
            .data(Rows::new(db.read.clone(), caller.viewer.view()))
            .data(db)
            .data(self.auth.clone())
            .data(caller.authorization)
            .data(caller.viewer)
            .data(caller.credential)
            .data(caller.remote)
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

/// What `extensions.cost` says.
fn cost_told(cost: Cost, charge: Option<Charge>) -> Value {
    let mut told = serde_json::json!({ "points": cost.points, "nodes": cost.nodes });
    if let (Some(charge), Some(told)) = (charge, told.as_object_mut()) {
        told.insert("limit".to_owned(), charge.limit.into());
        told.insert("remaining".to_owned(), charge.remaining.into());
        told.insert("resetAt".to_owned(), charge.reset_at.to_string().into());
    }
    Value::from_json(serde_json::json!({ "cost": told })).unwrap_or_default()
}
