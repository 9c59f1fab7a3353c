use std::{
    io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
    time::{Duration, SystemTime},
};

use kms_api::{ApiError, Health, UpdateNotice};
use kms_cli::{DoctorFlags, FourEyesFlags, SourceName};
use kms_files::is_mounted_alone;
use kms_keystore::{KdfCost, Unlocked};
use kms_secret::Password;
use serde_json::{Value, json};

use super::output;
use crate::{
    command_error::CommandError,
    config::Settings,
    daemon::start::{StorePlace, find_fitting},
    wire,
};

/// Bytes on the store's disk below which it is time to act.
const DISK_LEAST: u64 = 256 << 20;
/// Seconds that the clock may be off.
const CLOCK_OFF_MAX: u64 = 30;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    Good,
    Warning,
    Wrong,
}

/// The result of a check, with advice.
#[derive(Debug)]
struct Finding {
    subject: &'static str,
    verdict: Verdict,
    detail: String,
    advice: &'static str,
}

const fn good(subject: &'static str, detail: String) -> Finding {
    Finding { subject, verdict: Verdict::Good, detail, advice: "" }
}

const fn warning(subject: &'static str, detail: String, advice: &'static str) -> Finding {
    Finding { subject, verdict: Verdict::Warning, detail, advice }
}

const fn wrong(subject: &'static str, detail: String, advice: &'static str) -> Finding {
    Finding { subject, verdict: Verdict::Wrong, detail, advice }
}

pub(super) async fn run(settings: &mut Settings, flags: &DoctorFlags) -> Result<(), CommandError> {
    let mut findings = vec![good("version", env!("CARGO_PKG_VERSION").to_owned())];
    findings.extend(look_at_store(settings));
    findings.push(look_at_source(settings));
    if flags.tries {
        findings.extend(try_password(settings).await);
    }
    findings.push(look_at_disk(&settings.store));
    findings.push(look_at_memory());
    findings.extend(ask_api(settings).await);
    findings.extend(ask_approver(settings, &flags.four_eyes).await);
    tell(&findings, flags.json)?;
    let failed = findings.iter().filter(|finding| finding.verdict == Verdict::Wrong);
    let failed: Vec<_> = failed.map(|finding| finding.subject).collect();
    let checks = match failed.len() {
        0 => return Ok(()),
        1 => String::from("1 check"),
        count => format!("{count} checks"),
    };
    Err(CommandError::Refused(format!("{checks} failed: {}", failed.join(", "))))
}

fn look_at_store(settings: &Settings) -> Vec<Finding> {
    let path = &settings.store;
    let mut findings = Vec::new();
    let shown = path.display();
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let advice = "create a wallet, or name the store with --path";
            findings.push(warning("store", format!("{shown} does not exist"), advice));
            return findings;
        }
        Err(error) => {
            let advice = "let the user that runs this program read it (chown, chmod)";
            findings.push(wrong("store", format!("{shown}: {error}"), advice));
            return findings;
        }
        Ok(metadata) => findings.push(look_at_mode("store", path, &metadata, "chmod 600 it")),
    }
    findings.push(look_at_format(settings));
    if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty())
        && let Ok(metadata) = std::fs::metadata(directory)
    {
        findings.push(look_at_mode("directory", directory, &metadata, "chmod 700 it"));
    }
    if is_mounted_alone(path) {
        let detail = format!("{shown} is mounted without its folder, which holds the journal");
        findings.push(wrong("mount", detail, "mount the folder, not the file alone"));
    }
    findings.extend(look_at_journal(settings));
    findings
}

/// Checks the journal, as far as that is possible without the password.
fn look_at_journal(settings: &Settings) -> Option<Finding> {
    const SUBJECT: &str = "journal";
    let journal = wire::journal_path(&settings.store);
    let shown = journal.display();
    // A store that cannot be read is reported by the check of its format.
    let is_known = wire::wallet_file(settings).knows_a_journal().unwrap_or(false);
    if !journal.exists() {
        let detail = format!("{shown} is missing, but the store has a record of one");
        let advice = "restore it: the daemon does not start without it, see docs/daemon.md";
        return is_known.then(|| wrong(SUBJECT, detail, advice));
    }
    Some(match wire::open_ledger(&settings.store) {
        Ok(_) if is_known => good(SUBJECT, format!("{shown} is intact and belongs to the store")),
        Ok(_) => warning(
            SUBJECT,
            format!(
                "{shown} is intact, but the store has no record of it, so that its loss would not \
                 be noticed"
            ),
            "start the daemon once with the store or its folder writable",
        ),
        Err(error) => wrong(
            SUBJECT,
            error.to_string(),
            "do not delete it, because it prevents payments from being made twice; restore it from \
             a backup",
        ),
    })
}

