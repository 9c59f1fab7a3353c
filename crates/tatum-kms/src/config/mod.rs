//! Configuration: what was typed, what the environment says, and what it means.

mod dotenv;
pub(crate) mod env_vars;
mod environment;
mod fees;
mod flags;
mod limits;
mod password;
mod resolve;
mod values;

pub(crate) use environment::Environment;
pub(crate) use flags::{DaemonFlags, Flags, FourEyesFlags};
pub(crate) use password::SourceName;
pub(crate) use resolve::{
    ApiSettings, ConfigError, DaemonConfig, FourEyesSettings, Settings, ShadowConfig, find_chain,
    find_wallet_chain, read_file, read_period,
};
