//! Every environment variable the program reads. `docs/environment.md` is made from this list.

/// A variable: its name, whether its value is a secret, and what it is for.
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

        /// All of them, in the order in which `checkconfig` prints them.
        pub const ALL: &[EnvVar] = &[$($name),*];
    };
    (@secret secret) => { true };
    (@secret) => { false };
}

env_vars! {
    #[secret] TATUM_API_KEY: "key of the remote API";
    #[secret] TATUM_KMS_PASSWORD: "password of the wallet store";
    TATUM_KMS_PASSWORD_FILE: "file that holds the password of the wallet store, readable by its owner only";
    TATUM_KMS_PASSWORD_FD: "number of an open file descriptor that the password is read from";
    #[secret] TATUM_KMS_PASSWORD_COMMAND: "command, run by /bin/sh, whose first line of output is the password";
    TATUM_KMS_CREDENTIAL: "name of the systemd credential that holds the password; tatum-kms-password if not set";
    TATUM_KMS_KEYRING_SERVICE: "keyring: service of the entry; tatum-kms if not set";
    TATUM_KMS_KEYRING_ACCOUNT: "keyring: account of the entry; wallet if not set";
    TATUM_KMS_NEW_PASSWORD_FILE: "`changepassword`, `export --encrypted`: file that holds the new password, readable by its owner only";
    TATUM_KMS_IMPORT_PASSWORD_FILE: "`import`: file that holds the password of what is imported, readable by its owner only";
    TATUM_KMS_VGS_ALIAS: "VGS: alias of the password";
    TATUM_KMS_VGS_USERNAME: "VGS: user name";
    #[secret] TATUM_KMS_VGS_PASSWORD: "VGS: password";
    TATUM_KMS_VGS_URL: "VGS: live, sandbox, or a base URL; live if not set";
    TATUM_KMS_AZURE_SECRETVERSION: "Azure Key Vault: version of the secret; the latest if not set";
    TATUM_KMS_AZURE_SECRETNAME: "Azure Key Vault: name of the secret";
    TATUM_KMS_AZURE_VAULTURL: "Azure Key Vault: host name of the vault";
    TATUM_KMS_AZURE_LOGIN: "Azure Key Vault: secret, workload, managed or cli; that for which AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE is set, else managed";
    TATUM_KMS_AWS_REGION: "AWS Secrets Manager: region";
    TATUM_KMS_AWS_SECRET_NAME: "AWS Secrets Manager: name or ARN of the secret";
    TATUM_KMS_AWS_SECRET_KEY: "AWS Secrets Manager: member of the secret's JSON that is the password";
    TATUM_KMS_AWS_ACCESS_KEY_ID: "AWS Secrets Manager: access key id";
    #[secret] TATUM_KMS_AWS_SECRET_ACCESS_KEY: "AWS Secrets Manager: secret access key";
    #[secret] TATUM_KMS_AWS_SESSION_TOKEN: "AWS Secrets Manager: session token of temporary keys";
    TATUM_KMS_AWS_ENDPOINT: "AWS Secrets Manager: endpoint; that of the region if not set";
    TATUM_KMS_GOOGLE_SECRET: "Google Secret Manager: projects/P/secrets/S, or with /versions/V";
    TATUM_KMS_GOOGLE_SECRET_KEY: "Google Secret Manager: member of the secret's JSON that is the password";
    TATUM_KMS_GOOGLE_ENDPOINT: "Google Secret Manager: endpoint; Google's own if not set";
    TATUM_KMS_VAULT_ADDR: "Vault, OpenBao: address; VAULT_ADDR if not set";
    TATUM_KMS_VAULT_NAMESPACE: "Vault, OpenBao: namespace; VAULT_NAMESPACE if not set";
    TATUM_KMS_VAULT_MOUNT: "Vault, OpenBao: mount of the KV engine; secret if not set";
    TATUM_KMS_VAULT_PATH: "Vault, OpenBao: path of the secret";
    TATUM_KMS_VAULT_KEY: "Vault, OpenBao: member of the secret that is the password; password if not set";
    TATUM_KMS_VAULT_KV_VERSION: "Vault, OpenBao: version of the KV engine, 1 or 2; 2 if not set";
    #[secret] TATUM_KMS_VAULT_TOKEN: "Vault, OpenBao: token; VAULT_TOKEN if not set";
    TATUM_KMS_VAULT_ROLE_ID: "Vault, OpenBao: role id of an AppRole login";
    #[secret] TATUM_KMS_VAULT_SECRET_ID: "Vault, OpenBao: secret id of an AppRole login";
    TATUM_KMS_VAULT_KUBERNETES_ROLE: "Vault, OpenBao: role of a Kubernetes login";
    TATUM_KMS_VAULT_KUBERNETES_TOKEN_FILE: "Vault, OpenBao: file with the service account's token; that of the pod if not set";
    TATUM_KMS_VAULT_LOGIN_MOUNT: "Vault, OpenBao: mount of the login; approle or kubernetes if not set";
    TATUM_API_URL: "base URL of the remote API; https://api.tatum.io if not set";
    TATUM_KMS_FEE_MOST: "the most that a transaction may pay in fees, as `--fee-most` has it: ETH=0.2,BTC=0.001";
    TATUM_KMS_CA_FILE: "file with certificates in PEM that are trusted beside the system's, for the remote API, nodes, the four-eye endpoint, Vault and VGS";
    #[secret] HTTPS_PROXY: "proxy for https";
    #[secret] HTTP_PROXY: "proxy for http";
    NO_PROXY: "hosts that are reached without a proxy, separated by commas";
    TATUM_KMS_TRUST_INPUT_AMOUNTS: "`daemon`: true is as `--trust-input-amounts`";
    TESTNET_TYPE: "value of the header x-testnet-type; ethereum-ropsten if not set";
}

/// Followed by a chain's code: the node of that chain, where the daemon calls one directly.
pub const NODE_URL_PREFIX: &str = "TATUM_KMS_NODE_URL_";
/// Followed by a chain's code: further EIP-155 chain ids that are accepted, separated by commas.
pub const CHAIN_IDS_PREFIX: &str = "TATUM_KMS_CHAIN_IDS_";
/// Followed by a chain's code: paths of members of payloads that are passed over, separated by
/// commas.
pub const HARMLESS_MEMBERS_PREFIX: &str = "TATUM_KMS_HARMLESS_MEMBERS_";
