//! Words to the service manager that started the daemon, as sd_notify(3) has them. Without
//! `NOTIFY_SOCKET` nobody is told anything.

use std::{
    convert::Infallible,
    env,
    ffi::OsStr,
    io,
    os::{
        linux::net::SocketAddrExt as _,
        unix::{
            ffi::OsStrExt as _,
            net::{SocketAddr, UnixDatagram},
        },
    },
    sync::Arc,
    time::Duration,
};

use kms_core::ChainId;
use tokio::sync::mpsc;

use super::{log::event, shared::Shared, signals::Shutdown};

const SOCKET: &str = "NOTIFY_SOCKET";
const READY: &str = "READY=1";
const STOPPING: &str = "STOPPING=1\nSTATUS=finishing the current step";
const ALIVE: &str = "WATCHDOG=1";
/// A period of microseconds, and the process that it is meant for.
const WATCHDOG: (&str, &str) = ("WATCHDOG_USEC", "WATCHDOG_PID");
/// The least time between two signs of life.
const PERIOD_LEAST: Duration = Duration::from_millis(1);

/// Waits until each loop has dropped its end of the channel, tells that the daemon is ready, and
/// from then on that it lives, as often as asked for.
pub(super) async fn tell_of_life(
    shared: Arc<Shared>,
    mut all_begun: mpsc::Receiver<Infallible>,
    status: String,
) {
    all_begun.recv().await;
    if shared.shutdown.is_asked() {
        return;
    }
    tell(&format!("{READY}\nSTATUS={status}"));
    let (period, for_whom) = (env::var_os(WATCHDOG.0), env::var_os(WATCHDOG.1));
    let Some(period) = watchdog_period(period.as_deref(), for_whom.as_deref()) else { return };
    let mut were_hanging = Vec::new();
    loop {
        tokio::time::sleep(period).await;
        let hanging = shared.pulses.hanging();
        if hanging.is_empty() {
            tell(ALIVE);
        } else if hanging != were_hanging {
            event(&format!(
                "no sign of life from {}; the service manager is not notified",
                list(&hanging)
            ));
        }
        were_hanging = hanging;
    }
}

/// Tells that the daemon ends, as soon as that is asked for.
pub(super) async fn tell_of_end(shutdown: Shutdown) {
    shutdown.asked().await;
    tell(STOPPING);
}

fn list(chains: &[ChainId]) -> String {
    chains.iter().map(|chain| chain.as_str()).collect::<Vec<_>>().join(", ")
}

/// Half the time that is asked for leaves room for a machine that is busy.
fn watchdog_period(longest: Option<&OsStr>, for_whom: Option<&OsStr>) -> Option<Duration> {
    let number = |text: &OsStr| text.to_str()?.parse::<u64>().ok();
    if for_whom.is_some_and(|pid| number(pid) != Some(std::process::id().into())) {
        return None;
    }
    let longest = Duration::from_micros(longest.and_then(number).filter(|longest| *longest > 0)?);
    Some((longest / 2).max(PERIOD_LEAST))
}

fn tell(state: &str) {
    let Some(socket) = env::var_os(SOCKET).filter(|socket| !socket.is_empty()) else { return };
    if let Err(error) = send(&socket, state) {
        event(&format!("the service manager cannot be notified: {}: {error}", socket.display()));
    }
}

/// A name that begins with `@` is one of the kernel's, without a file.
fn send(socket: &OsStr, state: &str) -> io::Result<()> {
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_fed_twice_in_its_time_and_only_by_whom_it_is_meant_for() {
        let own = std::process::id().to_string();
        let period = |longest: &str, pid: Option<&str>| {
            watchdog_period(Some(OsStr::new(longest)), pid.map(OsStr::new))
        };
        assert_eq!(period("30000000", Some(&own)), Some(Duration::from_secs(15)));
        assert_eq!(period("30000000", None), Some(Duration::from_secs(15)));
        assert_eq!(period("30000000", Some("0")), None, "another process is meant");
        assert_eq!(period("30000000", Some("")), None);
        assert_eq!(period("1", None), Some(PERIOD_LEAST));
        for none in ["0", "", "-1", "1.5", "soon"] {
            assert_eq!(period(none, None), None, "{none}");
        }
        assert_eq!(watchdog_period(None, Some(OsStr::new(&own))), None);
    }

    #[test]
    fn sockets_with_and_without_a_file_are_spoken_to() {
        let folder = tempfile::tempdir().unwrap();
        let (path, name) =
            (folder.path().join("notify"), format!("tatum-kms-{}", std::process::id()));
        let kernels = SocketAddr::from_abstract_name(&name).unwrap();
        for (manager, socket) in [
            (UnixDatagram::bind(&path).unwrap(), path.as_os_str()),
            (UnixDatagram::bind_addr(&kernels).unwrap(), OsStr::new(&format!("@{name}"))),
        ] {
            send(socket, "READY=1\nSTATUS=polling").unwrap();
            let mut heard = [0; 64];
            let length = manager.recv(&mut heard).unwrap();
            assert_eq!(&heard[..length], b"READY=1\nSTATUS=polling");
        }
        assert!(send(OsStr::new("/nowhere/at/all"), READY).is_err());
    }
}