/// Checks the store's format, as far as the header shows it without the password.
fn look_at_format(settings: &Settings) -> Finding {
    const SUBJECT: &str = "store format";
    match wire::wallet_file(settings).kdf_cost() {
        Err(error) => wrong(SUBJECT, error.to_string(), "restore it from a backup"),
        Ok(None) => {
            let detail = "original (legacy) format, with weak password hashing";
            warning(SUBJECT, String::from(detail), "convert it with `tatum-kms migrate`")
        }
        Ok(Some(cost)) => {
            let detail = format!("password hashing uses {} MiB (Argon2id)", cost.memory_kib >> 10);
            if cost.is_at_least(KdfCost::DEFAULT) {
                good(SUBJECT, detail)
            } else {
                warning(SUBJECT, detail, "strengthen it with `tatum-kms kdf upgrade`")
            }
        }
    }
}

fn look_at_mode(
    subject: &'static str,
    path: &Path,
    metadata: &std::fs::Metadata,
    advice: &'static str,
) -> Finding {
    let mode = metadata.permissions().mode() & 0o777;
    let own = rustix::process::geteuid().as_raw();
    let shown = path.display();
    if metadata.uid() != own {
        let detail = format!("{shown} belongs to another user ({})", metadata.uid());
        return warning(subject, detail, "run this program as its owner, or chown it");
    }
    match mode & 0o077 {
        0 => good(subject, format!("{shown}, mode {mode:03o}")),
        _ => wrong(
            subject,
            format!("{shown} is accessible to other users (mode {mode:03o})"),
            advice,
        ),
    }
}

fn look_at_source(settings: &Settings) -> Finding {
    let source = settings.source_name();
    let needs = settings.source_needs();
    let missing: Vec<_> =
        needs.iter().filter(|(_, is_set)| !is_set).map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        let detail = format!("{source} needs {}", missing.join(", "));
        return wrong("password source", detail, "set it in the environment or in a .env file");
    }
    let host = match settings.password_source() {
        Ok(source) => source.plain_host(),
        Err(error) => {
            let advice = "correct the setting that the message names";
            return wrong("password source", error.to_string(), advice);
        }
    };
    if let Some(host) = host {
        let detail = format!("{source}: the password travels unencrypted from {host}");
        return warning("password source", detail, "use its https URL");
    }
    match source {
        SourceName::Env => warning(
            "password source",
            String::from("env: anybody who can read this process's environment has the password"),
            "use a file, a systemd credential or a secret manager",
        ),
        SourceName::Prompt => warning(
            "password source",
            String::from("prompt: the daemon cannot start unattended"),
            "choose a source with --password-source",
        ),
        _ => good("password source", source.to_string()),
    }
}

async fn try_password(settings: &Settings) -> Vec<Finding> {
    let opened = match wire::password(settings).await {
        Err(error) => Err(error),
        Ok(_) if !settings.store.exists() => {
            return vec![good("password", String::from("fetched; no store exists yet"))];
        }
        Ok(password) => {
            let opened = wire::wallet_file(settings).open(&password);
            opened.map_err(CommandError::from).map(|store| (store, password))
        }
    };
    match opened {
        Ok((store, password)) => {
            let found = vec![good("password", String::from("fetched; it opens the store"))];
            let journal = try_journal(settings, &store, &password).await;
            found.into_iter().chain(journal).collect()
        }
        Err(error) => {
            vec![wrong("password", error.to_string(), "check the password source and the store")]
        }
    }
}

/// Checks that the journal beside the store belongs to the store.
async fn try_journal(
    settings: &Settings,
    store: &Unlocked,
    password: &Password,
) -> Option<Finding> {
    let path = wire::journal_path(&settings.store);
    let file = wire::wallet_file(settings);
    let place = StorePlace { file: &file, path: &settings.store, password };
    if !path.exists() {
        return None;
    }
    let error = find_fitting(store, place, &path).await.err()?;
    let advice = "the daemon does not start with this journal; see docs/daemon.md";
    Some(wrong("journal", error.to_string(), advice))
}

fn look_at_disk(store: &Path) -> Finding {
    let there = store.ancestors().find(|place| place.is_dir()).unwrap_or(Path::new("."));
    match rustix::fs::statvfs(there) {
        Err(error) => warning("disk", error.to_string(), "check the disk another way"),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let detail = format!("{} MB free at {}", free >> 20, there.display());
            if free >= DISK_LEAST {
                good("disk", detail)
            } else {
                wrong(
                    "disk",
                    detail,
                    "free some space: the daemon stops when it cannot write its journal",
                )
            }
        }
    }
}

