//! Places of files in a container: which folder holds the wallet store where none is named, and
//! whether what is written there outlives the container.

mod mounts;

use std::{
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rustix::{fs::Access, io::Errno};
use thiserror::Error;

use self::mounts::{Mount, Mounts};

/// Home folder of the original's image before version 8, and the folder that its users still
/// mount their own home at.
const FORMER_HOME: &str = "/root";
const FOLDER: &str = ".tatumrc";
const STORE: &str = ".tatumrc/wallet.dat";
/// Files that engines put into their containers.
const MARKERS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];
/// Set in every container of a pod.
const POD_VARIABLE: &str = "KUBERNETES_SERVICE_HOST";
/// File systems that containers have as their root.
const LAYERED: [&str; 3] = ["overlay", "fuse.fuse-overlayfs", "aufs"];
/// File systems that hosts have as their root too: they tell a container only beside a marker. A
/// marker alone does not: virtual machines are made from images, and keep the marker on a disk.
const SHARED: [&str; 4] = ["btrfs", "zfs", "virtiofs", "9p"];
const IN_MEMORY: [&str; 2] = ["tmpfs", "ramfs"];
/// Part of the path that the kubelet gives to volumes which go with their pod.
const EMPTY_DIR: &str = "/kubernetes.io~empty-dir/";
/// Letters of the names that engines give to volumes without one.
const ANONYMOUS_NAME: usize = 64;

/// The reason why a place is not used.
#[derive(Debug, Error)]
pub(crate) enum PlaceError {
    #[error(
        "{} would be lost with the container, because it is on {layer}. Mount a folder or a \
         volume: `docker run -v $HOME/.tatumrc:{} …`, in Kubernetes a PersistentVolumeClaim at {}. \
         `--ephemeral` writes it anyway",
        path.display(), folder.display(), folder.display()
    )]
    GoneWithContainer { path: PathBuf, folder: PathBuf, layer: &'static str },
    #[error(
        "cannot determine whether {} would be lost with the container: /proc/self/mountinfo: \
         {source}. `--ephemeral` writes it anyway",
        path.display()
    )]
    MountsUnknown { path: PathBuf, source: io::Error },
    #[error(
        "{} cannot be created: {} belongs to user {owner}, but this is user {user}, who may not \
         write there ({source}). Run the container with `--user {owner}`, or change the folder's \
         owner to {user} on the host",
        path.display(), folder.display()
    )]
    NotWritable { path: PathBuf, folder: PathBuf, owner: String, user: String, source: io::Error },
    #[error(
        "{} cannot be created: {} is mounted read-only. Mount the folder writable (without `:ro`, \
         `readOnly: false`)",
        path.display(), folder.display()
    )]
    ReadOnly { path: PathBuf, folder: PathBuf },
    #[error(
        "user {user} cannot access {}: {source}. Run the container as the owner of the mounted \
         folder, `--user $(id -u):$(id -g)`, or name the store with --path",
        path.display()
    )]
    Unreachable { path: PathBuf, user: String, source: io::Error },
    #[error(
        "there are several wallet stores: {}. Choose one with --path",
        paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    Ambiguous { paths: Vec<PathBuf> },
}

/// The home folder whose `.tatumrc` holds the wallet store: the user's own, or in a container what
/// is mounted where the original's image had it.
///
/// # Errors
/// When there is more than one store, or a place cannot be looked at.
pub(crate) fn home_of_store(own: PathBuf) -> Result<PathBuf, PlaceError> {
    match surroundings() {
        Surroundings::Container(Ok(mounts)) => choose_home(own, &mounts, has_store),
        _ => Ok(own),
    }
}

/// Checks that what is written to a file outlives the container, and that the folder takes a file
/// that is not there yet. Outside of containers nothing is looked at.
///
/// # Errors
/// When the file must not or cannot be written there.
pub(crate) fn require_lasting(path: &Path, is_ephemeral: bool) -> Result<(), PlaceError> {
    let Surroundings::Container(mounts) = surroundings() else { return Ok(()) };
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("/"));
    if !is_ephemeral {
        let mounts =
            mounts.map_err(|source| PlaceError::MountsUnknown { path: path.clone(), source })?;
        if let Some(layer) = mounts.of(&existing_part(&path)).and_then(short_lived) {
            let folder = folder.to_owned();
            return Err(PlaceError::GoneWithContainer { path, folder, layer });
        }
    }
    // Writing to an existing file reports its own obstacles.
    if path.exists() { Ok(()) } else { check_writable(&path, existing_part(folder)) }
}

/// The name of what is gone with the container and holds the file, if that is so.
pub(crate) fn short_lived_place(path: &Path) -> Option<&'static str> {
    let Surroundings::Container(Ok(mounts)) = surroundings() else { return None };
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    mounts.of(&existing_part(&path)).and_then(short_lived)
}

