//! SIGINT and SIGTERM: finish the step in hand, start no other, exit 0.

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Tells whether the end was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the signals cannot be caught.
    pub(crate) fn listen() -> std::io::Result<Self> {
        let (asked, receiver) = watch::channel(false);
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => (),
                _ = terminate.recv() => (),
            }
            super::log::event("asked to stop; finishing the step in hand");
            let _ = asked.send(true);
        });
        Ok(Self(receiver))
    }

    pub(crate) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the end is asked for.
    pub(crate) async fn asked(&mut self) {
        // The sender lives until it has sent; a closed channel means that it has.
        let _ = self.0.wait_for(|asked| *asked).await;
    }
}
