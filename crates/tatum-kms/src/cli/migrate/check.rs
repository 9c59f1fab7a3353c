//! `migrate --check`: everything is opened and derived, and nothing is written.

use std::collections::HashSet;

use kms_core::Network;
use kms_keystore::Unlocked;
use serde_json::{Value, json};

use super::{
    addresses::{Known, Look, Why},
    differences, words,
};
use crate::{
    cli::output,
    command_error::CommandError,
    config::{ConfigError, Settings, find_wallet_chain},
    wallet_check::look_at_all,
    wire,
};

/// Wallets that are looked at between two words of progress.
const STEP: usize = 256;

/// Everything that was found out.
#[derive(Debug)]
pub(super) struct Checked<'a> {
    pub(super) settings: &'a Settings,
    pub(super) looks: Vec<Look>,
    pub(super) decisions: Vec<Decision>,
    pub(super) commands: [String; 3],
}

/// Something that a person has to decide, or mend, first.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) code: &'static str,
    pub(super) text: String,
    /// With the reason for each, where they differ.
    pub(super) wallets: Vec<(String, Option<String>)>,
    pub(super) settings: Vec<String>,
}

/// # Errors
/// When the file does not open; and when something needs a decision, which is printed first.
pub(super) async fn run(settings: &Settings) -> Result<(), CommandError> {
    let file = wire::wallet_file(settings);
    if !file.is_legacy()? {
        output::note(
            "the wallet store is already in the new format and was not opened; `backup verify` \
             checks a whole store",
        );
        return Ok(output::json(&words::of_converted(settings))?);
    }
    let password = wire::password(settings).await?;
    let store = file.open(&password)?;
    drop(password);
    let looks = look(&store)?;
    drop(store);
    let mut decisions = decisions_on(&looks);
    decisions.extend(decide_settings(settings));
    let commands = words::commands(settings, &looks);
    let checked = Checked { settings, looks, decisions, commands };
    let differences = differences::of(&checked.looks, &settings.environment);
    words::tell(&checked, &differences);
    output::json(&words::as_json(&checked, &differences))?;
    match checked.decisions.len() {
        0 => Ok(()),
        1 => Err(CommandError::Refused(String::from("one point needs a decision; see above"))),
        many => Err(CommandError::Refused(format!("{many} points need a decision; see above"))),
    }
}

fn look(store: &Unlocked) -> Result<Vec<Look>, CommandError> {
    let (records, known) = (store.all()?, Known::new());
    let mut looks = Vec::with_capacity(records.len());
    for step in records.chunks(STEP) {
        looks.extend(look_at_all(step, |record| known.look(record)));
        output::progress(&format!("{} of {} wallets derived", looks.len(), records.len()));
    }
    output::progress_done();
    if looks.len() != records.len() {
        let problem = "internal error: not every wallet could be checked; please report it";
        return Err(CommandError::Refused(problem.to_owned()));
    }
    let testnet = looks.iter().filter(|look| look.network.is_testnet());
    let testnet: Vec<_> = testnet.map(|look| look.id.clone()).collect();
    let twins = store.twins_of(&testnet, Network::Testnet)?;
    let twins: HashSet<_> = twins.into_iter().map(|(own, _)| own).collect();
    for look in &mut looks {
        look.is_twin = twins.contains(&look.id);
    }
    Ok(looks)
}

fn decisions_on(looks: &[Look]) -> Vec<Decision> {
    let mut decisions = Vec::new();
    let unusable = looks.iter().filter_map(|look| Some((look, look.problem.as_ref()?)));
    let unusable: Vec<_> =
        unusable.map(|(look, problem)| (look.id.to_string(), Some(problem.clone()))).collect();
    if !unusable.is_empty() {
        let text = "nothing can be signed with it. It is converted unchanged; check whether it was \
                    ever used, and import its key again for the right chain";
        decisions.push(Decision {
            code: "unusable",
            text: text.to_owned(),
            wallets: unusable,
            settings: Vec::new(),
        });
    }
    for why in Why::ALL.into_iter().filter(|why| why.needs_decision()) {
        let both =
            looks.iter().filter(|look| look.both.as_ref().is_some_and(|both| both.why == why));
        let wallets: Vec<_> = both.map(|look| (look.id.to_string(), None)).collect();
        if !wallets.is_empty() {
            let (code, text) = (why.code(), why.text().to_owned());
            decisions.push(Decision { code, text, wallets, settings: Vec::new() });
        }
    }
    decisions
}

/// The settings with which the daemon would not start.
fn decide_settings(settings: &Settings) -> Vec<Decision> {
    let of = |code, error: &ConfigError, setting: Option<&str>| Decision {
        code,
        text: error.to_string(),
        wallets: Vec::new(),
        settings: setting.map(str::to_owned).into_iter().collect(),
    };
    let mut decisions = Vec::new();
    if !settings.has_api_key() {
        decisions.push(of("no-api-key", &ConfigError::ApiKeyMissing, Some("TATUM_API_KEY")));
    }
    decisions.extend(settings.problems().iter().map(|error| of("setting", error, None)));
    decisions
}

/// The numbers of wallets on mainnet and on testnet.
pub(super) fn networks(looks: &[Look]) -> (usize, usize) {
    let known = looks.iter().filter(|look| find_wallet_chain(&look.code).is_ok());
    let (testnet, mainnet): (Vec<_>, Vec<_>) = known.partition(|look| look.network.is_testnet());
    (mainnet.len(), testnet.len())
}

impl Decision {
    pub(super) fn to_json(&self) -> Value {
        let wallets = self.wallets.iter().map(|(id, problem)| match problem {
            None => json!({ "signatureId": id }),
            Some(problem) => json!({ "signatureId": id, "problem": problem }),
        });
        json!({
            "code": self.code,
            "text": self.text,
            "wallets": wallets.collect::<Vec<_>>(),
            "settings": self.settings,
        })
    }
}
