use clap::ValueEnum;

/// A source of the password, as the command line names it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum SourceName {
    Prompt,
    Env,
    File,
    Fd,
    Credential,
    Command,
    Keyring,
    Aws,
    Azure,
    Google,
    Vault,
    Vgs,
}

impl std::fmt::Display for SourceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.to_possible_value() {
            Some(value) => f.write_str(value.get_name()),
            None => Ok(()),
        }
    }
}
