//! The configuration file: what may stand in the environment may stand there, under the option's
//! long name. A flag outdoes the environment, that outdoes the file, and that the default.
use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fmt::Write,
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
};

use clap::{Arg, ArgAction, ArgMatches, Command, parser::ValueSource};
use toml::{Table, Value};

use super::{Failure, say, without_password};

/// Names more alike than this are taken for mistakes.
const ALIKE: f64 = 0.8;
const VARIABLE: &str = "WAYBILL_CONFIG";

/// What the file says, if there is one.
#[derive(Default)]
pub struct File {
    path: PathBuf,
    /// By the long names of options.
    values: BTreeMap<String, Vec<String>>,
}

impl File {
    /// The one that the arguments name, or else the environment. Read before the arguments are
    /// parsed, whose defaults it holds.
    pub fn named(arguments: &[OsString]) -> Result<Self, Failure> {
        let Some(path) = path(arguments) else {
            return Ok(Self::default());
        };
        let failed = |why: &str| Failure::new(format!("{}: {why}", path.display()));
        let text = fs::read_to_string(&path).map_err(|error| failed(&error.to_string()))?;
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error
                .span()
                .map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            failed(&format!("line {line}: {}", error.message()))
        })?;
        let values = table.into_iter().map(|(key, value)| {
            let texts = match value {
                Value::Array(values) => values.iter().map(text_of).collect(),
                value => text_of(&value).map(|text| vec![text]),
            };
            let texts: Option<Vec<_>> = texts;
            let wrong = || {
                failed(&format!(
                    "{key} must be a text, a number, true or false, or a list of such"
                ))
            };
            texts.ok_or_else(wrong).map(|texts| (key, texts))
        });
        let values = values.collect::<Result<_, _>>()?;
        Ok(Self { path, values })
    }

    /// Makes the command's defaults of what the file says.
    pub fn apply(&self, command: Command) -> Result<Command, Failure> {
        let mut options = BTreeMap::new();
        collect(&command, &mut options);
        for (key, values) in &self.values {
            let Some(option) = options.get(key) else {
                let nearest = options
                    .keys()
                    .map(|name| (strsim::jaro_winkler(name, key), name))
                    .max_by(|(one, _), (other, _)| one.total_cmp(other))
                    .filter(|(alike, _)| *alike > ALIKE);
                let hint = match nearest {
                    Some((_, name)) => format!("; did you mean {name}?"),
                    None => "; waybill config --defaults lists all".to_owned(),
                };
                return Err(self.failed(&format!("there is no option {key}{hint}")));
            };
            self.check(option, values)?;
        }
        Ok(self.put(command))
    }

    /// As the command line would, but blaming the file.
    fn check(&self, option: &Arg, values: &[String]) -> Result<(), Failure> {
        let key = option.get_long().unwrap_or_default().to_owned();
        if values.len() != 1 && !matches!(option.get_action(), ArgAction::Append) {
            return Err(self.failed(&format!("{key} takes one value")));
        }
        let same = Arg::new("value")
            .value_parser(option.get_value_parser().clone())
            .allow_hyphen_values(true);
        let alone = Command::new("file").no_binary_name(true).arg(same);
        for value in values {
            if let Err(error) = alone.clone().try_get_matches_from([value]) {
                let text = error.render().to_string();
                let why = text.lines().next().unwrap_or_default();
                let why = why
                    .trim_start_matches("error: ")
                    .replace(" for '[value]'", "");
                return Err(self.failed(&format!("{key}: {why}")));
            }
        }
        Ok(())
    }

    fn put(&self, command: Command) -> Command {
        let put = |option: Arg| match self.value(&option) {
            Some(values) => option.default_values(values),
            None => option,
        };
        command
            .mut_args(put)
            .mut_subcommands(|command| self.put(command))
    }

    fn value(&self, option: &Arg) -> Option<Vec<String>> {
        let key = option.get_long().filter(|_| is_setting(option))?;
        self.values.get(key).cloned()
    }

    /// Passwords that others can read are worth a word.
    pub fn warn_of_readers(&self, command: &Command) {
        let mut options = BTreeMap::new();
        collect(command, &mut options);
        let is_secret = |key| options.get(key).is_some_and(Arg::is_hide_env_values_set);
        let mode = fs::metadata(&self.path).map_or(0, |file| file.permissions().mode());
        if mode & 0o044 != 0
            && let Some(key) = self.values.keys().find(|key| is_secret(*key))
        {
            tracing::warn!(
                file = %self.path.display(),
                "others can read the file, and {key} may hold a password: chmod 600 it"
            );
        }
    }

    fn failed(&self, why: &str) -> Failure {
        Failure::new(format!("{}: {why}", self.path.display()))
    }
}

