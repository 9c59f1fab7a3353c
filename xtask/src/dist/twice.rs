//! The same release once more, in surroundings where everything is otherwise: the folder, the home,
//! cargo's home and its unpacked crates, the tools' folder, the user, the umask, the time zone, the
//! locale, the number of jobs, the clock.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Result, bail};

use super::{
    Place,
    artefacts::{Artefacts, PROGRAM},
    binary::cargo_home,
    call, output,
    packages::compress_image,
};

/// A user that owns nothing here.
const USER: &str = "12345";

/// # Errors
/// When a file of the second build differs from the first; both are left where they are.
pub(super) fn compare(place: &Place, artefacts: &Artefacts, out: &Path) -> Result<()> {
    let elsewhere = env::temp_dir().join(format!("another-build-of-tatum-kms-{}", process::id()));
    let again = Again::prepare(place, &elsewhere)?;
    again.build(place)?;
    if let Some(name) = &artefacts.image {
        again.make_image(place, name)?;
    }
    let differing: Vec<_> = artefacts
        .all()
        .into_iter()
        .map(|name| Ok((name, fs::read(out.join(name))? == fs::read(again.out.join(name))?)))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .filter_map(|(name, is_equal)| (!is_equal).then_some(name))
        .collect();
    if !differing.is_empty() {
        bail!("differ from those in {}: {}", again.out.display(), differing.join(", "));
    }
    println!("built twice, {} files byte for byte equal", artefacts.all().len());
    Ok(fs::remove_dir_all(&elsewhere)?)
}

/// The second build's places.
struct Again {
    root: PathBuf,
    home: PathBuf,
    cargo_home: PathBuf,
    tools: PathBuf,
    /// The compiler, with cargo.
    toolchain: PathBuf,
    out: PathBuf,
    /// True if the second build can run as another user.
    is_root: bool,
}

impl Again {
    fn prepare(place: &Place, elsewhere: &Path) -> Result<Self> {
        let is_root = output("id", |id| id.arg("-u"))?.trim() == "0";
        let again = Self {
            root: elsewhere.join("somebody/clone"),
            home: elsewhere.join("home"),
            cargo_home: elsewhere.join("home/crates"),
            tools: elsewhere.join("tools"),
            toolchain: elsewhere.join("toolchain"),
            out: elsewhere.join("out"),
            is_root,
        };
        for folder in [&again.root, &again.cargo_home.join("registry"), &again.out] {
            fs::create_dir_all(folder)?;
        }
        again.copy_sources(place)?;
        let toolchain = output("rustc", |rustc| rustc.args(["--print", "sysroot"]))?;
        for (from, to) in
            [(place.tools.as_path(), &again.tools), (Path::new(toolchain.trim()), &again.toolchain)]
        {
            call("cp", |cp| cp.arg("-a").arg(from).arg(to))?;
        }
        // Archives of crates; they are unpacked anew.
        let known = cargo_home()?;
        for part in ["cache", "index"] {
            let (from, to) = (known.join("registry").join(part), again.cargo_home.join("registry"));
            call("cp", |cp| cp.arg("-a").arg(from).arg(to))?;
        }
        let config = known.join("config.toml");
        if config.exists() {
            fs::copy(config, again.cargo_home.join("config.toml"))?;
        }
        if is_root {
            call("chown", |chown| chown.args(["-R", &format!("{USER}:{USER}")]).arg(elsewhere))?;
        } else {
            println!("note: not root, so the second build is the same user's");
        }
        Ok(again)
    }

    /// Everything that git knows or would take, as it is now.
    fn copy_sources(&self, place: &Place) -> Result<()> {
        let script = "git ls-files -z --cached --others --exclude-standard | \
             tar --create --null --files-from=- | tar --extract --directory \"$1\"";
        call("sh", |sh| {
            sh.args(["-eu", "-c", script, "sh"]).arg(&self.root).current_dir(&place.root)
        })
    }

    fn build(&self, place: &Place) -> Result<()> {
        let own = env::current_exe()?;
        let path = env::var("PATH").unwrap_or_default();
        let other_user = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups"];
        let other_user = if self.is_root { &other_user[..] } else { &[] };
        call("sh", |sh| {
            sh.args(["-c", "umask 077; exec \"$@\"", "sh"])
                .args(other_user)
                .arg(own)
                .args(["dist", "--no-image", "--profile", &place.profile, "--out"])
                .arg(&self.out)
                .arg("--root")
                .arg(&self.root)
                .arg("--tools")
                .arg(&self.tools)
                .current_dir(&self.root)
                .env("HOME", &self.home)
                .env("USER", "somebody")
                .env("CARGO_HOME", &self.cargo_home)
                .env("PATH", format!("{}/bin:{path}", self.toolchain.display()))
                .env("CARGO_NET_OFFLINE", "true")
                .env("CARGO_BUILD_JOBS", "1")
                .env("SOURCE_DATE_EPOCH", &place.epoch)
                .env("TZ", "Pacific/Kiritimati")
                .env("LC_ALL", "C.UTF-8")
        })
    }

    /// Made by root, of the second build's program.
    fn make_image(&self, place: &Place, name: &str) -> Result<()> {
        let (own, work) = (env::current_exe()?, self.root.join("target/dist-work"));
        let plain = work.join("image");
        call("sh", |sh| {
            sh.args(["-c", "umask 077; exec \"$@\"", "sh"])
                .arg(own)
                .args(["image", "--root"])
                .arg(&self.root)
                .arg("--program")
                .arg(work.join(PROGRAM))
                .arg("--out")
                .arg(&plain)
                .current_dir(&self.root)
                .env("HOME", &self.home)
                .env("SOURCE_DATE_EPOCH", &place.epoch)
                .env("TZ", "Pacific/Kiritimati")
                .env("LC_ALL", "C.UTF-8")
        })?;
        compress_image(&plain, &self.out.join(name))
    }
}
