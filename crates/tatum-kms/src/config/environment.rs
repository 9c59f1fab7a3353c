use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use kms_cli::EnvVar;
use kms_files::{NotText, told};
use thiserror::Error;
use zeroize::Zeroizing;

use super::dotenv;

/// Bytes of a `.env` file, at most.
const FILE_MAX: u64 = 1 << 20;

/// The environment and the `.env` files, in the original's order: the process's own variables win
/// over `./.env`, and that wins over the file named by `--envFile` or `~/.tatumrc/.env`. A variable
/// that is empty counts as not set and hides nothing.
///
/// Files are read into this map only. Nothing is put into the environment of the process, where
/// children and crash reports would find it.
pub(crate) struct Environment {
    variables: HashMap<String, Zeroizing<String>>,
    /// The `.env` files that were read.
    pub(crate) files: Vec<PathBuf>,
    /// For whoever watches: lines that versions before read otherwise.
    pub(crate) notes: Vec<String>,
}

/// Nothing of a file's content is in it, which may be a secret.
#[derive(Debug, Error)]
pub(crate) enum EnvironmentError {
    #[error("cannot read {}: {}", path.display(), told(source))]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot read {}: {source}", path.display())]
    NotText { path: PathBuf, source: NotText },
    #[error("cannot read {}: it is larger than 1 MiB and cannot be a .env file", .0.display())]
    TooLarge(PathBuf),
    #[error("no such file: {} (named by --envFile)", path.display())]
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
        let own = process.into_iter().filter(|(_, value)| !value.is_empty());
        let variables = own.map(|(name, value)| (name, Zeroizing::new(value))).collect();
        let mut environment = Self { variables, files: Vec::new(), notes: Vec::new() };
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
        let content = read(path)?;
        let text = kms_files::text(&content)
            .map_err(|source| EnvironmentError::NotText { path: path.to_owned(), source })?;
        let text = dotenv::with_line_feeds(text);
        let entries = dotenv::parse(&text);
        for line in dotenv::lines_read_otherwise(&text, &entries) {
            self.notes.push(format!(
                "{}, line {line}: this value is now read as the original reads it; earlier \
                 versions of this program read it differently (docs/migration.md, \"The .env \
                 file\")",
                path.display()
            ));
        }
        // The last of several definitions of a name counts.
        let mut own: HashMap<_, _> =
            entries.into_iter().map(|entry| (entry.name, entry.value)).collect();
        own.retain(|_, value| !value.is_empty());
        for (name, value) in own {
            self.variables.entry(name.to_owned()).or_insert(value);
        }
        self.files.push(path.to_owned());
        Ok(())
    }

    /// The value, unless the variable is not set.
    pub(crate) fn get(&self, variable: EnvVar) -> Option<&str> {
        self.get_named(variable.name)
    }

    pub(crate) fn get_named(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.as_str())
    }

    /// The variables whose name begins with `prefix`: what follows it, and the value.
    pub(crate) fn with_prefix<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let own = self.variables.iter();
        own.filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, EnvironmentError> {
    let failed = |source| EnvironmentError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    if length > FILE_MAX {
        return Err(EnvironmentError::TooLarge(path.to_owned()));
    }
    // Growing would leave a copy behind.
    let room = usize::try_from(length).unwrap_or_default().saturating_add(1);
    let mut content = Zeroizing::new(Vec::with_capacity(room));
    file.take(length).read_to_end(&mut content).map_err(failed)?;
    Ok(content)
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

    fn load(content: impl AsRef<[u8]>, process: &str) -> Result<Environment, EnvironmentError> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(".env"), content).unwrap();
        Environment::load(own(process), directory.path(), None, None)
    }

    #[test]
    fn an_empty_variable_hides_no_file() {
        let found = load("TATUM_API_KEY=here\n", "").unwrap();
        assert_eq!(found.get(TATUM_API_KEY), Some("here"));
        let directory = tempfile::tempdir().unwrap();
        let named = directory.path().join("named.env");
        std::fs::write(&named, "TATUM_API_KEY=named\n").unwrap();
        std::fs::write(directory.path().join(".env"), "TATUM_API_KEY=a\nTATUM_API_KEY=\n").unwrap();
        let found = Environment::load(own(""), directory.path(), Some(&named), None).unwrap();
        assert_eq!(found.get(TATUM_API_KEY), Some("named"));
    }

    #[test]
    fn a_secret_is_not_expanded_and_its_line_is_told_without_it() {
        let found = load("\u{feff}# keys\r\nTATUM_API_KEY=hunt$er2\r\n", "").unwrap();
        assert_eq!(found.get(TATUM_API_KEY), Some("hunt$er2"));
        let [note] = found.notes.as_slice() else { panic!("{:?}", found.notes) };
        assert!(note.contains(".env, line 2: ") && !note.contains("hunt"), "{note}");
        assert!(load("TATUM_API_KEY='hunt$er2'\n", "").unwrap().notes.is_empty());
    }

    #[test]
    fn a_file_that_is_no_text_is_named_and_not_quoted() {
        for (content, problem) in [
            (&b"\xff\xfeT\0A\0"[..], "UTF-16"),
            (b"TATUM_API_KEY=hunter2\n\xff", "line 2"),
            (&[b'#'; (1 << 20) + 1], "1 MiB"),
        ] {
            let error = load(content, "").unwrap_err().to_string();
            assert!(error.contains(".env") && error.contains(problem), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_named_file_must_be_there() {
        let missing = Path::new("/nonexistent/.env");
        assert!(Environment::load([], Path::new("/nonexistent"), Some(missing), None).is_err());
    }
}
