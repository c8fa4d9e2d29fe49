//! What is written for those who run a server is what the server does.
use std::fs;

use libtest_mimic::Failed;

use super::configuration::run;
use crate::harness::tests;

const BEGIN: &str = "<!-- The options, from `waybill config --defaults`; tests keep them. -->\n";
const END: &str = "<!-- The end of the options. -->\n";

/// `UPDATE_CASES=1` writes them anew.
pub fn options() -> Result<(), Failed> {
    let file = tests().join("../docs/operations.md");
    let text = fs::read_to_string(&file)?;
    let (before, rest) = text.split_once(BEGIN).ok_or("the options do not begin")?;
    let (found, after) = rest.split_once(END).ok_or("the options do not end")?;
    let expected = table()?;
    if std::env::var_os("UPDATE_CASES").is_some() {
        fs::write(file, [before, BEGIN, &expected, END, after].concat())?;
        return Ok(());
    }
    match found == expected {
        true => Ok(()),
        false => Err("docs/operations.md has other options than the program: UPDATE_CASES=1 writes them anew".into()),
    }
}

/// A row an option, from the file to begin with.
fn table() -> Result<String, Failed> {
    let file = run(&[], &["config", "--defaults"])?.succeeded()?.stdout;
    let mut table = String::from("| Key and flag | Environment | Default | |\n|---|---|---|---|\n");
    for option in file.split("\n\n").skip(1) {
        let (help, value) = option.split_once("\n# ").ok_or(option)?;
        let (help, variable) = help.rsplit_once(" (").ok_or(option)?;
        let help = help.trim_start_matches("# ").replace('|', "\\|");
        let variable = variable.trim_end_matches(')');
        let (key, default) = value.split_once(" =").ok_or(option)?;
        let default = match default.trim() {
            "" => String::new(),
            value => format!("`{value}`"),
        };
        table += &format!("| `{key}` | `{variable}` | {default} | {help} |\n");
    }
    Ok(table)
}
