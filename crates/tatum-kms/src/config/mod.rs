//! Configuration: what was typed, what the environment says, and what it means.

mod dotenv;
mod environment;
mod fees;
mod limits;
mod limits_of_chains;
mod of_chains;
mod password;
mod resolve;
mod values;

pub(crate) use environment::Environment;
pub(crate) use of_chains::ChainSettings;
pub(crate) use password::store_type;
pub(crate) use resolve::{
    ApiSettings, ConfigError, DaemonConfig, FourEyesSettings, Settings, ShadowConfig, find_chain,
    find_wallet_chain, read_file, read_period,
};
