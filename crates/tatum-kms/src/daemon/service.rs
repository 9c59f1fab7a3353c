//! Words to the service manager that started the daemon, as sd_notify(3) has them. Without
//! `NOTIFY_SOCKET` nobody is told anything.

use std::time::Duration;

use sd_notify::{NotifyState, notify, watchdog_enabled};

use super::{log::event, signals::Shutdown};

/// Tells that the daemon polls, and from then on that it lives, as often as asked for.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
    // Half the time leaves room for a machine that is busy.
    if let Some(period) = watchdog_enabled().and_then(|longest| longest.checked_div(2)) {
        tokio::spawn(tell_that_it_lives(period.max(Duration::from_millis(1))));
    }
}

/// Tells that the daemon ends, as soon as that is asked for.
pub(super) async fn tell_of_end(shutdown: Shutdown) {
    shutdown.asked().await;
    tell(&[NotifyState::Stopping]);
}

async fn tell_that_it_lives(period: Duration) {
    loop {
        tokio::time::sleep(period).await;
        tell(&[NotifyState::Watchdog]);
    }
}

fn tell(state: &[NotifyState]) {
    if let Err(error) = notify(state) {
        event(&format!("the service manager cannot be told: {error}"));
    }
}
