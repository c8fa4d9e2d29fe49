//! History: read, believed, and undone.
use entity::{revision, revision_change};
use libtest_mimic::{Failed, Trial};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::{Value, json};

use super::{Desk, said, somebody};
use crate::harness::{self, Backend, Template, ensure, trial, waybill};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "curating::history_tells_who_and_why", who_and_why),
        trial(backend, "curating::as_of_a_revision", as_of),
        trial(backend, "curating::reverting_undoes", reverting),
        trial(backend, "curating::history_hides_drafts", hidden),
        trial(backend, "curating::imports_are_one_revision", imports),
        trial(backend, "curating::altered_history_is_found", altered),
    ]
}

async fn who_and_why(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let mut input = somebody("Before");
    input["publish"] = true.into();
    let party = desk.must("create", "Party", input).await?;
    let change = json!({ "name": "After", "comment": "it was renamed" });
    desk.must("update", "Party", party.with(change)).await?;
    let query =
        "query ($id: ID!) { viewer { curator { name } } party(id: $id) { revisions { nodes {
        comment curator { name } changes { nodes { recordType recordId before after } } } } } }";
    let id = json!({ "id": party.id() });
    let seen = desk.ask(query, id.clone()).await?;
    let revisions = &seen["party"]["revisions"]["nodes"];
    ensure(revisions[0]["comment"].as_str(), Some("createParty"))?;
    ensure(revisions[1]["comment"].as_str(), Some("it was renamed"))?;
    ensure(
        revisions[1]["curator"]["name"].clone(),
        seen["viewer"]["curator"]["name"].clone(),
    )?;
    let change = &revisions[1]["changes"]["nodes"][0];
    let names = (
        change["before"]["name"].as_str(),
        change["after"]["name"].as_str(),
    );
    ensure(names, (Some("Before"), Some("After")))?;
    ensure(change["recordId"].clone(), party.id())?;
    // Who it was is told to those alone who signed in.
    let public = desk
        .public(
            "query ($id: ID!) { party(id: $id) { revisions { nodes { curator { name } } } } }",
            id,
        )
        .await?;
    ensure(
        public["party"]["revisions"]["nodes"].clone(),
        json!([{ "curator": null }, { "curator": null }]),
    )
}

const WHOLE: &str =
    "query ($id: ID!, $asOf: Int) { statement(id: $id, asOf: $asOf) { text version status stance
    citations { quote locator } links { kind } claim { text } }
    node(id: $id, asOf: $asOf) { ... on Statement { text citations { quote locator } } } }";

async fn as_of(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Empty).await?;
    let first = desk.must("create", "Statement", said("first")).await?;
    let whole = async |revision: Value| {
        desk.ask(WHOLE, json!({ "id": first.id(), "asOf": revision }))
            .await
    };
    let then = whole(Value::Null).await?;
    let source = desk.ask("{ sources { nodes { id } } }", json!({})).await?;
    let source = source["sources"]["nodes"][0]["id"].clone();
    let citations = json!([{ "source": { "id": source }, "quote": "second", "locator": "p. 2" }]);
    let change =
        first.with(json!({ "text": "second", "stance": "DENIES", "citations": citations }));
    let second = desk.must("update", "Statement", change).await?;
    let now = whole(Value::Null).await?;
    ensure(
        now["statement"]["citations"].clone(),
        json!([{ "quote": "second", "locator": "p. 2" }]),
    )?;
    ensure(whole(first.revision()).await?, then.clone())?;
    ensure(whole(second.revision()).await?, now)?;
    let public = desk
        .public(WHOLE, json!({ "id": first.id(), "asOf": first.revision() }))
        .await?;
    ensure(public, then)?;
    // What it referred to then may have been withdrawn since.
    let query = "query ($id: ID!) { statement(id: $id) { claim { id version } } }";
    let held = desk.ask(query, json!({ "id": first.id() })).await?;
    let mut claim = held["statement"]["claim"].clone();
    let other = desk
        .must(
            "create",
            "Claim",
            json!({ "kind": "EVENT", "text": "Other.", "publish": true }),
        )
        .await?;
    let moved = second.with(json!({ "claim": { "id": other.id() } }));
    desk.must("update", "Statement", moved).await?;
    claim["reason"] = "nobody says so".into();
    desk.must("withdraw", "Claim", claim).await?;
    let id_then = json!({ "id": first.id(), "asOf": first.revision() });
    let answer = desk.app.anonymous(WHOLE, id_then).await?;
    ensure(
        answer["errors"][0]["extensions"]["code"].as_str(),
        Some("NOT_FOUND"),
    )?;
    let before = first.revision().as_i64().unwrap_or_default() - 1;
    ensure(
        whole(before.into()).await?["statement"].clone(),
        Value::Null,
    )?;
    let answer = desk
        .app
        .ask(&desk.token, WHOLE, json!({ "id": first.id(), "asOf": 999 }))
        .await?;
    ensure(
        answer["errors"][0]["extensions"]["code"].as_str(),
        Some("BAD_USER_INPUT"),
    )
}

