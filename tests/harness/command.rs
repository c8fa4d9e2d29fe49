//! The `waybill` command as a user runs it.
use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStderr, ExitStatus, Stdio},
    thread::JoinHandle,
};

use libtest_mimic::Failed;

use super::binary;

/// What a command answered.
pub struct Outcome {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

/// Runs it to its end on a database.
pub fn waybill(database_url: &str, arguments: &[&str]) -> Result<Outcome, Failed> {
    waybill_told(database_url, arguments, "")
}

/// Runs it to its end, with something to read on its standard input.
pub fn waybill_told(
    database_url: &str,
    arguments: &[&str],
    input: &str,
) -> Result<Outcome, Failed> {
    let mut child = binary()
        .env("DATABASE_URL", database_url)
        .env("WAYBILL_LOG", "warn")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // A command that reads nothing may be gone already.
    let mut stdin = child.stdin.take().ok_or("no standard input")?;
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output()?;
    Ok(Outcome {
        status: output.status,
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}

impl Outcome {
    pub fn succeeded(self) -> Result<Self, Failed> {
        if self.status.success() {
            return Ok(self);
        }
        Err(format!("it failed: {}", self.stderr).into())
    }

    /// It failed, and said why in one line that holds this.
    pub fn failed_saying(&self, words: &str) -> Result<(), Failed> {
        let one_line = self.stderr.trim_end().lines().count() == 1;
        if self.status.success() || !one_line || !self.stderr.contains(words) {
            return Err(format!(
                "{} is not one line with {words:?}: {}",
                self.status, self.stderr
            )
            .into());
        }
        Ok(())
    }

    /// The figures of an import's report: read, kept, unchanged, refused.
    pub fn report(&self) -> Result<[u64; 4], Failed> {
        let mut figures = [0; 4];
        let names = ["Rows read:", "kept:", "unchanged:", "refused:"];
        for (figure, name) in figures.iter_mut().zip(names) {
            let line = self.stdout.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|rest| rest.split_whitespace().next());
            *figure = number
                .ok_or_else(|| format!("no {name} in {}", self.stdout))?
                .parse()?;
        }
        Ok(figures)
    }
}

/// Begins it on a database, and waits for nothing.
pub fn begin(database_url: &str, arguments: &[&str]) -> Result<Child, Failed> {
    let silent = binary()
        .env("DATABASE_URL", database_url)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(silent)
}

/// A server that runs as a process; killed when dropped.
pub struct Running {
    child: Child,
    pub url: String,
    /// What it logged before it listened.
    pub said: String,
    /// What it logs from here on: read all the time, or it would wait for a reader.
    log: Option<JoinHandle<std::io::Result<String>>>,
    /// Kept open, and not read.
    unread: Option<BufReader<ChildStderr>>,
}

impl Running {
    /// Waits until it says where it listens.
    pub fn serve(database_url: &str, arguments: &[&str]) -> Result<Self, Failed> {
        let (mut server, mut log) = Self::begin(database_url, arguments)?;
        server.log = Some(std::thread::spawn(move || {
            let mut text = String::new();
            log.read_to_string(&mut text).map(|_| text)
        }));
        Ok(server)
    }

    /// One whose log is not read any more once it listens.
    pub fn unread(database_url: &str) -> Result<Self, Failed> {
        let (mut server, log) = Self::begin(database_url, &[])?;
        server.unread = Some(log);
        Ok(server)
    }

    fn begin(
        database_url: &str,
        arguments: &[&str],
    ) -> Result<(Self, BufReader<ChildStderr>), Failed> {
        let mut child = binary()
            .env("DATABASE_URL", database_url)
            .env("NO_COLOR", "1")
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()?;
        let mut log = BufReader::new(child.stderr.take().ok_or("no log")?);
        let mut said = String::new();
        let mut begin = 0;
        while log.read_line(&mut said)? > 0 {
            if let Some(url) = address(&said[begin..], "listening on ") {
                let server = Self {
                    child,
                    url: url.to_owned(),
                    said,
                    log: None,
                    unread: None,
                };
                return Ok((server, log));
            }
            begin = said.len();
        }
        Err("the server ended before it listened".into())
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to stop, and waits for nothing.
    pub fn stop(&self) -> Result<(), Failed> {
        let sent = std::process::Command::new("kill")
            .args(["-TERM", &self.id().to_string()])
            .status()?;
        match sent.success() {
            true => Ok(()),
            false => Err("no signal could be sent".into()),
        }
    }

    /// How it ended, and all that it logged until then.
    pub fn wait(mut self) -> Result<(ExitStatus, String), Failed> {
        let status = self.child.wait()?;
        let log = self.log.take().ok_or("the log was read before")?;
        let log = log.join().map_err(|_| "the log's reader panicked")??;
        Ok((status, log))
    }
}

/// The address that a line names after some words.
pub fn address<'l>(line: &'l str, words: &str) -> Option<&'l str> {
    let (_, rest) = line.split_once(words)?;
    rest.split(|letter: char| letter.is_whitespace() || letter == '"')
        .next()
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