/// Tells whether this runs in a container.
pub(crate) fn is_in_container() -> bool {
    matches!(surroundings(), Surroundings::Container(_))
}

enum Surroundings {
    Host,
    /// With its mounts, where they can be read.
    Container(io::Result<Mounts>),
}

fn surroundings() -> Surroundings {
    let is_pod = std::env::var_os(POD_VARIABLE).is_some();
    let is_marked = MARKERS.iter().any(|marker| Path::new(marker).exists());
    let mounts = Mounts::read();
    let is_container = match &mounts {
        Ok(mounts) => is_pod || is_container(mounts, is_marked),
        Err(_) => is_pod || is_marked,
    };
    if is_container { Surroundings::Container(mounts) } else { Surroundings::Host }
}

fn is_container(mounts: &Mounts, is_marked: bool) -> bool {
    mounts.of(Path::new("/")).is_some_and(|root| {
        let kind = root.kind.as_str();
        // Drivers without layers take a folder of the host's disk, or of a disk of their own.
        let is_part = root.root != Path::new("/");
        LAYERED.contains(&kind) || (is_marked && (is_part || SHARED.contains(&kind)))
    })
}

/// The name of what is gone with the container, if the mount is that.
fn short_lived(mount: &Mount) -> Option<&'static str> {
    if mount.point == Path::new("/") {
        return Some("the container's writable layer");
    }
    if IN_MEMORY.contains(&mount.kind.as_str()) {
        return Some("a file system in memory");
    }
    let root = mount.root.to_string_lossy();
    if root.contains(EMPTY_DIR) {
        return Some("an emptyDir volume of the pod");
    }
    is_anonymous_volume(&root).then_some("an anonymous volume, which no other container gets")
}

/// Docker and Podman keep a volume in `volumes/NAME/_data`, and give a hash for a name to one that
/// goes with its container.
fn is_anonymous_volume(root: &str) -> bool {
    let parts: Vec<_> = root.split('/').collect();
    parts.windows(3).any(|part| match part {
        ["volumes", name, "_data"] => {
            name.len() == ANONYMOUS_NAME && name.bytes().all(|letter| letter.is_ascii_hexdigit())
        }
        _ => false,
    })
}

/// Looks for a store in each place; where there is none, a place that is mounted is taken.
fn choose_home(
    own: PathBuf,
    mounts: &Mounts,
    has_store: impl Fn(&Path) -> Result<bool, PlaceError>,
) -> Result<PathBuf, PlaceError> {
    let former = PathBuf::from(FORMER_HOME);
    let mounted = former.join(FOLDER);
    let is_mounted = mounts.of(&mounted).is_some_and(|mount| mount.point.starts_with(&former));
    if !is_mounted {
        return Ok(own);
    }
    let mut found = Vec::new();
    for home in [own.clone(), former.clone(), mounted] {
        if !found.contains(&home) && has_store(&home.join(STORE))? {
            found.push(home);
        }
    }
    let is_own_short_lived = || mounts.of(&own.join(FOLDER)).and_then(short_lived).is_some();
    match found.as_slice() {
        [] if is_own_short_lived() => Ok(former),
        [] => Ok(own),
        [home] => Ok(home.clone()),
        _ => Err(PlaceError::Ambiguous {
            paths: found.iter().map(|home| home.join(STORE)).collect(),
        }),
    }
}

fn has_store(path: &Path) -> Result<bool, PlaceError> {
    path.try_exists().map_err(|source| {
        let user = own_user();
        PlaceError::Unreachable { path: path.to_owned(), user, source }
    })
}

/// The path itself or the nearest folder above it that is there, without symbolic links.
fn existing_part(path: &Path) -> PathBuf {
    let mut above = path.ancestors();
    above.find_map(|place| place.canonicalize().ok()).unwrap_or_else(|| PathBuf::from("/"))
}

fn check_writable(path: &Path, folder: PathBuf) -> Result<(), PlaceError> {
    let path = path.to_owned();
    match rustix::fs::access(&folder, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => Ok(()),
        Err(Errno::ROFS) => Err(PlaceError::ReadOnly { path, folder }),
        Err(error) => {
            let owner = folder.metadata().map(|found| format!("{}:{}", found.uid(), found.gid()));
            let owner = owner.unwrap_or_else(|_| String::from("$(id -u):$(id -g)"));
            let (user, source) = (own_user(), error.into());
            Err(PlaceError::NotWritable { path, folder, owner, user, source })
        }
    }
}

fn own_user() -> String {
    let (user, group) = (rustix::process::getuid(), rustix::process::getgid());
    format!("{}:{}", user.as_raw(), group.as_raw())
}

#[cfg(test)]
mod tests;
