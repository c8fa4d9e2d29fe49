//! The pages served beside the API: GraphiQL, to try queries in a browser.
use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType},
    web::{self, ServiceConfig},
};

/// The page may load these files, each in exactly this version, and ask this server alone.
const POLICY: &str = "default-src 'none'; \
    script-src 'self' https://unpkg.com/react@18.3.1/umd/react.production.min.js \
    https://unpkg.com/react-dom@18.3.1/umd/react-dom.production.min.js \
    https://unpkg.com/graphiql@3.9.0/graphiql.min.js; \
    style-src 'self' https://unpkg.com/graphiql@3.9.0/graphiql.min.css; \
    font-src data:; img-src data:; connect-src 'self'; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

pub fn routes(app: &mut ServiceConfig) {
    app.route("/", web::get().to(page))
        .route("/graphiql.js", web::get().to(script))
        .route("/graphiql.css", web::get().to(style));
}

async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(include_str!("graphiql.html"))
}

async fn script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(include_str!("graphiql.js"))
}

async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(include_str!("graphiql.css"))
}
