//! The overview of commands in `--help`: in groups, the most used first.

use clap::{Command, CommandFactory as _};

use crate::Cli;

/// Groups of commands; each command is in one group. One that is in none is shown at the end.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Wallets",
        &[
            "generatemanagedwallet",
            "storemanagedwallet",
            "storemanagedprivatekey",
            "generatemanagedprivatekeybatch",
            "generatewallet",
            "list",
            "find",
            "getaddress",
            "getprivatekey",
            "getmanagedwallet",
            "label",
            "removewallet",
            "restorewallet",
        ],
    ),
    ("Daemon", &["daemon", "pending", "pause", "resume"]),
    ("Store", &["backup", "import", "export", "migrate", "changepassword", "shares", "kdf"]),
    ("Operations", &["chains", "checkconfig", "doctor", "health", "report", "completions"]),
    ("Trying it out", &["demo", "sandbox"]),
];
const OTHERS: &str = "Others";

/// The command line, with its commands in groups in the help.
#[must_use]
pub fn command_line() -> Command {
    let command = Cli::command();
    let template = template(&command);
    command.help_template(template)
}

fn template(command: &Command) -> String {
    let named = GROUPS.iter().flat_map(|(_, names)| *names);
    let is_named = |name: &str| named.clone().any(|other| *other == name);
    let mut groups: Vec<(&str, Vec<&Command>)> = GROUPS
        .iter()
        .map(|(title, names)| {
            (*title, names.iter().filter_map(|name| command.find_subcommand(name)).collect())
        })
        .collect();
    let others = command.get_subcommands().filter(|command| !is_named(command.get_name()));
    groups.push((OTHERS, others.collect()));
    let shown: String = groups
        .iter()
        .filter(|(_, members)| !members.is_empty())
        .map(|(title, members)| group(title, members))
        .collect();
    format!(
        "{{before-help}}{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{shown}Options:\n\
         {{options}}{{after-help}}"
    )
}

/// A group's commands, laid out by clap and as wide as the terminal allows.
fn group(title: &str, members: &[&Command]) -> String {
    let ordered = members
        .iter()
        .enumerate()
        .map(|(index, member)| Command::clone(member).display_order(index));
    let mut list = Command::new("group")
        .disable_help_subcommand(true)
        .max_term_width(crate::WIDTH_MAX)
        .help_template("{subcommands}")
        .subcommands(ordered);
    format!("{title}:\n{}\n\n", list.render_help().to_string().trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_one_group_and_every_name_is_a_command() {
        let command = Cli::command();
        let mut named: Vec<_> =
            GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let mut all: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
        named.sort_unstable();
        all.sort_unstable();
        assert_eq!(named, all);
    }

    #[test]
    fn the_help_names_every_command_once_with_what_it_does() {
        let help = command_line().render_long_help().to_string();
        assert!(!help.contains(OTHERS), "{help}");
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            let lines = help.lines().filter(|line| line.starts_with(&format!("  {name} ")));
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let begin: String = about.chars().take(20).collect();
            let lines: Vec<_> = lines.collect();
            assert!(
                lines.len() == 1 && lines.iter().all(|line| line.contains(&begin)),
                "{name}: {help}"
            );
        }
    }

    #[test]
    fn a_command_that_is_in_no_group_is_shown_nevertheless() {
        let command = Cli::command().subcommand(Command::new("newcomer").about("Is new"));
        let template = template(&command);
        assert!(template.contains("Others:\n  newcomer  Is new\n"), "{template}");
    }
}
