//! What admins do to curators, and what holds from that moment.
use entity::{
    curator::{self, Role},
    revision,
};
use libtest_mimic::{Failed, Trial};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use waybill::kit::{id, record::Record};

use super::{PASSWORD, code, done, payload, refused, text, viewer};
use crate::harness::{App, Backend, Template, ensure, trial};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "auth::curators::are_for_admins", for_admins),
        trial(backend, "auth::curators::are_entered", entered),
        trial(backend, "auth::curators::change_at_once", at_once),
        trial(backend, "auth::curators::keep_an_admin", last_admin),
        trial(
            backend,
            "auth::curators::keep_an_admin_of_two_at_once",
            two_admins,
        ),
        trial(
            backend,
            "auth::curators::addresses_are_not_for_all",
            addresses,
        ),
    ]
}

const CREATE: &str = "mutation ($input: CreateCuratorInput!) {
    createCurator(input: $input) { curator { id email version } userErrors { code path } }
}";
const SET_ROLE: &str = "mutation ($input: SetCuratorRoleInput!) {
    setCuratorRole(input: $input) { curator { role version } userErrors { code path } }
}";
const DISABLE: &str = "mutation ($input: CuratorInput!) {
    disableCurator(input: $input) { curator { disabledAt version } userErrors { code } }
}";
const ENABLE: &str = "mutation ($input: CuratorInput!) {
    enableCurator(input: $input) { curator { disabledAt } userErrors { code } }
}";
const SET_PASSWORD: &str = "mutation ($input: SetCuratorPasswordInput!) {
    setCuratorPassword(input: $input) { curator { version } userErrors { code path } }
}";

fn global(row: &curator::Model) -> String {
    id::encode(curator::Entity::NAME, row.id).to_string()
}

async fn for_admins(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let (row, token) = app.signed_in(Role::Curator).await?;
    let id = global(&row);
    let rows = [
        ("{ curators { totalCount } }", json!({})),
        (CREATE, json!({ "email": "x@example.org", "role": "ADMIN" })),
        (SET_ROLE, json!({ "id": id, "version": 1, "role": "ADMIN" })),
        (DISABLE, json!({ "id": id, "version": 1 })),
        (ENABLE, json!({ "id": id, "version": 1 })),
        (
            SET_PASSWORD,
            json!({ "id": id, "version": 1, "password": PASSWORD }),
        ),
    ];
    for (query, input) in rows {
        let variables = json!({ "input": input });
        let denied = app.ask(&token, query, variables.clone()).await?;
        ensure((query, code(&denied)), (query, "FORBIDDEN"))?;
        let denied = app.anonymous(query, variables).await?;
        ensure((query, code(&denied)), (query, "UNAUTHENTICATED"))?;
    }
    let rows = curator::Entity::find().all(&app.db.read).await?;
    ensure(rows, vec![row])
}

async fn entered(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let (admin, token) = app.signed_in(Role::Admin).await?;
    let input = json!({
        "email": " New@Example.org ", "name": "New", "role": "CURATOR", "password": PASSWORD,
        "comment": "joined the desk",
    });
    let created = payload(&app, &token, CREATE, json!({ "input": input })).await?;
    done(&created)?;
    ensure(&created["curator"]["email"], &json!("new@example.org"))?;
    let last = revision::Entity::find()
        .order_by_desc(revision::Column::Number)
        .one(&app.db.read)
        .await?
        .ok_or("no revision")?;
    ensure(
        (last.curator_id, last.comment.as_str()),
        (Some(admin.id), "joined the desk"),
    )?;
    let answer = app.sign_in("new@example.org", PASSWORD).await?;
    ensure(answer["data"]["signIn"]["session"].is_object(), true)?;
    let rows = [
        (
            json!({ "email": "NEW@example.org", "role": "ADMIN" }),
            "TAKEN",
            "email",
        ),
        (
            json!({ "email": "new", "role": "ADMIN" }),
            "INVALID",
            "email",
        ),
        (
            json!({ "email": "a@b@c d", "role": "ADMIN" }),
            "INVALID",
            "email",
        ),
        (
            json!({ "email": "a@example.org", "name": " ", "role": "ADMIN" }),
            "INVALID",
            "name",
        ),
        (
            json!({ "email": "a@example.org", "role": "ADMIN", "password": "too short" }),
            "INVALID",
            "password",
        ),
        (
            json!({ "email": "somebody@example.org", "role": "ADMIN", "password": "Somebody@example.org" }),
            "INVALID",
            "password",
        ),
    ];
    for (input, expected, field) in rows {
        let refusal = payload(&app, &token, CREATE, json!({ "input": input })).await?;
        let error = &refusal["userErrors"][0];
        ensure(
            (&error["code"], &error["path"]),
            (&json!(expected), &json!([field])),
        )?;
    }
    let list = "{ curators(orderBy: [{ field: EMAIL }], filter: { role: { eq: CURATOR } }) {
        nodes { email role disabledAt }
    } }";
    let list = app.ask(&token, list, json!({})).await?;
    let expected = json!([{ "email": "new@example.org", "role": "CURATOR", "disabledAt": null }]);
    ensure(&list["data"]["curators"]["nodes"], &expected)
}