fn look_at_memory() -> Finding {
    match kms_secret::unlocked_bytes() {
        0 => good("memory", String::from("memory pages with secrets are locked")),
        bytes => warning(
            "memory",
            format!("{bytes} bytes of secrets could not be locked"),
            "raise the limit (`ulimit -l`, LimitMEMLOCK=) so that they are never swapped out",
        ),
    }
}

async fn ask_api(settings: &mut Settings) -> Vec<Finding> {
    let api = match settings.api().map_err(CommandError::from).and_then(wire::api) {
        Ok(api) => api,
        Err(error) => {
            let advice = "set TATUM_API_KEY, or correct the setting that the message names";
            return vec![wrong("API key", error.to_string(), advice)];
        }
    };
    match api.health().await {
        Ok(Health { time, notice }) => {
            let taken = good("API key", String::from("the API accepts it"));
            [Some(taken), time.map(of_clock), notice.map(of_notice)].into_iter().flatten().collect()
        }
        Err(error @ ApiError::Status { status: 401..=403, .. }) => {
            vec![wrong("API key", error.to_string(), "check the key and its plan at the API")]
        }
        Err(error) => vec![wrong(
            "API",
            error.to_string(),
            "check TATUM_API_URL, the network, HTTPS_PROXY and TATUM_KMS_CA_FILE",
        )],
    }
}

fn of_notice(notice: UpdateNotice) -> Finding {
    let UpdateNotice { latest_version, message, .. } = notice;
    let detail = format!("version {latest_version} is available: {message}");
    warning("update", detail, "read its changelog, and update")
}

/// The API's clock against this machine's.
fn of_clock(theirs: SystemTime) -> Finding {
    let now = SystemTime::now();
    let off = now.duration_since(theirs).or_else(|_| theirs.duration_since(now));
    let off = off.unwrap_or(Duration::ZERO).as_secs();
    if off <= CLOCK_OFF_MAX {
        good("clock", format!("within {CLOCK_OFF_MAX} s of the API's clock"))
    } else {
        wrong(
            "clock",
            format!("{off} s off the API's clock"),
            "synchronise it with NTP: signed four-eye answers, TLS and cloud credentials depend on \
             it",
        )
    }
}

async fn ask_approver(settings: &Settings, flags: &FourEyesFlags) -> Option<Finding> {
    const SUBJECT: &str = "four-eye endpoint";
    let reached = match settings.four_eyes(flags) {
        Ok(None) if settings.network.is_testnet() => return None,
        Ok(None) => {
            let advice = "set it with --externalUrl: on mainnet nothing is signed without it";
            return Some(warning(SUBJECT, String::from("not checked"), advice));
        }
        Ok(Some(approver)) => wire::look_at_approver(approver).await,
        Err(error) => Err(error.into()),
    };
    Some(match reached {
        Ok(look) if look.allows_what_does_not_exist && flags.four_eyes_yes_to_all => warning(
            SUBJECT,
            String::from("approves a transaction that does not exist"),
            "nothing that the API requests is checked; remove --four-eyes-yes-to-all",
        ),
        Ok(look) if look.allows_what_does_not_exist => wrong(
            SUBJECT,
            String::from("approves a transaction that does not exist"),
            "the server there approves everything; check that the URL is the one to which the \
             transaction's id is appended",
        ),
        Ok(look) => good(SUBJECT, format!("answers with status {}", look.status)),
        Err(error) => wrong(
            SUBJECT,
            error.to_string(),
            "on mainnet nothing is signed without it; check its URL, keys and certificates",
        ),
    })
}

fn tell(findings: &[Finding], as_json: bool) -> io::Result<()> {
    let name = |verdict| match verdict {
        Verdict::Good => "good",
        Verdict::Warning => "warning",
        Verdict::Wrong => "wrong",
    };
    if as_json {
        let one = |finding: &Finding| {
            let Finding { subject, verdict, detail, advice } = finding;
            json!({ "subject": subject, "verdict": name(*verdict), "detail": detail, "advice": advice })
        };
        return output::json(&Value::Array(findings.iter().map(one).collect()));
    }
    let mut table = String::new();
    for Finding { subject, verdict, detail, advice } in findings {
        table.push_str(&format!("{:8} {subject:18} {detail}\n", name(*verdict)));
        if !advice.is_empty() {
            table.push_str(&format!("{:28}{advice}\n", "-> "));
        }
    }
    output::raw(&table)
}