async fn reverting(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Filled).await?;
    let lists = "{ productList(slug: \"drones\") { id version title description entries(first: 50) { totalCount nodes { note tier product { code } } } } }";
    let then = desk.ask(lists, json!({})).await?;
    let list = then["productList"].clone();
    let input = json!({ "id": list["id"], "version": list["version"], "title": "Changed", "description": null,
        "entries": [{ "product": { "code": { "edition": "2022", "code": "880621" } }, "validFrom": "2022-01-01", "tier": "1" }] });
    let changed = desk.must("update", "ProductList", input).await?;
    let one = desk.ask(lists, json!({})).await?;
    ensure(
        one["productList"]["entries"]["totalCount"].as_u64(),
        Some(1),
    )?;
    let back = changed.with(json!({ "revision": 1, "comment": "the change was a mistake" }));
    let back = desk.must("revert", "ProductList", back).await?;
    let mut now = desk.ask(lists, json!({})).await?;
    ensure(now["productList"]["version"].as_i64(), Some(3))?;
    now["productList"]["version"] = list["version"].clone();
    let sorted = |mut value: Value| {
        if let Some(nodes) = value
            .pointer_mut("/productList/entries/nodes")
            .and_then(Value::as_array_mut)
        {
            nodes.sort_by_key(Value::to_string);
        }
        value
    };
    ensure(sorted(now), sorted(then))?;
    // The undoing can be undone.
    let again = back.with(json!({ "revision": changed.revision() }));
    desk.must("revert", "ProductList", again).await?;
    ensure(
        desk.ask(lists, json!({})).await?["productList"]["title"].as_str(),
        Some("Changed"),
    )?;
    let draft = desk.must("create", "Party", somebody("Draft")).await?;
    let published = desk.must("publish", "Party", draft.with(json!({}))).await?;
    // What was published stays so: others may rely on it by now.
    let back = desk
        .must(
            "revert",
            "Party",
            published.with(json!({ "revision": draft.revision() })),
        )
        .await?;
    ensure(back.status(), "PUBLISHED")?;
    let never = published.with(json!({ "revision": 1 }));
    desk.refused("revert", "Party", never, &[("NOT_FOUND", "revision")])
        .await
        .map(drop)
}

async fn hidden(backend: Backend) -> Result<(), Failed> {
    const HISTORY: &str = "{ revisions(first: 50) { totalCount nodes { number comment changes(first: 50) { totalCount nodes { recordType before after } } } } }";
    let desk = Desk::open(&backend, Template::Empty).await?;
    let mut draft = somebody("SECRET draft");
    draft["comment"] = "SECRET reason".into();
    let draft = desk.must("create", "Party", draft).await?;
    let renamed = desk
        .must(
            "update",
            "Party",
            draft.with(json!({ "name": "SECRET name", "comment": "SECRET again" })),
        )
        .await?;
    let empty = desk.public(HISTORY, json!({})).await?;
    ensure(empty["revisions"]["totalCount"].as_u64(), Some(0))?;
    let open = desk
        .must(
            "update",
            "Party",
            renamed.with(json!({ "name": "Open", "comment": "SECRET yet" })),
        )
        .await?;
    let published = desk.must("publish", "Party", open.with(json!({}))).await?;
    let seen = desk.public(HISTORY, json!({})).await?;
    ensure(seen["revisions"]["totalCount"].as_u64(), Some(1))?;
    let change = &seen["revisions"]["nodes"][0]["changes"]["nodes"][0];
    ensure(
        (change["before"].clone(), change["after"]["name"].as_str()),
        (Value::Null, Some("Open")),
    )?;
    let text = seen.to_string();
    ensure(text.contains("SECRET"), false)?;
    // Of curators only admins read.
    let curators = desk.ask("{ revisions(filter: { changes: { some: { table: { eq: \"curator\" } } } }) { totalCount } }", json!({})).await?;
    ensure(curators["revisions"]["totalCount"].as_u64(), Some(0))?;
    desk.must(
        "withdraw",
        "Party",
        published.with(json!({ "reason": "mistaken" })),
    )
    .await?;
    // Whoever keeps a copy learns that it was taken back, and why; and nothing else of it.
    let gone = desk.public(HISTORY, json!({})).await?;
    ensure(gone["revisions"]["totalCount"].as_u64(), Some(1))?;
    let change = &gone["revisions"]["nodes"][0]["changes"]["nodes"][0];
    let told = json!({ "status": "WITHDRAWN", "withdrawalReason": "mistaken" });
    ensure(change["after"].clone(), told)?;
    ensure(change["before"].clone(), Value::Null)?;
    ensure(gone.to_string().contains("Open"), false)
}

