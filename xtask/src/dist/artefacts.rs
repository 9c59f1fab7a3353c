//! The names of what is released.

pub(super) const PROGRAM: &str = "tatum-kms";
/// The part of a version that Debian and RPM append for the packaging itself.
pub(super) const PACKAGING: &str = "1";

/// The files of a release, without the checksums.
#[derive(Debug)]
pub(super) struct Artefacts {
    pub(super) version: String,
    /// The program, manual pages, completions, licences.
    pub(super) archive: String,
    pub(super) deb: String,
    pub(super) rpm: String,
    /// The list of crates, in CycloneDX.
    pub(super) sbom: String,
}

impl Artefacts {
    pub(super) fn of(version: &str) -> Self {
        Self {
            version: version.to_owned(),
            archive: format!("{PROGRAM}-{version}-x86_64-linux.tar.gz"),
            deb: format!("{PROGRAM}_{version}-{PACKAGING}_amd64.deb"),
            rpm: format!("{PROGRAM}-{version}-{PACKAGING}.x86_64.rpm"),
            sbom: format!("{PROGRAM}-{version}.cdx.json"),
        }
    }

    pub(super) fn all(&self) -> [&str; 4] {
        [&self.archive, &self.deb, &self.rpm, &self.sbom]
    }
}
