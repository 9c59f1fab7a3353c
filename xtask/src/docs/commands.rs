//! Tables of options and of environment variables, read off the command line itself.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use clap::{Arg, Command, CommandFactory as _, builder::PossibleValue};
use kms_cli::{Cli, EnvVar, Exit, env_vars};

/// Commands whose options have a table of their own in the text above the others'.
const TOLD_ABOVE: &[&str] = &["daemon"];

/// The command line as it is parsed, global options known to every command.
pub(crate) fn command_line() -> Command {
    let mut tree = Cli::command();
    tree.build();
    tree
}

/// Options that every command takes.
pub(super) fn of_all() -> Result<String> {
    table(command_line().get_arguments().filter(|argument| argument.is_global_set()))
}

/// Options of the daemon.
pub(super) fn of_daemon() -> Result<String> {
    let tree = command_line();
    let daemon = tree.find_subcommand("daemon").context("there is no command `daemon`")?;
    table(own(daemon))
}

/// Options and arguments of every other command, in the order of the help.
pub(super) fn of_others() -> Result<String> {
    let tree = command_line();
    let mut out = String::new();
    for command in tree.get_subcommands() {
        if !TOLD_ABOVE.contains(&command.get_name()) {
            describe(&mut out, "", command)?;
        }
    }
    Ok(out.trim_end().to_owned() + "\n")
}

fn describe(out: &mut String, parent: &str, command: &Command) -> Result<()> {
    let name = format!("{parent}{}", command.get_name());
    let about = command.get_about().with_context(|| format!("`{name}` has no description"))?;
    if command.has_subcommands() {
        for action in command.get_subcommands() {
            describe(out, &format!("{name} "), action)?;
        }
        return Ok(());
    }
    writeln!(out, "**`{name}`** — {}.\n", escape(&about.to_string()))?;
    if own(command).next().is_some() {
        writeln!(out, "{}", table(own(command))?)?;
    }
    Ok(())
}

/// The options that only this command has and that its help shows.
fn own(command: &Command) -> impl Iterator<Item = &Arg> {
    let is_of_all = |argument: &Arg| ["help", "version"].contains(&argument.get_id().as_str());
    command
        .get_arguments()
        .filter(move |argument| !argument.is_global_set() && !is_of_all(argument))
}

fn table<'a>(arguments: impl Iterator<Item = &'a Arg>) -> Result<String> {
    let mut out = String::from("| option | meaning |\n|---|---|\n");
    for argument in arguments.filter(|argument| !argument.is_hide_set()) {
        writeln!(out, "| {} | {} |", spelling(argument), meaning(argument)?)?;
    }
    Ok(out)
}

/// The option as it is typed: the original's name, the value, other names.
fn spelling(argument: &Arg) -> String {
    let value = argument.get_value_names().and_then(<[_]>::first).map_or("", |name| name.as_str());
    let Some(long) = argument.get_long() else { return format!("`{value}`") };
    let takes_value = argument.get_action().takes_values();
    let value = match () {
        () if !takes_value => String::new(),
        () if argument.is_require_equals_set() => format!("[={value}]"),
        () => format!(" {value}"),
    };
    let mut out = format!("`--{long}{value}`");
    for alias in argument.get_visible_aliases().unwrap_or_default() {
        out += &format!(", `--{alias}`");
    }
    if let Some(short) = argument.get_short() {
        out += &format!(", `-{short}`");
    }
    out
}

fn meaning(argument: &Arg) -> Result<String> {
    let id = argument.get_id();
    let help = argument.get_help().with_context(|| format!("`{id}` has no help"))?.to_string();
    let mut out = escape(&help);
    let defaults = argument.get_default_values();
    if let (Some(default), false) = (defaults.first(), argument.is_hide_default_value_set())
        && argument.get_action().takes_values()
    {
        write!(out, " [default: {}]", default.display())?;
    }
    let names: Vec<_> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(PossibleValue::get_name)
        .map(|name| format!("`{name}`"))
        .collect();
    let is_choice = argument.get_action().takes_values() && !argument.is_hide_possible_values_set();
    if is_choice && !names.is_empty() {
        write!(out, ": {}", names.join(", "))?;
    }
    Ok(out)
}

/// A bar would end a cell, an angle would begin a tag.
fn escape(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// Exit codes.
pub(super) fn exits() -> Result<String> {
    let mut out = String::from("| exit code | meaning |\n|---|---|\n| 0 | done |\n");
    for exit in Exit::ALL {
        writeln!(out, "| {} | {} |", exit as u8, exit.meaning())?;
    }
    Ok(out)
}

/// Environment variables, secrets marked.
pub(super) fn variables() -> Result<String> {
    let mut out = String::from("| variable | secret | what it is |\n|---|---|---|\n");
    for EnvVar { name, is_secret, purpose } in env_vars::ALL {
        let secret = if *is_secret { "yes" } else { "" };
        writeln!(out, "| `{name}` | {secret} | {purpose} |")?;
    }
    Ok(out)
}
