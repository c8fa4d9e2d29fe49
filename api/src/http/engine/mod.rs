//! The way of every request, whichever transport it came by: prepared, admitted, executed.
use std::{path::PathBuf, sync::Arc};

use async_graphql::{
    Request, Response, Value, Variables,
    parser::types::{ExecutableDocument, OperationType},
};
use clap::{Args, builder::BoolishValueParser};
use futures_util::{Stream, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    answer::{Answer, Refusal},
    caller::Caller,
    document::{Documents, Hash, trusted::Trusted},
    gate::{
        cost::Cost,
        types::{Types, root},
        values::Rules,
        volatile::is_volatile,
    },
    limits::Limits,
    metrics::Metrics,
    rates::{RateOptions, Rates},
    request::Parameters,
    span,
};
use crate::{
    auth::{Auth, Credential},
    import::underway::{ImportOptions, Imports},
    kit::{
        access::View,
        curate::IdempotencyKey,
        db::Db,
        deadline::{self, TimedOut},
        error,
        feed::{Feed, Position},
        kept::Kept,
        latest::End,
        references::References,
        rows::Rows,
    },
    rate_limit::Charge,
    schema::{self, Scalars, Schema},
    totals::Totals,
};

mod prepare;

/// What may run, and how much of it.
#[derive(Args, Clone, Debug)]
pub struct EngineOptions {
    #[command(flatten)]
    pub limits: Limits,

    #[command(flatten)]
    pub rates: RateOptions,

    #[command(flatten)]
    pub imports: ImportOptions,

    /// A file of the documents that may run, by id or as a manifest: nothing else runs then.
    #[arg(long, env = "WAYBILL_TRUSTED_DOCUMENTS", value_name = "FILE")]
    pub trusted_documents: Option<PathBuf>,

    /// Resolve every field, rather than write pages and records from their rows: slower, and
    /// answers the same. For finding out whether it does.
    #[arg(long, env = "WAYBILL_RESOLVE_PAGES", value_parser = BoolishValueParser::new())]
    pub resolve_pages: bool,
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
    pub imports: Arc<Imports>,
    pub totals: Totals,
    pub references: Kept<References>,
    resolves_pages: bool,
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
    /// Whether answers to selections may have to be put together.
    merges: bool,
    /// SHA-256 of the document's text.
    pub document: Hash,
    /// Whether the answer's extensions say what it cost.
    tells_cost: bool,
    executable: ExecutableDocument,
    pub variables: Variables,
}

/// What a request takes of its caller's points, and what it is said to cost.
#[derive(Clone, Copy)]
pub struct Charged {
    points: u64,
    cost: u64,
}

impl From<Cost> for Charged {
    fn from(cost: Cost) -> Self {
        Self {
            points: cost.points,
            cost: cost.points,
        }
    }
}

impl Prepared {
    pub fn charged(&self) -> Charged {
        let charged = Charged::from(self.cost);
        match self.is_dry {
            true => Charged {
                points: 1,
                ..charged
            },
            false => charged,
        }
    }

    /// Whether the answer tells what the caller has left.
    pub fn is_about_cost(&self) -> bool {
        self.is_dry || self.tells_cost
    }
}

/// Leave to execute one request now; what it was charged.
pub struct Admission {
    pub charge: Option<Charge>,
    _room: OwnedSemaphorePermit,
}

impl Engine {
    /// `sdl` is the schema's contract. Fails when the trusted documents cannot be read.
    pub async fn new(
        db: Db,
        auth: Arc<Auth>,
        schema: Schema,
        sdl: &str,
        options: EngineOptions,
    ) -> Result<Self, String> {
        let EngineOptions {
            limits,
            rates,
            imports,
            trusted_documents,
            resolve_pages,
        } = options;
        let types = Types::of(sdl).ok_or("the schema cannot be read")?;
        let mut engine = Self {
            feed: Feed::follow(&db, limits.deadline),
            totals: Totals::new(&db),
            references: Kept::new(&db, schema::references()),
            resolves_pages: resolve_pages,
            db,
            auth,
            metrics: Metrics::default(),
            documents: Documents::new(schema::validator()),
            rates: Rates::new(&rates),
            imports: Imports::new(imports),
            schema,
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

    /// The database as the request reads it: nobody who could have written anything will do with
    /// what a replica has.
    pub fn database(&self, prepared: &Prepared, caller: &Caller) -> Db {
        match (prepared.kind, caller.credential) {
            (OperationType::Query, Credential::None) => self.db.for_anonymous_queries(),
            _ => self.db.clone(),
        }
    }

    /// Whether the answer may change though no revision is written.
    pub fn is_volatile(&self, prepared: &Prepared) -> bool {
        let mut operations = prepared.executable.operations.iter();
        operations.any(|(_, operation)| {
            let set = &operation.node.selection_set.node;
            is_volatile(&self.types, set, root(operation.node.ty))
        })
    }

    /// The last revision, as those read who are nobody in particular.
    pub async fn public_end(&self) -> error::Result<End> {
        let latest = self.db.for_anonymous_queries().latest;
        let looked = tokio::time::timeout(self.limits.deadline, latest.get()).await;
        looked.unwrap_or(Err(error::Error::TimedOut))
    }

    /// Charges the caller, and makes sure that there is room.
    pub fn admit(&self, charged: Charged, caller: &Caller) -> Result<Admission, Refusal> {
        let kind = span::caller(caller.credential);
        self.counted(self.admitted(charged, caller), kind)
    }

    fn admitted(&self, charged: Charged, caller: &Caller) -> Result<Admission, Refusal> {
        let room = Arc::clone(&self.room).try_acquire_owned();
        let room = room.map_err(|_| Refusal::Busy)?;
        let charge = self.rates.charge(caller, charged.points)?;
        let charge = charge.map(|charge| Charge {
            cost: charged.cost,
            ..charge
        });
        Ok(Admission {
            charge,
            _room: room,
        })
    }

    /// Takes points from the caller's for what is no operation.
    pub fn charge(&self, caller: &Caller, points: u64) -> Result<Option<Charge>, Refusal> {
        let kind = span::caller(caller.credential);
        self.counted(self.rates.charge(caller, points), kind)
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

    /// What one request reads with.
    fn rows(&self, db: &Db, view: View, merges: bool) -> Rows {
        // Bytes cannot be put together with others.
        let writes_pages = !self.resolves_pages && !merges;
        Rows::new(db.read.clone(), view).with(self.references.clone(), writes_pages)
    }

    fn request(&self, prepared: Prepared, caller: Caller, charge: Option<Charge>) -> Request {
        let db = self.database(&prepared, &caller);
        let mut request = Request::new("").variables(prepared.variables);
        request.set_parsed_query(prepared.executable);
        if let Some(charge) = charge {
            request = request.data(charge);
        }
        request
            .data(self.rows(&db, caller.viewer.view(), prepared.merges))
            .data(db)
            .data(self.totals.clone())
            .data(self.auth.clone())
            .data(self.imports.now())
            .data(Arc::clone(&self.imports))
            .data(caller.authorization)
            .data(caller.viewer)
            .data(caller.credential)
            .data(caller.remote)
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
