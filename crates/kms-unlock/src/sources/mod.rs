//! The sources of the password: one file each, and the table of them.

pub(crate) mod aws;
pub(crate) mod azure;
pub(crate) mod command;
pub(crate) mod file;
pub(crate) mod google;
pub(crate) mod keyring;
pub(crate) mod prompt;
pub(crate) mod vault;
pub(crate) mod vgs;

use std::{fmt, path::Path};

use url::{Host, Url};

use crate::PasswordSource;

/// Looks a variable of the environment up; `None` for one that is not set, or empty.
pub type Variables<'a> = dyn Fn(&str) -> Option<&'a str> + 'a;

/// A source as it is named and configured.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// Its name on the command line.
    pub name: &'static str,
    /// The type of the store in the original's `checkconfig`.
    pub store_type: &'static str,
    /// The variables without which it cannot be asked.
    pub needs: &'static [Need],
}

/// Every source, by its name.
pub const SOURCES: &[Description] = &[
    local("prompt", &[]),
    local("env", &[Need::of("TATUM_KMS_PASSWORD")]),
    local("file", file::NEEDS),
    local("fd", file::DESCRIPTOR_NEEDS),
    local("credential", &[]),
    local("command", command::NEEDS),
    local("keyring", &[]),
    Description { name: "aws", store_type: "AWS", needs: aws::NEEDS },
    Description { name: "azure", store_type: "AZURE", needs: azure::NEEDS },
    Description { name: "google", store_type: "GOOGLE", needs: google::NEEDS },
    Description { name: "vault", store_type: "VAULT", needs: vault::NEEDS },
    Description { name: "vgs", store_type: "VGS", needs: vgs::NEEDS },
];

const fn local(name: &'static str, needs: &'static [Need]) -> Description {
    Description { name, store_type: "LOCAL", needs }
}

/// A variable without which a source cannot be asked.
#[derive(Clone, Copy)]
pub struct Need {
    /// The variable's name.
    pub variable: &'static str,
    instead: Instead,
    applies: fn(&Variables<'_>) -> bool,
}

#[derive(Clone, Copy)]
enum Instead {
    Nothing,
    Variable(&'static str),
    File(&'static str),
}

impl fmt::Debug for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.variable)
    }
}

impl Need {
    pub(crate) const fn of(variable: &'static str) -> Self {
        Self { variable, instead: Instead::Nothing, applies: |_| true }
    }

    /// Has a variable of the vendor's own tools count in its place.
    const fn or_variable(self, name: &'static str) -> Self {
        Self { instead: Instead::Variable(name), ..self }
    }

    /// Uses an existing file in its place.
    const fn or_file(self, path: &'static str) -> Self {
        Self { instead: Instead::File(path), ..self }
    }

    /// Has it needed for some ways to log in only.
    const fn where_applies(self, applies: fn(&Variables<'_>) -> bool) -> Self {
        Self { applies, ..self }
    }

    /// Returns true if the variables make this one needed at all.
    #[must_use]
    pub fn applies(&self, variables: &Variables<'_>) -> bool {
        (self.applies)(variables)
    }

    /// Returns true if the variable is set, or what counts in its place is there.
    #[must_use]
    pub fn is_met(&self, variables: &Variables<'_>) -> bool {
        let is_replaced = match self.instead {
            Instead::Nothing => false,
            Instead::Variable(name) => variables(name).is_some(),
            Instead::File(path) => Path::new(path).is_file(),
        };
        variables(self.variable).is_some() || is_replaced
    }
}

impl PasswordSource {
    /// The host, other than this one, that would be told who asks, and send the password, in the
    /// clear.
    #[must_use]
    pub fn plain_host(&self) -> Option<String> {
        let url = self.host()?;
        let is_here = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        (url.scheme() == "http" && !is_here).then(|| url.host_str().unwrap_or_default().to_owned())
    }

    fn host(&self) -> Option<Url> {
        match self {
            Self::Vault(source) => source.host(),
            Self::Vgs(source) => source.host(),
            Self::Aws(source) => source.host(),
            Self::Google(source) => source.host(),
            _ => None,
        }
    }
}
