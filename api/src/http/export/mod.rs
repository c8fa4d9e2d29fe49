//! Exports over HTTP: files of records, made while they are read.
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        Method,
        header::{ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, VARY},
    },
    web::{self, Data, Path, ServiceConfig},
};
use async_graphql::InputType;
use futures_util::stream::empty;

use super::{
    Shared,
    answer::Refusal,
    caller::{self, Caller},
    media::Media,
    places::Places,
    rates, span,
};
use crate::{
    auth::Credential,
    ftm::Entities,
    kit::{
        db::Readers,
        export::{self, Export, Exported, FileType},
        record::Record,
    },
    rate_limit::Charge,
    shipment::Shipment,
    statement::Statement,
};

mod claim;
mod options;
mod parameters;
mod stream;

pub use options::ExportOptions;

use self::stream::Running;
use parameters::{Asked, Output, Parameters};

/// What it costs to begin.
const BEGINNING: u64 = 10;

/// What all exports have in common.
pub struct Exports {
    pub places: Places,
}

impl Exports {
    pub fn new(options: &ExportOptions) -> Self {
        let ExportOptions {
            max_exports,
            max_exports_per_address,
            ..
        } = *options;
        Self {
            places: Places::new("exports", max_exports, max_exports_per_address),
        }
    }
}

pub fn routes(app: &mut ServiceConfig) {
    app.service(
        web::resource("/export/{file}")
            .route(web::get().to(get))
            .route(web::head().to(get))
            .default_service(web::to(other_method)),
    )
    .service(
        web::resource("/export/claims/{file}")
            .route(web::get().to(claim::get))
            .default_service(web::to(other_method)),
    );
}

async fn get(http: HttpRequest, shared: Data<Shared>, name: Path<String>) -> HttpResponse {
    match answer(&http, &shared, &name).await {
        Ok(response) => response,
        Err(refusal) => shared.refuse(Media::GraphQl, refusal),
    }
}

async fn other_method() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, "GET, HEAD"))
        .finish()
}

async fn answer(
    http: &HttpRequest,
    shared: &Data<Shared>,
    name: &str,
) -> Result<HttpResponse, Refusal> {
    let (name, asked) = parameters::file(name)?;
    let parameters = Parameters::read(http.query_string())?;
    let caller = caller::of(shared, http).await?;
    let (export, file) = match asked {
        Asked::Shipments(Output::Schema) => return Ok(described::<Shipment>()),
        Asked::Statements(Output::Schema) => return Ok(described::<Statement>()),
        Asked::Shipments(Output::Rows(file)) => {
            let export = records::<Shipment>(shared, &caller, &parameters, file)?;
            (export, file)
        }
        Asked::Statements(Output::Rows(file)) => {
            let export = records::<Statement>(shared, &caller, &parameters, file)?;
            (export, file)
        }
        Asked::Entities => {
            let (after, view) = (parameters.after_alone()?, caller.viewer.view());
            let entities = Entities::new(database(shared, &caller), view, after)?;
            (Box::new(entities) as Box<dyn Export>, FileType::Jsonl)
        }
    };
    let place = shared.exports.places.take(caller.remote)?;
    let charge = shared.engine.charge(&caller, BEGINNING)?;
    span::export(name, BEGINNING);
    if http.method() == Method::HEAD {
        let nothing = empty::<Result<web::Bytes, std::io::Error>>();
        return Ok(head(name, file, charge).streaming(nothing));
    }
    let mut running = Running {
        open: shared.engine.metrics.export(),
        file: name,
        shared: shared.clone(),
        caller,
        export,
        place,
    };
    // What goes wrong at once has a status of its own.
    let limit = shared.engine.limits.deadline;
    let first = self::stream::next(&mut *running.export, limit).await?;
    Ok(head(name, file, charge).streaming(running.stream(first.unwrap_or_default())))
}

/// What the columns are.
fn described<C: Exported>() -> HttpResponse {
    HttpResponse::Ok().json(export::table_schema::<C>())
}

/// The filter is read and checked as a variable of its type would be.
fn records<C: Exported>(
    shared: &Shared,
    caller: &Caller,
    parameters: &Parameters,
    file: FileType,
) -> Result<Box<dyn Export>, Refusal>
where
    C::Filter: InputType,
{
    let filter = parameters.filter.as_deref();
    let filter = shared.engine.input::<C::Filter>("filter", filter)?;
    let wanted = parameters.wanted(file, <C::Entity as Record>::NAME)?;
    let db = database(shared, caller);
    let view = caller.viewer.view();
    Ok(export::records::<C>(db, view, filter, &wanted)?)
}

/// Nobody who could have written anything will do with what a replica has.
fn database(shared: &Shared, caller: &Caller) -> Readers {
    match caller.credential {
        Credential::None => shared.engine.db.for_anonymous_queries().read,
        _ => shared.engine.db.read.clone(),
    }
}

fn head(name: &str, file: FileType, charge: Option<Charge>) -> HttpResponseBuilder {
    let disposition = format!("attachment; filename=\"waybill-{name}\"");
    let mut response = HttpResponse::Ok();
    response
        .content_type(file.media())
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "Authorization"))
        .insert_header((CONTENT_DISPOSITION, disposition));
    for header in rates::headers(charge).into_iter().flatten() {
        response.insert_header(header);
    }
    if file == FileType::Parquet {
        // It is packed already.
        response.insert_header((CONTENT_ENCODING, "identity"));
    }
    response
}
