//! The environment variables that the program reads. `docs/environment.md` is generated from this
//! list.

/// A variable: its name, its purpose, and whether its value is a secret.
#[derive(Clone, Copy, Debug)]
pub struct EnvVar {
    pub name: &'static str,
    pub is_secret: bool,
    pub purpose: &'static str,
}

macro_rules! env_vars {
    ($($(#[$secret:ident])? $name:ident: $purpose:literal;)*) => {
        $(pub const $name: EnvVar = EnvVar {
            name: stringify!($name),
            is_secret: env_vars!(@secret $($secret)?),
            purpose: $purpose,
        };)*

        /// All variables, in the order in which `checkconfig` prints them.
        pub const ALL: &[EnvVar] = &[$($name),*];
    };
    (@secret secret) => { true };
    (@secret) => { false };
}

env_vars! {
    #[secret] TATUM_API_KEY: "API key";
    #[secret] TATUM_KMS_PASSWORD: "password of the wallet store";
    TATUM_KMS_PASSWORD_FILE: "file with the password of the wallet store, readable by its owner only";
    TATUM_KMS_PASSWORD_FD: "number of an open file descriptor from which to read the password";
    #[secret] TATUM_KMS_PASSWORD_COMMAND: "command, run by /bin/sh, that prints the password on its first line";
    TATUM_KMS_CREDENTIAL: "name of the systemd credential with the password; default tatum-kms-password";
    TATUM_KMS_KEYRING_SERVICE: "keyring: service of the entry; default tatum-kms";
    TATUM_KMS_KEYRING_ACCOUNT: "keyring: account of the entry; default wallet";
    TATUM_KMS_NEW_PASSWORD_FILE: "`changepassword`, `export --encrypted`: file with the new password, readable by its owner only";
    TATUM_KMS_IMPORT_PASSWORD_FILE: "`import`: file with the password of the file to import, readable by its owner only";
    TATUM_KMS_VGS_ALIAS: "VGS: alias of the password";
    TATUM_KMS_VGS_USERNAME: "VGS: user name";
    #[secret] TATUM_KMS_VGS_PASSWORD: "VGS: password";
    TATUM_KMS_VGS_URL: "VGS: live, sandbox, or a base URL; default live";
    TATUM_KMS_AZURE_SECRETVERSION: "Azure Key Vault: version of the secret; default the latest";
    TATUM_KMS_AZURE_SECRETNAME: "Azure Key Vault: name of the secret";
    TATUM_KMS_AZURE_VAULTURL: "Azure Key Vault: host name of the vault";
    TATUM_KMS_AZURE_LOGIN: "Azure Key Vault: login to use: secret, workload, managed or cli; default secret or workload if AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE is set, else managed";
    TATUM_KMS_AWS_REGION: "AWS Secrets Manager: region";
    TATUM_KMS_AWS_SECRET_NAME: "AWS Secrets Manager: name or ARN of the secret";
    TATUM_KMS_AWS_SECRET_KEY: "AWS Secrets Manager: member of the secret's JSON that holds the password";
    TATUM_KMS_AWS_ACCESS_KEY_ID: "AWS Secrets Manager: access key id";
    #[secret] TATUM_KMS_AWS_SECRET_ACCESS_KEY: "AWS Secrets Manager: secret access key";
    #[secret] TATUM_KMS_AWS_SESSION_TOKEN: "AWS Secrets Manager: session token of temporary keys";
    TATUM_KMS_AWS_ENDPOINT: "AWS Secrets Manager: endpoint; default the region's";
    TATUM_KMS_GOOGLE_SECRET: "Google Secret Manager: resource name, projects/P/secrets/S[/versions/V]";
    TATUM_KMS_GOOGLE_SECRET_KEY: "Google Secret Manager: member of the secret's JSON that holds the password";
    TATUM_KMS_GOOGLE_ENDPOINT: "Google Secret Manager: endpoint; default Google's";
    TATUM_KMS_VAULT_ADDR: "Vault, OpenBao: address; default VAULT_ADDR";
    TATUM_KMS_VAULT_NAMESPACE: "Vault, OpenBao: namespace; default VAULT_NAMESPACE";
    TATUM_KMS_VAULT_MOUNT: "Vault, OpenBao: mount of the KV engine; default secret";
    TATUM_KMS_VAULT_PATH: "Vault, OpenBao: path of the secret";
    TATUM_KMS_VAULT_KEY: "Vault, OpenBao: member of the secret that holds the password; default password";
    TATUM_KMS_VAULT_KV_VERSION: "Vault, OpenBao: version of the KV engine, 1 or 2; default 2";
    #[secret] TATUM_KMS_VAULT_TOKEN: "Vault, OpenBao: token; default VAULT_TOKEN";
    TATUM_KMS_VAULT_ROLE_ID: "Vault, OpenBao: role id of an AppRole login";
    #[secret] TATUM_KMS_VAULT_SECRET_ID: "Vault, OpenBao: secret id of an AppRole login";
    TATUM_KMS_VAULT_KUBERNETES_ROLE: "Vault, OpenBao: role of a Kubernetes login";
    TATUM_KMS_VAULT_KUBERNETES_TOKEN_FILE: "Vault, OpenBao: file with the service account's token; default the pod's";
    TATUM_KMS_VAULT_LOGIN_MOUNT: "Vault, OpenBao: mount of the login; default approle or kubernetes";
    TATUM_API_URL: "base URL of the API; default https://api.tatum.io";
    TATUM_KMS_FEE_MOST: "maximum fee of a transaction, in the syntax of `--fee-most`: ETH=0.2,BTC=0.001";
    TATUM_KMS_CA_FILE: "PEM file with certificates to trust in addition to the system's, for the API, nodes, the four-eye endpoint, Vault and VGS";
    #[secret] HTTPS_PROXY: "proxy for https URLs";
    #[secret] HTTP_PROXY: "proxy for http URLs";
    NO_PROXY: "hosts to reach without a proxy, comma-separated";
    TATUM_KMS_TRUST_INPUT_AMOUNTS: "`daemon`: true has the effect of `--trust-input-amounts`";
    TATUM_KMS_ALLOW_FLOW_NFT: "`daemon`: true has the effect of `--allow-flow-nft`";
    TESTNET_TYPE: "value of the header x-testnet-type; default ethereum-ropsten";
}

/// Prefix, followed by a chain's code, of the URL of a service that the daemon calls directly.
pub const NODE_URL_PREFIX: &str = "TATUM_KMS_NODE_URL_";
/// Prefix, followed by a chain's code, of additional EIP-155 chain ids, comma-separated.
pub const CHAIN_IDS_PREFIX: &str = "TATUM_KMS_CHAIN_IDS_";
/// Prefix, followed by a chain's code, of limits on fees and outputs, comma-separated.
pub const LIMITS_PREFIX: &str = "TATUM_KMS_LIMITS_";
/// Prefix, followed by a chain's code, of paths of payload members to ignore, comma-separated.
pub const HARMLESS_MEMBERS_PREFIX: &str = "TATUM_KMS_HARMLESS_MEMBERS_";