async fn at_once(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let admin = app.as_admin().await?;
    let (row, token) = app.signed_in(Role::Curator).await?;
    let id = global(&row);
    let promote = json!({ "input": { "id": id, "version": 1, "role": "ADMIN" } });
    done(&payload(&app, &admin, SET_ROLE, promote.clone()).await?)?;
    ensure(&viewer(&app, &token).await?["scopes"][3], &json!("ADMIN"))?;
    let stale = payload(&app, &admin, SET_ROLE, promote).await?;
    ensure(&stale["userErrors"][0]["code"], &json!("CONFLICT"))?;
    ensure(&stale["curator"]["version"], &json!(2))?;

    let disable = json!({ "input": { "id": id, "version": 2 } });
    let disabled = payload(&app, &admin, DISABLE, disable).await?;
    done(&disabled)?;
    ensure(disabled["curator"]["disabledAt"].is_string(), true)?;
    refused(&app, "a disabled curator", &token).await?;
    let enable = json!({ "input": { "id": id, "version": 3 } });
    let enabled = payload(&app, &admin, ENABLE, enable).await?;
    ensure(&enabled["curator"]["disabledAt"], &Value::Null)?;
    refused(&app, "a session from before", &token).await?;

    let password = json!({ "input": { "id": id, "version": 4, "password": PASSWORD } });
    done(&payload(&app, &admin, SET_PASSWORD, password).await?)?;
    let session = app.sign_in(&row.email, PASSWORD).await?;
    let token = text(&session["data"]["signIn"]["session"]["accessToken"])?;
    viewer(&app, &token).await?;
    let another = json!({ "input": { "id": id, "version": 5, "password": "another long one" } });
    done(&payload(&app, &admin, SET_PASSWORD, another).await?)?;
    refused(&app, "a session under the old password", &token).await?;
    let nobody = id::encode(curator::Entity::NAME, uuid::Uuid::now_v7()).to_string();
    let nobody = json!({ "input": { "id": nobody, "version": 1 } });
    let refusal = payload(&app, &admin, DISABLE, nobody).await?;
    ensure(&refusal["userErrors"][0]["code"], &json!("NOT_FOUND"))
}

async fn last_admin(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let (row, token) = app.signed_in(Role::Admin).await?;
    app.enter(Role::Curator, None).await?;
    let id = global(&row);
    let demote = json!({ "input": { "id": id, "version": 1, "role": "CURATOR" } });
    let disable = json!({ "input": { "id": id, "version": 1 } });
    for (query, input) in [(SET_ROLE, &demote), (DISABLE, &disable)] {
        let refusal = payload(&app, &token, query, input.clone()).await?;
        ensure(&refusal["userErrors"][0]["code"], &json!("NOT_ALLOWED"))?;
    }
    app.enter(Role::Admin, None).await?;
    done(&payload(&app, &token, SET_ROLE, demote).await?)?;
    let denied = app.ask(&token, DISABLE, disable).await?;
    ensure(code(&denied), "FORBIDDEN")
}

/// Each demotes the other at the same time, again and again: one of them stays.
async fn two_admins(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    for round in 0..5 {
        let (one, by_one) = app.signed_in(Role::Admin).await?;
        let (other, by_other) = app.signed_in(Role::Admin).await?;
        for row in curator::Entity::find().all(&app.db.read).await? {
            if row.role == Role::Admin && row.id != one.id && row.id != other.id {
                let input =
                    json!({ "id": global(&row), "version": row.version, "role": "CURATOR" });
                done(&payload(&app, &by_one, SET_ROLE, json!({ "input": input })).await?)?;
            }
        }
        let demote = |row: &curator::Model| json!({ "input": { "id": global(row), "version": 1, "role": "CURATOR" } });
        let (demote_other, demote_one) = (demote(&other), demote(&one));
        tokio::try_join!(
            app.ask(&by_one, SET_ROLE, demote_other),
            app.ask(&by_other, SET_ROLE, demote_one),
        )?;
        let rows = curator::Entity::find().all(&app.db.read).await?;
        let admins = rows.iter().filter(|row| row.role == Role::Admin).count();
        ensure((round, admins), (round, 1))?;
    }
    Ok(())
}

async fn addresses(backend: Backend) -> Result<(), Failed> {
    let app = App::start(&backend, Template::Empty).await?;
    let (row, own) = app.signed_in(Role::Curator).await?;
    ensure(
        &viewer(&app, &own).await?["curator"]["email"],
        &json!(row.email),
    )?;
    // Neither a node nor a filter tells who there is.
    let variables = json!({ "id": global(&row) });
    for token in ["", &own, &app.as_admin().await?] {
        let answer = app.ask(
            token,
            "query ($id: ID!) { node(id: $id) { id } }",
            variables.clone(),
        );
        ensure(&answer.await?["data"]["node"], &Value::Null)?;
    }
    Ok(())
}
