//! SIGINT and SIGTERM end the daemon after the step in hand, a second one at once. SIGHUP reads
//! the configuration again.

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use super::log::event;

/// Returns true if the end was asked for, by a signal or by a part that cannot go on.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown {
    asked: watch::Receiver<u32>,
    ask: watch::Sender<u32>,
}

impl Shutdown {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the signals cannot be caught.
    pub(crate) fn listen() -> std::io::Result<Self> {
        let (ask, asked) = watch::channel(0);
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let by_signal = ask.clone();
        tokio::spawn(async move {
            either(&mut interrupt, &mut terminate).await;
            event("stop requested; finishing the current step");
            by_signal.send_modify(|times| *times = 1);
            either(&mut interrupt, &mut terminate).await;
            event("second stop request; the next start continues what is unfinished");
            by_signal.send_modify(|times| *times = 2);
        });
        Ok(Self { asked, ask })
    }

    pub(crate) fn is_asked(&self) -> bool {
        *self.asked.borrow() > 0
    }

    /// Asks for the end.
    pub(crate) fn ask(&self) {
        self.ask.send_modify(|times| *times = (*times).max(1));
    }

    /// Waits until the end is asked for.
    pub(crate) async fn asked(&self) {
        // A channel whose senders are gone means that it was asked for.
        let _ = self.asked.clone().wait_for(|times| *times > 0).await;
    }

    /// Waits for the second stop request.
    pub(crate) async fn asked_again(&self) {
        let _ = self.asked.clone().wait_for(|times| *times > 1).await;
    }
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => (),
        _ = terminate.recv() => (),
    }
}

/// SIGHUP.
#[derive(Debug)]
pub(super) struct Hangup(Signal);

impl Hangup {
    /// # Errors
    /// When the signal cannot be caught.
    pub(super) fn listen() -> std::io::Result<Self> {
        signal(SignalKind::hangup()).map(Self)
    }

    pub(super) async fn received(&mut self) {
        self.0.recv().await;
    }
}
