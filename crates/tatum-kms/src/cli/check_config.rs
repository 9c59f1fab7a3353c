use kms_cli::env_vars;

use super::output;
use crate::{
    command_error::CommandError,
    config::{Settings, store_type},
    wire,
};

/// Width of the names, as the original pads them.
const WIDTH: usize = 33;

pub(super) async fn run(settings: &Settings, tries: bool) -> Result<(), CommandError> {
    let files: Vec<_> =
        settings.environment.files.iter().map(|path| path.display().to_string()).collect();
    let mut lines = vec![
        line("Version", env!("CARGO_PKG_VERSION")),
        line("Wallet file path", &settings.store.display().to_string()),
        line("Wallet exists", if settings.store.is_file() { "true" } else { "false" }),
        line("Wallet store type", store_type(settings.source_name())),
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
    lines.push(line("Password source", &settings.source_name().to_string()));
    for (name, is_set) in settings.source_needs() {
        let told = format!("{name} is {}", if is_set { "set" } else { "missing" });
        lines.push(line("Password source needs", &told));
    }
    if tries {
        lines.push(line("Password", try_password(settings).await?));
    }
    Ok(output::raw(&lines.concat())?)
}

async fn try_password(settings: &Settings) -> Result<&'static str, CommandError> {
    let password = wire::password(settings).await?;
    if !settings.store.exists() {
        return Ok("fetched; no wallet store exists yet");
    }
    wire::wallet_file(settings).open(&password)?;
    Ok("fetched; it opens the wallet store")
}

fn line(name: &str, value: &str) -> String {
    format!("{name:WIDTH$}: {value}\n")
}
