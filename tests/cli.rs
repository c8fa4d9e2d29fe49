//! The command line: what it says, how it fails, how the server starts and stops.
use std::{
    process::Command,
    time::{Duration, Instant},
};

use libtest_mimic::{Failed, Trial};

use crate::harness::{Backend, Running, Template, trial, waybill};

pub fn trials(backend: &Backend) -> Vec<Trial> {
    vec![
        trial(backend, "cli::failures_are_one_clear_line", failures),
        trial(backend, "cli::stops_gracefully", stops),
        trial(backend, "cli::demo_is_loaded_once", demo_once),
        trial(backend, "cli::migrates_a_filled_database", migrates),
        trial(
            backend,
            "cli::servers_that_start_together_all_serve",
            start_together,
        ),
    ]
}

async fn failures(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let rows: [(&str, &[&str], &str); 7] = [
        (&database.url, &["serve", "--listen", &address], "--listen"),
        (&database.url, &["serve", "--listen", "nowhere"], "nowhere"),
        (&database.url, &["serve", "--lisen", "x"], "--lisen"),
        (
            "postgres://someone:hunter2@127.0.0.1:1/none",
            &["serve"],
            "someone@127.0.0.1:1/none",
        ),
        (
            "sqlite:///no/such/folder/x.db",
            &["migrate"],
            "/no/such/folder/x.db",
        ),
        ("mysql://127.0.0.1/x", &["migrate"], "mysql://127.0.0.1/x"),
        ("sqlite::memory:", &["migrate"], "name a file"),
    ];
    for (url, arguments, words) in rows {
        let outcome = waybill(url, arguments)?;
        outcome.failed_saying(words)?;
        if outcome.stderr.contains("hunter2") {
            return Err("the password is shown".into());
        }
    }
    Ok(())
}

async fn stops(backend: Backend) -> Result<(), Failed> {
    for signal in ["TERM", "INT"] {
        let database = backend.database(Template::Empty).await?;
        let server = Running::serve(&database.url, &[])?;
        let ready = reqwest::get(format!("{}/health/ready", server.url)).await?;
        if ready.status() != 200 {
            return Err(format!("not ready: {ready:?}").into());
        }
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &server.id().to_string()])
            .status()?;
        let began = Instant::now();
        let (status, log) = server.wait()?;
        // Nothing that runs in the background complains that the database was closed.
        let after = log.split("stopping;").nth(1).unwrap_or_default();
        let is_quiet = !after.contains("WARN") && !after.contains("ERROR");
        let ended_well = sent.success() && status.success() && log.contains("stopped") && is_quiet;
        if !ended_well || began.elapsed() > Duration::from_secs(20) {
            return Err(format!("SIG{signal}: {status}, {log}").into());
        }
    }
    Ok(())
}

async fn demo_once(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Empty).await?;
    let mut counts = Vec::new();
    for _ in 0..2 {
        let server = Running::serve(&database.url, &["--demo"])?;
        let query = "/graphql?query=%7Bstatements%7BtotalCount%7D%7D";
        counts.push(
            reqwest::get(format!("{}{query}", server.url))
                .await?
                .text()
                .await?,
        );
    }
    if counts[0] != counts[1] || counts[0].contains(":0}") {
        return Err(format!("statements after each start: {counts:?}").into());
    }
    Ok(())
}

async fn migrates(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Filled).await?;
    for _ in 0..2 {
        waybill(&database.url, &["migrate"])?.succeeded()?;
    }
    Ok(())
}

async fn start_together(backend: Backend) -> Result<(), Failed> {
    let database = backend.database(Template::Bare).await?;
    let starting: Vec<_> = (0..3)
        .map(|_| {
            let url = database.url.clone();
            std::thread::spawn(move || Running::serve(&url, &["--demo"]))
        })
        .collect();
    for server in starting {
        let server = server.join().map_err(|_| "a start panicked")??;
        let ready = reqwest::get(format!("{}/health/ready", server.url)).await?;
        if ready.status() != 200 {
            return Err("not ready".into());
        }
    }
    Ok(())
}
