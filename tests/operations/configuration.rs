//! One precedence: a flag, the environment, the file, the default.
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

use libtest_mimic::Failed;
use tempfile::TempDir;

use crate::harness::{Outcome, ensure};

/// A file with this in it, in a folder that goes when dropped.
fn file(text: &str) -> Result<(TempDir, PathBuf), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("waybill.toml");
    fs::write(&file, text)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
    Ok((folder, file))
}

/// Runs it with nothing in its environment but this.
pub fn run(environment: &[(&str, &str)], arguments: &[&str]) -> Result<Outcome, Failed> {
    let output = Command::new(env!("CARGO_BIN_EXE_waybill"))
        .env_clear()
        .envs(environment.iter().copied())
        .args(arguments)
        .output()?;
    Ok(Outcome {
        status: output.status,
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}

pub fn precedence() -> Result<(), Failed> {
    let text = r#"
        listen = "127.0.0.1:1"
        read-connections = 3
        demo = true
        database-url = "postgres://someone:hunter2@127.0.0.1/x"
    "#;
    let (_folder, file) = file(text)?;
    let name = file.to_str().ok_or("no name")?;
    let from_file = format!(r#"listen = "127.0.0.1:1"  # file: {name}"#);
    let from_environment = r#"listen = "127.0.0.1:2"  # environment: WAYBILL_LISTEN"#;
    let environment = ("WAYBILL_LISTEN", "127.0.0.1:2");
    let named = ("WAYBILL_CONFIG", name);
    let config = format!("--config={name}");
    type Row<'r> = (&'r [(&'r str, &'r str)], &'r [&'r str], &'r str);
    let rows: [Row<'_>; 6] = [
        (&[], &[], r#"listen = "127.0.0.1:8080"  # default"#),
        (&[], &["--config", name], &from_file),
        (&[], &[&config], &from_file),
        (&[named], &[], &from_file),
        (&[named, environment], &[], from_environment),
        (
            &[named, environment],
            &["--listen", "127.0.0.1:3"],
            r#"listen = "127.0.0.1:3"  # flag"#,
        ),
    ];
    for (environment, arguments, line) in rows {
        let arguments = [&["config"], arguments].concat();
        let shown = run(environment, &arguments)?.succeeded()?.stdout;
        let found = shown.lines().find(|line| line.starts_with("listen = "));
        ensure(found, Some(line))?;
    }
    let shown = run(&[], &["config", "--config", name])?.succeeded()?.stdout;
    let lines = [
        "read-connections = 3  # file: ",
        "demo = true  # file: ",
        r#"database-url = "postgres://someone@127.0.0.1/x"  # file: "#,
    ];
    for line in lines {
        ensure((line, shown.contains(line)), (line, true))?;
    }
    // What the environment says of a switch counts, too.
    let off = run(&[named, ("WAYBILL_DEMO", "false")], &["config"])?.succeeded()?;
    ensure(off.stdout.contains("demo = false  # environment"), true)
}

pub fn mistakes() -> Result<(), Failed> {
    let rows = [
        ("lisen = 1", "no option lisen; did you mean listen?"),
        ("quite-another = 1", "waybill config --defaults lists all"),
        // What is done once is no setting.
        ("role = \"ADMIN\"", "no option role"),
        ("config = \"other.toml\"", "no option config"),
        (
            "read-connections = 0",
            "read-connections: invalid value '0'",
        ),
        (
            "read-connections = [1, 2]",
            "read-connections takes one value",
        ),
        (
            "drain-delay = \"soon\"",
            "drain-delay: invalid value 'soon'",
        ),
        ("demo = \"perhaps\"", "demo: invalid value 'perhaps'"),
        ("log-format = \"xml\"", "log-format: invalid value 'xml'"),
        ("listen = 2023-07-25", "listen must be a text, a number"),
        ("[serve]\nlisten = 1", "serve must be a text, a number"),
        ("listen = \"a\"\nlisten = \"b\"", "line 2: "),
    ];
    for (text, words) in rows {
        let (_folder, file) = file(text)?;
        let name = file.to_str().ok_or("no name")?;
        let outcome = run(&[], &["serve", "--config", name])?;
        outcome.failed_saying(words)?;
        outcome.failed_saying(&format!("waybill: {name}: "))?;
    }
    run(&[("WAYBILL_CONFIG", "none.toml")], &["serve"])?.failed_saying("none.toml: ")
}

pub fn readers() -> Result<(), Failed> {
    let secret = r#"database-url = "postgres://someone:hunter2@127.0.0.1/x""#;
    for (text, mode, warns) in [
        (secret, 0o600, false),
        (secret, 0o640, true),
        (secret, 0o604, true),
        ("listen = \"127.0.0.1:1\"", 0o644, false),
    ] {
        let (_folder, file) = file(text)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(mode))?;
        let name = file.to_str().ok_or("no name")?;
        let shown = run(&[], &["config", "--config", name])?.succeeded()?;
        ensure((mode, shown.stderr.contains("chmod 600")), (mode, warns))?;
        let all = shown.stdout + &shown.stderr;
        ensure(all.contains("hunter2"), false)?;
    }
    Ok(())
}

/// The file to begin with says what holds without it: with every line in effect, nothing changes.
pub fn defaults() -> Result<(), Failed> {
    let begun = run(&[], &["config", "--defaults"])?.succeeded()?.stdout;
    let mut count = 0;
    let text: Vec<_> = begun
        .lines()
        .filter_map(|line| line.strip_prefix("# ")?.split_once(" = "))
        .filter(|(key, _)| {
            key.chars()
                .all(|letter| letter.is_ascii_lowercase() || letter == '-')
        })
        .map(|(key, value)| {
            count += 1;
            format!("{key} = {value}")
        })
        .collect();
    ensure(count > 10, true)?;
    let (_folder, file) = file(&text.join("\n"))?;
    let name = file.to_str().ok_or("no name")?;
    let values = |shown: String| -> Vec<String> {
        let lines = shown.lines().map(|line| line.split("  # ").next());
        lines
            .map(|line| line.unwrap_or_default().to_owned())
            .collect()
    };
    let without = run(&[], &["config"])?.succeeded()?.stdout;
    let with = run(&[], &["config", "--config", name])?.succeeded()?.stdout;
    ensure(with.matches("# file: ").count(), count)?;
    ensure(values(with), values(without))
}
