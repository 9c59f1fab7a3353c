use kms_sandbox::Sandbox;
use tokio::signal::unix::{SignalKind, signal};

use super::output;
use crate::command_error::CommandError;

pub(super) async fn run(port: Option<u16>) -> Result<(), CommandError> {
    let failed = |error: &dyn ToString| CommandError::Sandbox(error.to_string());
    let sandbox = Sandbox::start(port).await.map_err(|error| failed(&error))?;
    output::note(&format!(
        "the sandbox listens on http://{}; open that URL for help",
        sandbox.address()
    ));
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => (),
        _ = terminate.recv() => (),
    }
    sandbox.shutdown().await;
    Ok(())
}
