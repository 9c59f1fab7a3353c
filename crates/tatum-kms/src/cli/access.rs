//! Accesses to secrets and removals of wallets: confirmed on a terminal, and recorded before they
//! are done.

use std::{
    fs::OpenOptions,
    io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
};

use jiff::Timestamp;
use kms_cli::Consent;
use kms_core::{AddressIndex, SignatureId};
use serde_json::{Map, Value, json};

use super::output;
use crate::{command_error::CommandError, config::Settings};

const LOG: &str = "access.log";
const LOG_MODE: u32 = 0o600;
const ANSWER_MAX_BYTES: u64 = 64;

/// The access: the command and the wallet.
pub(super) struct Access<'a> {
    pub(super) command: &'static str,
    pub(super) id: Option<&'a SignatureId>,
    pub(super) index: Option<AddressIndex>,
    /// The number of wallets, if it is not one.
    pub(super) wallets: Option<usize>,
}

impl Access<'_> {
    /// Asks for confirmation on a terminal, and records the access. On an error, the caller must
    /// not continue.
    ///
    /// # Errors
    /// When the answer is no, or the line cannot be written.
    pub(super) fn allow(
        &self,
        settings: &Settings,
        consent: Consent,
        question: &str,
    ) -> Result<(), CommandError> {
        if !consent.yes && io::stdin().is_terminal() && !ask(question)? {
            return Err(CommandError::Refused(String::from("not confirmed; nothing was done")));
        }
        let path = settings.store.with_file_name(LOG);
        let written = self.append(&path);
        written.map_err(|source| CommandError::AccessLog { path, source })
    }

    fn append(&self, path: &std::path::Path) -> io::Result<()> {
        let mut line = self.line().to_string();
        line.push('\n');
        let is_new = !path.exists();
        let mut log = OpenOptions::new().append(true).create(true).mode(LOG_MODE).open(path)?;
        log.write_all(line.as_bytes())?;
        log.sync_data()?;
        if is_new { kms_files::sync_folder(path) } else { Ok(()) }
    }

    fn line(&self) -> Value {
        let mut line = Map::new();
        let mut put = |name: &str, value: Value| line.insert(name.to_owned(), value);
        put("time", json!(format!("{:.3}", Timestamp::now())));
        put("command", json!(self.command));
        if let Some(id) = self.id {
            put("signatureId", json!(id.as_str()));
        }
        if let Some(index) = self.index {
            put("index", json!(index.get()));
        }
        if let Some(wallets) = self.wallets {
            put("wallets", json!(wallets));
        }
        put("uid", json!(rustix::process::getuid().as_raw()));
        put("pid", json!(std::process::id()));
        Value::Object(line)
    }
}

/// Only `y` or `yes` confirms.
pub(super) fn ask(question: &str) -> Result<bool, CommandError> {
    output::ask(&format!("{question} [y/N] "))?;
    let mut answer = String::new();
    io::stdin().lock().take(ANSWER_MAX_BYTES).read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
