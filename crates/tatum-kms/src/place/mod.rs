//! Places of files in a container: which folder holds the wallet store where none is named, and
//! whether a file that is made there outlives the container.

mod mounts;

use std::{
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rustix::fs::Access;
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
const IN_MEMORY: [&str; 2] = ["tmpfs", "ramfs"];
/// Part of the path that the kubelet gives to volumes which go with their pod.
const EMPTY_DIR: &str = "/kubernetes.io~empty-dir/";

/// Why a place is not used.
#[derive(Debug, Error)]
pub(crate) enum PlaceError {
    #[error(
        "{} would be made on {layer} and be gone with the container. Mount a folder or a volume: \
         `docker run -v $HOME/.tatumrc:{} …`, in Kubernetes a PersistentVolumeClaim at {}. \
         `--ephemeral` makes it nevertheless",
        path.display(), folder.display(), folder.display()
    )]
    GoneWithContainer { path: PathBuf, folder: PathBuf, layer: &'static str },
    #[error(
        "it cannot be told whether {} would be gone with the container: /proc/self/mountinfo: \
         {source}. `--ephemeral` makes it nevertheless",
        path.display()
    )]
    MountsUnknown { path: PathBuf, source: io::Error },
    #[error(
        "{} cannot be made: {} belongs to user {owner}, and this is user {user}, who must not write \
         there ({source}). Run the container with `--user {owner}`, or give the folder to user \
         {user} on the host",
        path.display(), folder.display()
    )]
    NotWritable { path: PathBuf, folder: PathBuf, owner: String, user: String, source: io::Error },
    #[error(
        "{} cannot be looked at by user {user}: {source}. Run the container as the owner of the \
         folder that is mounted, `--user $(id -u):$(id -g)`",
        path.display()
    )]
    Unreachable { path: PathBuf, user: String, source: io::Error },
    #[error(
        "there are several wallet stores: {}. Name the one that is meant with --path",
        paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    Ambiguous { paths: Vec<PathBuf> },
}

/// Home folder whose `.tatumrc` holds the wallet store: the user's own, or in a container what is
/// mounted where the original's image had it.
///
/// # Errors
/// When there is more than one store, or a place cannot be looked at.
pub(crate) fn home_of_store(own: PathBuf) -> Result<PathBuf, PlaceError> {
    match surroundings() {
        Surroundings::Container(Ok(mounts)) => choose_home(own, &mounts, has_store),
        _ => Ok(own),
    }
}

/// A file that is about to be made must outlive the container, and its folder take it. Outside of
/// containers nothing is looked at.
///
/// # Errors
/// When the file must not or cannot be made there.
pub(crate) fn check_new_file(path: &Path, is_ephemeral: bool) -> Result<(), PlaceError> {
    let Surroundings::Container(mounts) = surroundings() else { return Ok(()) };
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("/"));
    let existing = nearest_existing(folder);
    if !is_ephemeral {
        let mounts =
            mounts.map_err(|source| PlaceError::MountsUnknown { path: path.clone(), source })?;
        if let Some(layer) = mounts.of(&existing).and_then(short_lived) {
            let folder = folder.to_owned();
            return Err(PlaceError::GoneWithContainer { path, folder, layer });
        }
    }
    let allowed = rustix::fs::access(&existing, Access::WRITE_OK | Access::EXEC_OK);
    allowed.map_err(|error| not_writable(path.clone(), existing.clone(), error.into()))
}

/// Whether this runs in a container.
pub(crate) fn is_in_container() -> bool {
    matches!(surroundings(), Surroundings::Container(_))
}

enum Surroundings {
    Host,
    /// With its mounts, where they can be read.
    Container(io::Result<Mounts>),
}

fn surroundings() -> Surroundings {
    let is_marked = MARKERS.iter().any(|marker| Path::new(marker).exists())
        || std::env::var_os(POD_VARIABLE).is_some();
    let mounts = Mounts::read();
    let is_layered = mounts.as_ref().is_ok_and(has_layered_root);
    if is_marked || is_layered { Surroundings::Container(mounts) } else { Surroundings::Host }
}

fn has_layered_root(mounts: &Mounts) -> bool {
    mounts.of(Path::new("/")).is_some_and(|root| LAYERED.contains(&root.kind.as_str()))
}

/// Name of what is gone with the container, if the mount is that.
fn short_lived(mount: &Mount) -> Option<&'static str> {
    if mount.point == Path::new("/") {
        return Some("the container's own layer");
    }
    if IN_MEMORY.contains(&mount.kind.as_str()) {
        return Some("a file system in memory");
    }
    let is_empty_dir = mount.root.to_string_lossy().contains(EMPTY_DIR);
    is_empty_dir.then_some("an emptyDir volume of the pod")
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

/// The folder itself or the nearest above it that is there, without symbolic links.
fn nearest_existing(folder: &Path) -> PathBuf {
    let mut above = folder.ancestors();
    above.find_map(|folder| folder.canonicalize().ok()).unwrap_or_else(|| PathBuf::from("/"))
}

fn not_writable(path: PathBuf, folder: PathBuf, source: io::Error) -> PlaceError {
    let owner = folder.metadata().map(|found| format!("{}:{}", found.uid(), found.gid()));
    let owner = owner.unwrap_or_else(|_| String::from("$(id -u):$(id -g)"));
    PlaceError::NotWritable { path, folder, owner, user: own_user(), source }
}

fn own_user() -> String {
    let (user, group) = (rustix::process::getuid(), rustix::process::getgid());
    format!("{}:{}", user.as_raw(), group.as_raw())
}

#[cfg(test)]
mod tests;
