//! The names of what is released.

pub(super) const PROGRAM: &str = "tatum-kms";
/// The suffix that Debian and RPM append to a version for the packaging itself.
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
    /// The image, for `docker load`.
    pub(super) image: Option<String>,
}

impl Artefacts {
    pub(super) fn of(version: &str, has_image: bool) -> Self {
        Self {
            version: version.to_owned(),
            archive: format!("{PROGRAM}-{version}-x86_64-linux.tar.gz"),
            deb: format!("{PROGRAM}_{version}-{PACKAGING}_amd64.deb"),
            rpm: format!("{PROGRAM}-{version}-{PACKAGING}.x86_64.rpm"),
            sbom: format!("{PROGRAM}-{version}.cdx.json"),
            image: has_image.then(|| format!("{PROGRAM}-{version}-image.tgz")),
        }
    }

    pub(super) fn all(&self) -> Vec<&str> {
        let files = [&self.archive, &self.deb, &self.rpm, &self.sbom];
        files.into_iter().chain(&self.image).map(String::as_str).collect()
    }
}
