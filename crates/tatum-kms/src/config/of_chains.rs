//! Settings of single chains: variables whose names end with the chain's code.

use std::collections::HashMap;

use kms_cli::env_vars::{CHAIN_IDS_PREFIX, HARMLESS_MEMBERS_PREFIX, LIMITS_PREFIX};
use kms_core::{Chain, ChainLimit, ChainOptions};

use super::{
    Environment, limits_of_chains,
    resolve::{ConfigError, invalid},
};

/// The owner's settings per chain, by its code.
#[derive(Debug, Default)]
pub(crate) struct ChainSettings {
    extra_chain_ids: HashMap<String, Vec<u64>>,
    harmless_members: HashMap<String, Vec<String>>,
    limits: HashMap<String, Vec<ChainLimit>>,
}

impl ChainSettings {
    /// # Errors
    /// When a value is not what its variable holds, or a chain is not known.
    pub(super) fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let mut settings = Self::default();
        for (code, ids) in environment.with_prefix(CHAIN_IDS_PREFIX) {
            let name = format!("{CHAIN_IDS_PREFIX}{code}");
            let chain = find_chain(&name, code)?;
            let ids = items(ids)
                .map(|id| id.parse().map_err(|_| invalid(&name, id, "is not a chain id")))
                .collect::<Result<Vec<u64>, _>>()?;
            settings.extra_chain_ids.entry(chain.spec().id.to_string()).or_default().extend(ids);
        }
        for (code, members) in environment.with_prefix(HARMLESS_MEMBERS_PREFIX) {
            let name = format!("{HARMLESS_MEMBERS_PREFIX}{code}");
            let chain = find_chain(&name, code)?;
            let members = items(members)
                .map(|member| read_member(&name, chain, member))
                .collect::<Result<Vec<String>, _>>()?;
            settings
                .harmless_members
                .entry(chain.spec().id.to_string())
                .or_default()
                .extend(members);
        }
        for (code, limits) in environment.with_prefix(LIMITS_PREFIX) {
            let name = format!("{LIMITS_PREFIX}{code}");
            let limits = limits_of_chains::read(&name, find_chain(&name, code)?, limits)?;
            settings.limits.insert(code.to_owned(), limits);
        }
        Ok(settings)
    }

    /// The limits that are set for a chain.
    pub(crate) fn limits(&self, chain: &dyn Chain) -> &[ChainLimit] {
        self.limits.get(chain.spec().id.as_str()).map(Vec::as_slice).unwrap_or_default()
    }

    /// The options of one chain, from those of all.
    pub(super) fn apply(&self, chain: &dyn Chain, options: ChainOptions) -> ChainOptions {
        let code = chain.spec().id.as_str();
        ChainOptions {
            extra_chain_ids: self.extra_chain_ids.get(code).cloned().unwrap_or_default(),
            harmless_members: self.harmless_members.get(code).cloned().unwrap_or_default(),
            chain_limits: self.limits(chain).to_vec(),
            ..options
        }
    }
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

fn find_chain(name: &str, code: &str) -> Result<&'static dyn Chain, ConfigError> {
    kms_chains::find(code).ok_or_else(|| invalid(name, code, "is not a chain's code in capitals"))
}

/// A path as the daemon prints it; the number of an item counts for all items.
fn read_member(name: &str, chain: &dyn Chain, member: &str) -> Result<String, ConfigError> {
    let path = kms_chains::without_indexes(member);
    let last = path.rsplit('.').next().unwrap_or_default();
    let last = last.split('[').next().unwrap_or_default();
    if last.is_empty() {
        return Err(invalid(
            name,
            member,
            "is not the path of a member, such as memo or outputs[].label",
        ));
    }
    if chain.is_member_of_format(last) {
        return Err(invalid(name, member, "has a meaning on this chain and cannot be ignored"));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<ChainSettings, String> {
        let variables = [(name.to_owned(), value.to_owned())];
        let environment = Environment::load(variables, std::path::Path::new("/"), None, None)
            .expect("an environment");
        ChainSettings::read(&environment).map_err(|error| error.to_string())
    }

    #[test]
    fn members_of_a_chain_are_read_by_path_and_apply_to_it_only() {
        let read = read("TATUM_KMS_HARMLESS_MEMBERS_BTC", "memo, outputs[3].label").unwrap();
        let members = |code: &str| {
            let chain = kms_chains::CHAINS.iter().find(|chain| chain.spec().id.as_str() == code);
            read.apply(*chain.unwrap(), ChainOptions::default()).harmless_members
        };
        assert_eq!(members("BTC"), ["memo", "outputs[].label"]);
        assert_eq!(members("LTC"), Vec::<String>::new());
    }

    #[test]
    fn what_the_format_gives_a_meaning_cannot_be_called_harmless() {
        for (chain, member) in [
            ("VET", "reserved"),
            ("XRP", "DestinationTag"),
            ("ETH", "authorizationList"),
            ("EGLD", "relayer"),
            ("ALGO", "boxes"),
            ("BTC", "outputs[].satoshis"),
        ] {
            let error = read(&format!("TATUM_KMS_HARMLESS_MEMBERS_{chain}"), member).unwrap_err();
            assert!(error.contains(member) && error.contains("has a meaning"), "{error}");
        }
        for (name, value, expected) in [
            ("TATUM_KMS_HARMLESS_MEMBERS_ETC", "memo", "is not a chain's code"),
            ("TATUM_KMS_HARMLESS_MEMBERS_ETH", "memo,,x", "is not the path of a member"),
            ("TATUM_KMS_CHAIN_IDS_ETH", "1,x", "is not a chain id"),
        ] {
            let error = read(name, value).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
