use super::output;
use crate::{
    command_error::CommandError,
    config::{Settings, env_vars},
};

pub(super) const EXAMPLES: &str = "\
Examples:
  tatum-kms checkconfig
  tatum-kms checkconfig --path /secure/wallet.dat --aws

Prints one line a setting. A secret is said to be set or not; nothing of it is shown.";

/// Width of the names, as the original pads them.
const WIDTH: usize = 33;

pub(super) fn run(settings: &Settings) -> Result<(), CommandError> {
    let files: Vec<_> =
        settings.environment.files.iter().map(|path| path.display().to_string()).collect();
    let mut lines = vec![
        line("Version", env!("CARGO_PKG_VERSION")),
        line("Wallet file path", &settings.store.display().to_string()),
        line("Wallet exists", if settings.store.is_file() { "true" } else { "false" }),
        line("Wallet store type", settings.source_name()),
        line("Environment vars file", if files.is_empty() { "N/A" } else { "" }),
    ];
    if !files.is_empty() {
        lines.pop();
        lines.push(line("Environment vars file", &files.join(", ")));
    }
    for variable in env_vars::ALL {
        let value = settings.environment.get(*variable);
        let shown = match (variable.is_secret, value) {
            (_, None) => "N/A",
            (true, Some(_)) => "set",
            (false, Some(value)) => value,
        };
        lines.push(line(variable.name, shown));
    }
    Ok(output::raw(&lines.concat())?)
}

fn line(name: &str, value: &str) -> String {
    format!("{name:WIDTH$}: {value}\n")
}
