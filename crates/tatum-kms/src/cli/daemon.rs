use crate::{
    command_error::CommandError,
    config::{DaemonFlags, Settings},
    daemon::Ended,
    wire,
};

pub(super) const EXAMPLES: &str = "\
Examples:
  tatum-kms daemon --testnet
  tatum-kms daemon --externalUrl https://four-eyes.internal/check --externalUrlMethod POST
  tatum-kms daemon --testnet --chain BTC,ETH --runOnce

Needs TATUM_API_KEY. SIGINT and SIGTERM finish the step in hand.";

pub(super) async fn run(settings: &mut Settings, flags: &DaemonFlags) -> Result<(), CommandError> {
    let config = settings.daemon(flags)?;
    let store = wire::open(settings).await?;
    let daemon = wire::daemon(store, &settings.store, settings.network, config)?;
    match daemon.run().await? {
        Ended::AsAsked => Ok(()),
        Ended::WithFailures => Err(CommandError::Incomplete),
        Ended::Halted => Err(CommandError::Halted),
    }
}
