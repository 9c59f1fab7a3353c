use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
};

use kms_cli::EnvVar;
use thiserror::Error;
use zeroize::Zeroizing;

/// The environment and the `.env` files, in the original's order: the process's own variables win
/// over `./.env`, and that wins over the file named by `--envFile` or `~/.tatumrc/.env`.
///
/// Files are read into this map only. Nothing is put into the environment of the process, where
/// children and crash reports would find it.
pub(crate) struct Environment {
    variables: HashMap<String, Zeroizing<String>>,
    /// The `.env` files that were read.
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Error)]
pub(crate) enum EnvironmentError {
    #[error("cannot read {path}: {reason}")]
    Read { path: PathBuf, reason: &'static str },
    #[error("no such file: {path} (named by --envFile)")]
    Missing { path: PathBuf },
}

impl Environment {
    /// `process` are the variables of the process; those that are not Unicode are left out.
    pub(crate) fn load(
        process: impl IntoIterator<Item = (String, String)>,
        working_directory: &Path,
        env_file: Option<&Path>,
        home: Option<&Path>,
    ) -> Result<Self, EnvironmentError> {
        let own = process.into_iter().map(|(name, value)| (name, Zeroizing::new(value)));
        let mut environment = Self { variables: own.collect(), files: Vec::new() };
        environment.merge(&working_directory.join(".env"))?;
        match (env_file, home) {
            (Some(path), _) if !path.is_file() => {
                return Err(EnvironmentError::Missing { path: path.to_owned() });
            }
            (Some(path), _) => environment.merge(path)?,
            (None, Some(home)) => environment.merge(&home.join(".tatumrc/.env"))?,
            (None, None) => (),
        }
        Ok(environment)
    }

    fn merge(&mut self, path: &Path) -> Result<(), EnvironmentError> {
        if !path.is_file() || self.files.iter().any(|read| read == path) {
            return Ok(());
        }
        // The library's own messages quote the line at fault, which may hold a secret.
        let unreadable = |error: dotenvy::Error| EnvironmentError::Read {
            path: path.to_owned(),
            reason: match error {
                dotenvy::Error::LineParse(..) => "a line is not NAME=value",
                dotenvy::Error::Io(_) => "it cannot be opened or is not UTF-8 text",
                _ => "it is not a .env file",
            },
        };
        for variable in dotenvy::from_path_iter(path).map_err(unreadable)? {
            let (name, value) = variable.map_err(unreadable)?;
            self.variables.entry(name).or_insert_with(|| Zeroizing::new(value));
        }
        self.files.push(path.to_owned());
        Ok(())
    }

    /// The value, unless the variable is not set or empty.
    pub(crate) fn get(&self, variable: EnvVar) -> Option<&str> {
        self.get_named(variable.name)
    }

    pub(crate) fn get_named(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The variables whose name begins with `prefix`: what follows it, and the value.
    pub(crate) fn with_prefix<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let own = self.variables.iter().filter(|(_, value)| !value.is_empty());
        own.filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("files", &self.files).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use kms_cli::env_vars::TATUM_API_KEY;

    use super::*;

    fn own(value: &str) -> [(String, String); 1] {
        [(String::from("TATUM_API_KEY"), String::from(value))]
    }

    #[test]
    fn the_process_wins_over_the_working_directory_and_that_over_the_named_file() {
        let directory = tempfile::tempdir().unwrap();
        let named = directory.path().join("named.env");
        std::fs::write(&named, "TATUM_API_KEY=named\nTATUM_API_URL=http://named\n").unwrap();
        let load = |process: &[(String, String)]| {
            let process = process.to_vec();
            Environment::load(process, directory.path(), Some(&named), None).unwrap()
        };
        assert_eq!(load(&[]).get(TATUM_API_KEY), Some("named"));
        std::fs::write(directory.path().join(".env"), "TATUM_API_KEY=here\n").unwrap();
        assert_eq!(load(&[]).get(TATUM_API_KEY), Some("here"));
        assert_eq!(load(&[]).get_named("TATUM_API_URL"), Some("http://named"));
        assert_eq!(load(&own("process")).get(TATUM_API_KEY), Some("process"));
    }

    #[test]
    fn a_broken_file_is_named_and_not_quoted() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(".env"), "TATUM_KMS_PASSWORD='hunter2\n").unwrap();
        let error = Environment::load([], directory.path(), None, None).unwrap_err().to_string();
        assert!(error.contains(".env") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_named_file_must_be_there() {
        let missing = Path::new("/nonexistent/.env");
        assert!(Environment::load([], Path::new("/nonexistent"), Some(missing), None).is_err());
    }
}