async fn imports(backend: Backend) -> Result<(), Failed> {
    let desk = Desk::open(&backend, Template::Filled).await?;
    let query = "{ importBatches { nodes { format fileName rowsRead rowsKept rowsRefused refusals { line reason }
        dataset { slug } revision { number importBatch { fileName } } shipments { totalCount } } } }";
    let seen = desk.ask(query, json!({})).await?;
    let batch = &seen["importBatches"]["nodes"][1];
    ensure(batch["dataset"]["slug"].as_str(), Some("invented"))?;
    ensure(
        batch["revision"]["importBatch"]["fileName"].clone(),
        batch["fileName"].clone(),
    )?;
    ensure(
        batch["shipments"]["totalCount"].clone(),
        batch["rowsKept"].clone(),
    )?;
    let answer = desk.app.anonymous(query, json!({})).await?;
    ensure(
        answer["errors"][0]["extensions"]["code"].as_str(),
        Some("UNAUTHENTICATED"),
    )?;
    // An imported record has no change of its own, and yet a past.
    let shipment = desk.ask("{ shipments(first: 1, filter: { dataset: { slug: { eq: \"invented\" } } }) { nodes { id version key value } } }", json!({})).await?;
    let shipment = shipment["shipments"]["nodes"][0].clone();
    let number = batch["revision"]["number"].as_i64().unwrap_or_default();
    let input = json!({ "id": shipment["id"], "version": shipment["version"], "value": "7", "currency": "USD" });
    let changed = desk.must("update", "Shipment", input).await?;
    let as_of =
        "query ($id: ID!, $asOf: Int) { shipment(id: $id, asOf: $asOf) { id version key value } }";
    let then = desk
        .ask(as_of, json!({ "id": shipment["id"], "asOf": number }))
        .await?;
    ensure(then["shipment"].clone(), shipment.clone())?;
    let before = desk
        .ask(as_of, json!({ "id": shipment["id"], "asOf": number - 1 }))
        .await?;
    ensure(before["shipment"].clone(), Value::Null)?;
    // The file does not undo what a person did, and says so.
    let file = harness::tests()
        .join("fixtures/comtrade.csv")
        .display()
        .to_string();
    let import = ["import", "comtrade", &file, "--dataset", "invented"];
    let again = waybill(&desk.app.database_url, &import)?.succeeded()?;
    let [read, kept, unchanged, refused] = again.report()?;
    ensure((kept, unchanged, refused), (0, read - 1, 1))?;
    ensure(
        again.stderr.contains("a curator has changed the record"),
        true,
    )?;
    desk.must(
        "revert",
        "Shipment",
        changed.with(json!({ "revision": number })),
    )
    .await?;
    let again = waybill(&desk.app.database_url, &import)?.succeeded()?;
    ensure(again.report()?, [read, 0, read, 0])?;
    let now = desk
        .ask(as_of, json!({ "id": shipment["id"], "asOf": null }))
        .await?;
    ensure(now["shipment"]["value"].clone(), shipment["value"].clone())
}

async fn altered(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Filled).await?;
    let url = database.url.clone();
    let sound = waybill(&url, &["verify"])?.succeeded()?;
    let hash = sound
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("Last hash: "));
    let hash = hash.ok_or("no hash")?.to_owned();
    waybill(&url, &["verify", "--hash", &hash])?.succeeded()?;
    let saboteur = sea_orm::Database::connect(&url).await?;
    let last = revision::Entity::find()
        .order_by_desc(revision::Column::Number)
        .one(&saboteur)
        .await?;
    let last = last.ok_or("no revision")?.number;
    let change = revision_change::Entity::find()
        .one(&saboteur)
        .await?
        .ok_or("no change")?;
    let number = change.revision_number;
    let this = format!(
        "revision_number = {number} AND position = {}",
        change.position
    );
    for (altered, mended) in [
        (
            format!("UPDATE revision SET comment = comment || '.' WHERE number = {number}"),
            format!(
                "UPDATE revision SET comment = substr(comment, 1, length(comment) - 1) WHERE number = {number}"
            ),
        ),
        (
            format!("UPDATE revision_change SET after = after || ' ' WHERE {this}"),
            format!("UPDATE revision_change SET after = trim(after) WHERE {this}"),
        ),
    ] {
        saboteur.execute_unprepared(&altered).await?;
        waybill(&url, &["verify"])?.failed_saying(&format!("revision {number}:"))?;
        saboteur.execute_unprepared(&mended).await?;
        waybill(&url, &["verify"])?.succeeded()?;
    }
    let delete = async |number: i64| -> Result<(), Failed> {
        for (table, column) in [
            ("revision_change", "revision_number"),
            ("revision", "number"),
        ] {
            let delete = format!("DELETE FROM {table} WHERE {column} = {number}");
            saboteur.execute_unprepared(&delete).await?;
        }
        Ok(())
    };
    // A history that was cut short holds in itself, and yet not the hash that someone kept.
    delete(last).await?;
    waybill(&url, &["verify"])?.succeeded()?;
    waybill(&url, &["verify", "--hash", &hash])?.failed_saying("hash that was expected")?;
    delete(1).await?;
    waybill(&url, &["verify"])?.failed_saying("revision 1: the revision is missing")?;
    saboteur.close().await?;
    Ok(())
}
