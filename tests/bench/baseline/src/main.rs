//! A server written by hand: each question of tests/bench/speed is one route with one joined SQL.
//! No GraphQL, no checks of who asks, no history: what Waybill's answers cost at least.
use std::io;

use actix_web::{
    App, HttpResponse, HttpServer, ResponseError, get, post,
    web::{Data, Json},
};
use serde::Serialize;

mod database;
mod evidence;
mod parties;
mod products;
mod shipments;
mod totals;
mod value;

use database::Database;

/// What went wrong, told to nobody: whoever measures reads the log.
#[derive(Debug)]
struct Failure(sqlx::Error);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Failure {}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        eprintln!("{error}");
        Self(error)
    }
}

/// As GraphQL has it, so that answers can be compared.
#[derive(Serialize)]
struct Answer<T> {
    data: T,
}

fn answer<T: Serialize>(data: T) -> HttpResponse {
    HttpResponse::Ok().json(Answer { data })
}

/// What a server costs that does nothing.
#[get("/static")]
async fn nothing() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(r#"{"data":{"status":"ok"}}"#)
}

macro_rules! routes {
    ($($path:literal $name:ident: $module:ident($Asked:ident)),+ $(,)?) => {
        $(#[post($path)]
        async fn $name(db: Data<Database>, asked: Json<$module::$Asked>) -> Result<HttpResponse, Failure> {
            Ok(answer($module::$name(&db, asked.into_inner()).await?))
        })+

        /// The SQL of each route, for those who send it by other means.
        fn sql() -> serde_json::Value {
            serde_json::json!({ $($path: $module::SQL_OF.iter().find(|(name, _)| *name == stringify!($name)).map(|(_, sql)| sql)),+ })
        }

        fn configure(app: &mut actix_web::web::ServiceConfig) {
            app.service(nothing)$(.service($name))+;
        }
    };
}

routes! {
    "/product" product: products(ByCode),
    "/pair" pair: shipments(Pair),
    "/page" page: shipments(After),
    "/count" count: shipments(Pair),
    "/statements" statements: evidence(After),
    "/search" search: evidence(Words),
    "/pair-totals" pair_totals: totals(Pair),
    "/all-totals" all_totals: totals(All),
    "/party" party: parties(New),
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let [url, address] = arguments.as_slice() else {
        println!("{}", sql());
        eprintln!("usage: waybill-baseline DATABASE_URL ADDRESS; without them it prints its SQL");
        return Ok(());
    };
    let db = Database::connect(url).await.map_err(io::Error::other)?;
    let db = Data::new(db);
    let server = HttpServer::new(move || App::new().app_data(db.clone()).configure(configure))
        .bind(*address)?;
    for address in server.addrs() {
        eprintln!("listening on http://{address}");
    }
    server.run().await
}
