use std::{collections::HashSet, path::Path};

use super::*;

/// `docker run -v $HOME:/root/.tatumrc`, storage driver overlay2.
const FORMER_MOUNT: &str = "\
1108 1001 0:51 / / rw,relatime master:425 - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A:/var/lib/docker/overlay2/l/B,upperdir=/var/lib/docker/overlay2/c/diff,workdir=/var/lib/docker/overlay2/c/work
1109 1108 0:54 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
1110 1108 0:55 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
1122 1108 8:1 /var/lib/docker/containers/c/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/sda1 rw
1125 1108 8:1 /home/ada /root/.tatumrc rw,relatime - ext4 /dev/sda1 rw
";
/// `docker run -v $HOME/.tatumrc:/home/node/.tatumrc`.
const OWN_MOUNT: &str = "\
1108 1001 0:51 / / rw,relatime - overlay overlay rw
1125 1108 8:1 /home/ada/.tatumrc /home/node/.tatumrc rw,relatime - ext4 /dev/sda1 rw
";
/// `docker run -v $HOME:/root`.
const WHOLE_HOME: &str = "\
1108 1001 0:51 / / rw,relatime - overlay overlay rw
1125 1108 8:1 /home/ada /root rw,relatime - ext4 /dev/sda1 rw
";
const BARE: &str = "1108 1001 0:51 / / rw,relatime - overlay overlay rw\n";
/// Kubernetes with containerd: one persistent volume, one emptyDir, one in memory.
const POD: &str = "\
2001 1900 0:300 / / ro,relatime master:7 - overlay overlay rw
2010 2001 259:3 /var/lib/kubelet/pods/4d/volumes/kubernetes.io~empty-dir/scratch /scratch rw - xfs /dev/nvme0n1p1 rw
2011 2001 0:290 / /memory rw,relatime - tmpfs tmpfs rw,size=65536k
2012 2001 259:9 / /home/node/.tatumrc rw,relatime - ext4 /dev/nvme1n1 rw
";

fn mounts(table: &str) -> Mounts {
    Mounts::parse(table.as_bytes())
}

/// The name of what goes with the container, of a path.
fn lost(table: &str, path: &str) -> Option<&'static str> {
    mounts(table).of(Path::new(path)).and_then(short_lived)
}

fn home(table: &str, stores: &[&str]) -> Result<PathBuf, PlaceError> {
    let stores: HashSet<_> = stores.iter().map(PathBuf::from).collect();
    choose_home(PathBuf::from("/home/node"), &mounts(table), |path| Ok(stores.contains(path)))
}

#[test]
fn what_is_made_on_the_containers_own_layer_is_gone_with_it() {
    assert_eq!(lost(BARE, "/home/node/.tatumrc"), Some("the container's writable layer"));
    assert_eq!(lost(FORMER_MOUNT, "/home/node/.tatumrc"), Some("the container's writable layer"));
    assert_eq!(lost(FORMER_MOUNT, "/root/.tatumrcs"), Some("the container's writable layer"));
    assert_eq!(lost(FORMER_MOUNT, "/root/.tatumrc"), None);
    assert_eq!(lost(OWN_MOUNT, "/home/node/.tatumrc/deeper"), None);
    // Docker's storage drivers btrfs and zfs have no file system of their own kind at the root.
    let btrfs = "5 1 0:40 /docker/c / rw - btrfs /dev/sda2 rw\n";
    assert_eq!(lost(btrfs, "/home/node"), Some("the container's writable layer"));
}

#[test]
fn what_is_made_in_memory_or_in_an_empty_dir_is_gone_with_the_pod() {
    assert_eq!(lost(POD, "/memory/wallet"), Some("a file system in memory"));
    assert_eq!(lost(POD, "/scratch"), Some("an emptyDir volume of the pod"));
    assert_eq!(lost(POD, "/home/node/.tatumrc"), None);
}

#[test]
fn a_volume_that_nobody_named_is_gone_and_a_named_one_stays() {
    let hash = "3f".repeat(32);
    let volume = |name: &str| {
        format!("9 1 8:1 /var/lib/docker/volumes/{name}/_data /data rw - ext4 /dev/sda1 rw\n")
    };
    let kind = "an anonymous volume, which no other container gets";
    assert_eq!(lost(&volume(&hash), "/data/wallet.dat"), Some(kind));
    assert_eq!(lost(&volume("wallets"), "/data/wallet.dat"), None);
    assert_eq!(lost(&volume(&format!("{hash}0")), "/data/wallet.dat"), None);
    assert_eq!(lost(&volume(&"xy".repeat(32)), "/data/wallet.dat"), None);
    let folder = format!("9 1 8:1 /home/ada/{hash}/_data /data rw - ext4 /dev/sda1 rw\n");
    assert_eq!(lost(&folder, "/data/wallet.dat"), None);
}

