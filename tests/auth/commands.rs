//! `waybill user`, as an operator types it.
use libtest_mimic::{Failed, Trial};
use serde_json::json;

use super::{PASSWORD, refused, text, viewer};
use crate::harness::{App, Backend, Running, Template, ensure, trial, waybill, waybill_told};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "auth::commands::manage_curators", manage),
        trial(backend, "auth::commands::fail_in_one_line", fail),
        trial(backend, "auth::commands::serve_says_how_to_begin", begin),
    ]
}

const EMAIL: &str = "ada@example.org";

fn told(url: &str, arguments: &[&str], password: &str) -> Result<String, Failed> {
    let input = format!("{password}\n");
    Ok(waybill_told(url, arguments, &input)?.succeeded()?.stdout)
}

async fn manage(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let url = database.url.clone();
    let app = App::over(database).await?;
    let add = [
        "user",
        "add",
        "Ada@Example.org",
        "--role",
        "admin",
        "--name",
        "Ada",
        "--password-stdin",
    ];
    let said = told(&url, &add, PASSWORD)?;
    ensure(said.as_str(), "ada@example.org may sign in as admin.\n")?;
    told(
        &url,
        &[
            "user",
            "add",
            "eve@example.org",
            "--role",
            "admin",
            "--password-stdin",
        ],
        PASSWORD,
    )?;
    let session = app.sign_in(EMAIL, PASSWORD).await?;
    let token = text(&session["data"]["signIn"]["session"]["accessToken"])?;
    ensure(&viewer(&app, &token).await?["scopes"][3], &json!("ADMIN"))?;

    waybill(&url, &["user", "set-role", EMAIL, "curator"])?.succeeded()?;
    ensure(
        &viewer(&app, &token).await?["scopes"],
        &json!(["READ", "DRAFTS", "WRITE"]),
    )?;
    told(
        &url,
        &["user", "set-password", EMAIL, "--password-stdin"],
        "another long one",
    )?;
    refused(&app, "after the password was set", &token).await?;
    let session = app.sign_in(EMAIL, "another long one").await?;
    let token = text(&session["data"]["signIn"]["session"]["accessToken"])?;
    waybill(&url, &["user", "disable", EMAIL])?.succeeded()?;
    refused(&app, "after being disabled", &token).await?;

    let list = waybill(&url, &["user", "list"])?.succeeded()?.stdout;
    let lines: Vec<&str> = list.lines().collect();
    ensure(lines.len(), 2)?;
    let begins = lines[0].starts_with("ada@example.org\tcurator\tdisabled since 20");
    ensure((begins, lines[0].ends_with("\tAda")), (true, true))?;
    ensure(lines[1], "eve@example.org\tadmin\tenabled\teve@example.org")?;
    waybill(&url, &["user", "enable", EMAIL])?.succeeded()?;
    let session = app.sign_in(EMAIL, "another long one").await?;
    ensure(session["data"]["signIn"]["session"].is_object(), true)
}

async fn fail(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let url = database.url.clone();
    let add = ["user", "add", EMAIL, "--role", "admin", "--password-stdin"];
    told(&url, &add, PASSWORD)?;
    let rows: [(&[&str], &str, &str); 8] = [
        (&add, PASSWORD, "has this address already"),
        (
            &["user", "add", "ada", "--role", "admin", "--password-stdin"],
            PASSWORD,
            "you@example.org",
        ),
        (
            &[
                "user",
                "add",
                "b@example.org",
                "--role",
                "curator",
                "--password-stdin",
            ],
            "short",
            "at least 12",
        ),
        (
            &["user", "add", "b@example.org", "--role", "curator"],
            PASSWORD,
            "--password-stdin",
        ),
        (
            &["user", "add", "b@example.org", "--role", "owner"],
            PASSWORD,
            "curator, admin",
        ),
        (&["user", "disable", EMAIL], "", "last admin"),
        (&["user", "set-role", EMAIL, "curator"], "", "last admin"),
        (&["user", "disable", "nobody@example.org"], "", "user list"),
    ];
    for (arguments, input, words) in rows {
        let outcome = waybill_told(&url, arguments, &format!("{input}\n"))?;
        outcome.failed_saying(words)?;
        ensure(outcome.stderr.contains(PASSWORD), false)?;
    }
    Ok(())
}

async fn begin(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let hint = "waybill user add you@example.org --role admin";
    let log = |server: Running| -> Result<String, Failed> {
        let stopped = std::process::Command::new("kill")
            .arg(server.id().to_string())
            .status()?;
        ensure(stopped.success(), true)?;
        Ok(server.wait()?.1)
    };
    let first = log(Running::serve(&database.url, &[])?)?;
    ensure((first.contains(hint), &first), (true, &first))?;
    told(
        &database.url,
        &["user", "add", EMAIL, "--role", "admin", "--password-stdin"],
        PASSWORD,
    )?;
    let second = log(Running::serve(&database.url, &[])?)?;
    ensure((second.contains(hint), &second), (false, &second))
}
