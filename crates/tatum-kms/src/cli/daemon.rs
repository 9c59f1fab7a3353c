use kms_cli::{DaemonFlags, Flags};

use super::output;
use crate::{
    command_error::CommandError,
    config::Settings,
    daemon::{
        Ended, Setup,
        start::{StartFlags, StorePlace},
    },
    wire,
};

const TRUST_WARNING: &str = "warning: --trust-input-amounts: the amounts of Bitcoin, Litecoin, \
                             Dogecoin and Bitcoin Cash inputs are taken from the API unchecked; \
                             whoever can falsify them can have the whole balance paid as a fee";

const SKIP_WARNING: &str = "warning: --skip-fee-checks: dust and fees that are too low or absurdly \
                            high are signed on every chain; TATUM_KMS_LIMITS_<CHAIN> changes \
                            single limits";

pub(super) async fn run(
    settings: &mut Settings,
    typed: &Flags,
    flags: &DaemonFlags,
) -> Result<(), CommandError> {
    let setup = configure(settings, flags)?;
    wire::require_store(settings)?;
    if setup.config.shadow.is_none() {
        wire::require_lasting_journal(settings)?;
    }
    if let Some(approver) = settings.four_eyes(&flags.four_eyes)? {
        wire::check_approver(approver).await?;
    }
    let (store, password) = wire::open_existing_with_password(settings).await?;
    let file = wire::wallet_file(settings);
    let place = StorePlace { file: &file, path: &settings.store, password: &password };
    let start = StartFlags { new_journal: flags.new_journal, take_over: flags.take_over };
    let mut daemon = wire::daemon(store, place, settings.network, setup, start).await?;
    drop(password);
    let (typed, flags) = (typed.clone(), flags.clone());
    daemon.reload = Some(Box::new(move || configure(&mut super::load(typed.clone())?, &flags)));
    match daemon.run().await? {
        Ended::AsAsked => Ok(()),
        Ended::Differing(1) => Err(CommandError::Refused(String::from(
            "the other daemon acted differently on one transaction; see above",
        ))),
        Ended::Differing(many) => Err(CommandError::Refused(format!(
            "the other daemon acted differently on {many} transactions; see above"
        ))),
        Ended::WithFailures => Err(CommandError::Incomplete),
        Ended::Halted => Err(CommandError::Halted),
    }
}

fn configure(settings: &mut Settings, flags: &DaemonFlags) -> Result<Setup, CommandError> {
    let config = settings.daemon(flags)?;
    if config.trusts_input_amounts() {
        output::note(TRUST_WARNING);
    }
    if config.skips_fee_checks() {
        output::note(SKIP_WARNING);
    }
    wire::setup(settings.api()?, config)
}
