//! `cargo xtask man --out DIR`: a manual page for every command in `DIR/man`, completions for bash,
//! zsh and fish in `DIR/completions`. What is packaged is written from what is parsed.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result};
use clap::{Command, CommandFactory as _};
use clap_complete::{Generator as _, generate, shells::Shell};
use clap_mangen::Man;
use kms_cli::{Cli, EnvVar, Exit, env_vars, mend_bash};

use crate::docs::commands::command_line;

const PROGRAM: &str = "tatum-kms";
const SECTION: &str = "1";

/// # Errors
/// When a file cannot be written.
pub(crate) fn run(out: &Path) -> Result<()> {
    let (pages, completions) = (out.join("man"), out.join("completions"));
    for folder in [&pages, &completions] {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    write_pages(&command_line(), &pages)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let mut text = Vec::new();
        generate(shell, &mut Cli::command(), PROGRAM, &mut text);
        let text = String::from_utf8(text)?;
        let text = if shell == Shell::Bash { mend_bash(&text) } else { text };
        write(&completions.join(shell.file_name(PROGRAM)), text.as_bytes())?;
    }
    Ok(())
}

fn write_pages(command: &Command, folder: &Path) -> Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    write(&folder.join(format!("{name}.{SECTION}")), &page(command, name)?)?;
    command.get_subcommands().try_for_each(|action| write_pages(action, folder))
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    fs::write(path, content).with_context(|| path.display().to_string())
}

/// The page of a command. Examples stand as they are; clap's own section of them is filled text.
fn page(command: &Command, name: &str) -> Result<Vec<u8>> {
    let man = Man::new(with_own_options_first(command))
        .title(name.to_uppercase())
        .source(format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION")))
        .manual(PROGRAM);
    let (examples, remarks) = examples_and_remarks(command);
    let mut out = Vec::new();
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    out.extend(
        remarks.iter().map(|text| format!(".PP\n{}\n", escape(text))).collect::<String>().bytes(),
    );
    man.render_options_section(&mut out)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut out)?;
    }
    let is_program = name == PROGRAM;
    if is_program {
        out.extend(environment()?.bytes());
    }
    out.extend(exit_status()?.bytes());
    if !examples.is_empty() {
        out.extend(format!(".SH EXAMPLES\n.nf\n{}\n.fi\n", escape(&examples)).bytes());
    }
    if !is_program {
        out.extend(format!(".SH SEE ALSO\n.BR {} ({SECTION})\n", escape(PROGRAM)).bytes());
    }
    Ok(out)
}

/// Options of every command under a heading of their own, after the command's.
fn with_own_options_first(command: &Command) -> Command {
    command.clone().mut_args(|argument| {
        if argument.is_global_set() {
            argument.help_heading("Options of every command")
        } else {
            argument
        }
    })
}

/// The text under a command's help, split into lines of examples and paragraphs of remarks.
fn examples_and_remarks(command: &Command) -> (String, Vec<String>) {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let (examples, remarks) =
        text.split("\n\n").partition::<Vec<_>, _>(|part| part.starts_with("Examples:\n"));
    let examples = examples.iter().flat_map(|part| part.lines().skip(1)).map(str::trim);
    let remarks = remarks.into_iter().filter(|part| !part.is_empty());
    (examples.collect::<Vec<_>>().join("\n"), remarks.map(str::to_owned).collect())
}

fn environment() -> Result<String> {
    let mut out = String::from(".SH ENVIRONMENT\n");
    for EnvVar { name, purpose, .. } in env_vars::ALL {
        writeln!(out, ".TP\n.B {name}\n{}", escape(purpose))?;
    }
    Ok(out)
}

fn exit_status() -> Result<String> {
    let mut out = String::from(".SH EXIT STATUS\n.TP\n.B 0\ndone.\n");
    for exit in Exit::ALL {
        writeln!(out, ".TP\n.B {}\n{}.", exit as u8, escape(exit.meaning()))?;
    }
    Ok(out)
}

/// Escapes text for roff: hyphens that can be copied, and no line that is a request.
fn escape(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::process;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The complaints of a tool; `None` if it is not installed.
    fn complaint(tool: &str, arguments: &[&str], file: &Path) -> Option<String> {
        let mut command = process::Command::new(tool);
        command.args(arguments).arg(file).env("LC_ALL", "C.UTF-8").env("MANWIDTH", "80");
        let answer = command.output().ok()?;
        let stderr = String::from_utf8_lossy(&answer.stderr).into_owned();
        assert!(answer.status.success(), "{tool} {}: {stderr}", file.display());
        Some(stderr)
    }

    #[test]
    fn every_command_has_a_page_that_man_renders_without_a_warning() {
        let place = tempfile::tempdir().expect("a directory");
        run(place.path()).expect("written");
        let pages = names(&place.path().join("man"));
        for page in ["tatum-kms.1", "tatum-kms-daemon.1", "tatum-kms-backup-verify.1"] {
            assert!(pages.iter().any(|name| name == page), "{page} is not among {pages:?}");
        }
        for page in &pages {
            let path = place.path().join("man").join(page);
            let told = complaint("man", &["--warnings", "-E", "UTF-8", "-l", "-Tutf8"], &path);
            assert_eq!(told.unwrap_or_default(), "", "{page}");
        }
    }

    #[test]
    fn every_shell_takes_its_completions() {
        let place = tempfile::tempdir().expect("a directory");
        run(place.path()).expect("written");
        let folder = place.path().join("completions");
        assert_eq!(names(&folder), ["_tatum-kms", "tatum-kms.bash", "tatum-kms.fish"]);
        for (shell, file) in
            [("zsh", "_tatum-kms"), ("bash", "tatum-kms.bash"), ("fish", "tatum-kms.fish")]
        {
            let told = complaint(shell, &["-n"], &folder.join(file));
            assert_eq!(told.unwrap_or_default(), "", "{shell}");
        }
    }

    #[test]
    fn no_line_of_text_is_taken_for_a_request() {
        assert_eq!(escape(".env\n'a' \\n --b"), "\\&.env\n\\&'a' \\en \\-\\-b");
    }
}
