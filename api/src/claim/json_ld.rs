//! A claim as JSON-LD, in the words of schema.org: what is said, by whom, where it appeared, when.
//!
//! It is a `Claim`, not a `ClaimReview`: nobody here rates whether it is true. Who denies or doubts
//! it is no reviewer either, but somebody with a position.
use serde_json::{Map, Value as Json, json};

/// What it takes; asked a page of statements at a time.
pub const QUERY: &str = "query ($id: ID!, $after: String) { claim(id: $id) {
    id text language period createdAt updatedAt
    exporter { name alpha2 } importer { name alpha2 }
    statements(first: 200, after: $after, orderBy: [{ field: SAID_ON }]) {
        pageInfo { hasNextPage endCursor }
        nodes {
            id stance text language saidOn speakerRole rank rankReason
            speaker { id name kind url }
            citations { locator quote source { id kind title url archivedUrl publishedOn language authors
                publisher { id name kind url } } }
        } } } }";

/// From what the query answered: the claim, and the statements of all its pages.
pub fn json_ld(claim: &Json, statements: &[Json]) -> Json {
    let asserts = |statement: &&Json| statement["stance"] == "ASSERTS";
    let mut appearances = Vec::new();
    let mut authors = Vec::new();
    for statement in statements.iter().filter(asserts) {
        for citation in citations(statement) {
            once(&mut appearances, appearance(citation));
        }
        if let Some(speaker) = party(&statement["speaker"]) {
            once(&mut authors, speaker);
        }
    }
    let comments: Vec<_> = statements.iter().map(comment).collect();
    let countries = ["exporter", "importer"].map(|side| country(&claim[side]));
    let countries: Vec<_> = countries.into_iter().flatten().collect();
    let said = statements.iter().filter(asserts);
    let first = said
        .filter_map(|statement| statement["saidOn"].as_str())
        .min();
    object([
        ("@context", json!("https://schema.org")),
        ("@type", json!("Claim")),
        ("identifier", claim["id"].clone()),
        ("text", claim["text"].clone()),
        ("inLanguage", claim["language"].clone()),
        ("temporalCoverage", claim["period"].clone()),
        ("spatialCoverage", list(countries)),
        ("author", list(authors)),
        ("dateCreated", json!(first)),
        ("sdDatePublished", claim["createdAt"].clone()),
        ("dateModified", claim["updatedAt"].clone()),
        ("appearance", list(appearances)),
        ("comment", list(comments)),
    ])
}

/// A position on it.
fn comment(statement: &Json) -> Json {
    let places: Vec<_> = citations(statement).iter().map(appearance).collect();
    object([
        ("@type", json!("Comment")),
        ("identifier", statement["id"].clone()),
        ("text", statement["text"].clone()),
        ("inLanguage", statement["language"].clone()),
        ("dateCreated", statement["saidOn"].clone()),
        ("author", party(&statement["speaker"]).unwrap_or_default()),
        // schema.org has no word for a stance: it is that of the API.
        (
            "additionalProperty",
            json!({ "@type": "PropertyValue", "name": "stance", "value": statement["stance"] }),
        ),
        ("isPartOf", list(places)),
    ])
}

/// A source, at the place that is cited.
fn appearance(citation: &Json) -> Json {
    let source = &citation["source"];
    let kind = match source["kind"].as_str() {
        Some("ARTICLE") => "NewsArticle",
        Some("DATA_RELEASE") => "Dataset",
        Some("REPORT") => "Report",
        Some("INTERVIEW") => "Conversation",
        _ => "CreativeWork",
    };
    let authors = source["authors"].as_array().into_iter().flatten();
    let authors = authors.map(|name| json!({ "@type": "Person", "name": name }));
    object([
        ("@type", json!(kind)),
        ("identifier", source["id"].clone()),
        ("name", source["title"].clone()),
        ("url", source["url"].clone()),
        ("archivedAt", source["archivedUrl"].clone()),
        ("datePublished", source["publishedOn"].clone()),
        ("inLanguage", source["language"].clone()),
        ("author", list(authors.collect())),
        ("publisher", party(&source["publisher"]).unwrap_or_default()),
    ])
}

fn party(party: &Json) -> Option<Json> {
    let kind = match party["kind"].as_str()? {
        "PERSON" => "Person",
        "GOVERNMENT" => "GovernmentOrganization",
        "PUBLISHER" => "NewsMediaOrganization",
        _ => "Organization",
    };
    Some(object([
        ("@type", json!(kind)),
        ("identifier", party["id"].clone()),
        ("name", party["name"].clone()),
        ("url", party["url"].clone()),
    ]))
}

fn country(country: &Json) -> Option<Json> {
    country.is_object().then(|| {
        object([
            ("@type", json!("Country")),
            ("name", country["name"].clone()),
            ("identifier", country["alpha2"].clone()),
        ])
    })
}

fn citations(statement: &Json) -> &[Json] {
    statement["citations"].as_array().map_or(&[], Vec::as_slice)
}

fn once(list: &mut Vec<Json>, value: Json) {
    if !list.contains(&value) {
        list.push(value);
    }
}

fn list(values: Vec<Json>) -> Json {
    match values.is_empty() {
        true => Json::Null,
        false => Json::Array(values),
    }
}

/// Without what is null: an absent property says nothing.
fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
    let known = fields.into_iter().filter(|(_, value)| !value.is_null());
    let known = known.map(|(name, value)| (name.to_owned(), value));
    Json::Object(known.collect::<Map<_, _>>())
}