/// What is done once is said on the command line alone; what holds for a server has a variable.
fn is_setting(option: &Arg) -> bool {
    option
        .get_env()
        .is_some_and(|variable| variable != VARIABLE)
}

fn collect(command: &Command, options: &mut BTreeMap<String, Arg>) {
    for option in command.get_arguments().filter(|option| is_setting(option)) {
        if let Some(name) = option.get_long() {
            options.insert(name.to_owned(), option.clone());
        }
    }
    for command in command.get_subcommands() {
        collect(command, options);
    }
}

fn path(arguments: &[OsString]) -> Option<PathBuf> {
    let mut rest = arguments.iter().take_while(|argument| *argument != "--");
    while let Some(argument) = rest.next() {
        if argument == "--config" {
            return rest.next().map(PathBuf::from);
        }
        if let Some(path) = argument
            .to_str()
            .and_then(|text| text.strip_prefix("--config="))
        {
            return Some(path.into());
        }
    }
    std::env::var_os(VARIABLE)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}

/// Prints the options in effect, each with where it comes from.
pub fn show(command: &Command, matches: &ArgMatches, file: &File) {
    for option in settings(command) {
        let id = option.get_id().as_str();
        let source = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => "flag".to_owned(),
            Some(ValueSource::EnvVariable) => {
                let variable = option.get_env().unwrap_or_default();
                format!("environment: {}", variable.to_string_lossy())
            }
            _ if file.value(option).is_some() => format!("file: {}", file.path.display()),
            _ => "default".to_owned(),
        };
        let values: Vec<_> = matches.get_raw(id).into_iter().flatten().collect();
        say(format_args!("{}  # {source}", assignment(option, &values)));
    }
}

/// Prints a file to begin with: every option with its default, and all of it commented out.
pub fn defaults(command: &Command) {
    let mut text = String::from(
        "# Configuration of Waybill. A flag outdoes the environment, that outdoes this file.\n\
         # Name it by --config FILE, or by WAYBILL_CONFIG.\n",
    );
    for option in settings(command) {
        let help = option
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let variable = option
            .get_env()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let values: Vec<_> = option
            .get_default_values()
            .iter()
            .map(clap::builder::OsStr::as_os_str)
            .collect();
        let assignment = assignment(option, &values);
        // Writing to a text cannot fail.
        let _ = write!(
            text,
            "\n# {help} ({variable})\n# {}\n",
            assignment.trim_start_matches("# ")
        );
    }
    say(text.trim_end());
}

/// The options of a command, by their names.
fn settings(command: &Command) -> Vec<&Arg> {
    let mut options: Vec<_> = command
        .get_arguments()
        .filter(|option| is_setting(option))
        .collect();
    options.sort_by_key(|option| option.get_long());
    options
}

/// As the file would have it; an option without a value is commented out.
fn assignment(option: &Arg, values: &[impl AsRef<OsStr>]) -> String {
    let key = option.get_long().unwrap_or_default();
    let shown: Vec<_> = values
        .iter()
        .map(|value| {
            let text = value.as_ref().to_string_lossy();
            let text = match option.is_hide_env_values_set() {
                true => without_password(&text),
                false => text.into_owned(),
            };
            match text.parse::<i64>().is_ok() || text.parse::<bool>().is_ok() {
                true => text,
                false => Value::String(text).to_string(),
            }
        })
        .collect();
    match (option.get_action(), shown.as_slice()) {
        (ArgAction::Append, shown) => format!("{key} = [{}]", shown.join(", ")),
        (_, [one]) => format!("{key} = {one}"),
        (ArgAction::SetTrue, _) => format!("{key} = false"),
        _ => format!("# {key} ="),
    }
}