#[test]
fn a_layered_root_tells_a_container_and_a_disk_does_not() {
    let told = |table: &str| [false, true].map(|is_marked| is_container(&mounts(table), is_marked));
    assert_eq!(told(BARE), [true, true]);
    assert_eq!(told("1 0 0:9 / / rw - fuse.fuse-overlayfs fuse-overlayfs rw\n"), [true, true]);
    // A host that runs containers, and a virtual machine whose disk was made from an image.
    let host = "28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
                90 28 0:60 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw\n";
    assert_eq!(told(host), [false, false]);
    // Docker's storage drivers btrfs and zfs beside its marker, and a system container without it.
    let subvolume = "700 600 0:33 /subvol-100-disk-0 / rw - zfs rpool/data/subvol-100-disk-0 rw\n";
    assert_eq!(told(subvolume), [false, true]);
    // Docker's storage drivers vfs and devicemapper.
    let copied = "9 8 8:1 /var/lib/docker/vfs/dir/3f / rw,relatime - ext4 /dev/sda1 rw\n";
    assert_eq!(told(copied), [false, true]);
    assert_eq!(told("9 8 253:4 /rootfs / rw - xfs /dev/mapper/docker-8:1-3f rw\n"), [false, true]);
    assert_eq!(told(""), [false, false]);
}

#[test]
fn names_with_spaces_and_mounts_over_mounts_are_read() {
    let table = "\
1 0 8:1 / / rw - ext4 /dev/sda1 rw
2 1 8:1 /a\\040b /mnt/a\\040b\\134c rw shared:3 master:4 - xfs /dev/sdb rw
3 1 0:9 / /mnt/x rw - tmpfs tmpfs rw
4 1 8:9 / /mnt/x rw - ext4 /dev/sdc rw
not a line of that table
";
    let mounts = mounts(table);
    let spaced = mounts.of(Path::new("/mnt/a b\\c/wallet.dat")).expect("a mount");
    assert_eq!((spaced.kind.as_str(), spaced.root.as_path()), ("xfs", Path::new("/a b")));
    let covered = mounts.of(Path::new("/mnt/x/y")).expect("a mount");
    assert_eq!(covered.kind, "ext4", "the later mount covers the earlier one");
}

#[test]
fn a_home_mounted_where_the_original_had_its_own_is_found_with_a_store_in_it_or_below() {
    for (store, expected) in [
        ("/root/.tatumrc/wallet.dat", "/root"),
        ("/root/.tatumrc/.tatumrc/wallet.dat", "/root/.tatumrc"),
        ("/home/node/.tatumrc/wallet.dat", "/home/node"),
    ] {
        assert_eq!(home(FORMER_MOUNT, &[store]).expect("a home"), Path::new(expected), "{store}");
    }
    assert_eq!(
        home(WHOLE_HOME, &["/root/.tatumrc/wallet.dat"]).expect("a home"),
        Path::new("/root")
    );
}

#[test]
fn a_new_store_goes_where_something_is_mounted() {
    assert_eq!(home(FORMER_MOUNT, &[]).expect("a home"), Path::new("/root"));
    assert_eq!(home(WHOLE_HOME, &[]).expect("a home"), Path::new("/root"));
    assert_eq!(home(OWN_MOUNT, &[]).expect("a home"), Path::new("/home/node"));
    let both =
        format!("{FORMER_MOUNT}1130 1108 8:1 /d /home/node/.tatumrc rw - ext4 /dev/sda1 rw\n");
    assert_eq!(home(&both, &[]).expect("a home"), Path::new("/home/node"));
    assert_eq!(home(BARE, &[]).expect("a home"), Path::new("/home/node"));
}

#[test]
fn a_store_at_root_that_is_not_mounted_is_not_looked_for() {
    let stores = ["/root/.tatumrc/wallet.dat"];
    assert_eq!(home(OWN_MOUNT, &stores).expect("a home"), Path::new("/home/node"));
}

#[test]
fn of_two_stores_none_is_taken_and_both_are_named() {
    let stores = ["/root/.tatumrc/wallet.dat", "/root/.tatumrc/.tatumrc/wallet.dat"];
    let error = home(FORMER_MOUNT, &stores).expect_err("two stores").to_string();
    assert!(stores.iter().all(|store| error.contains(store)), "{error}");
    assert!(error.contains("--path"), "{error}");
}

#[test]
fn a_refusal_names_the_mount_to_use() {
    let (path, folder) =
        (PathBuf::from("/home/node/.tatumrc/wallet.dat"), PathBuf::from("/home/node/.tatumrc"));
    let layer = "the container's writable layer";
    let told = PlaceError::GoneWithContainer { path, folder, layer }.to_string();
    assert!(told.contains("-v $HOME/.tatumrc:/home/node/.tatumrc"), "{told}");
    assert!(told.contains("--ephemeral"), "{told}");
}
