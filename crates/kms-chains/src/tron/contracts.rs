//! The contracts a transaction can hold, as tables.
//! <https://github.com/tronprotocol/protocol/tree/master/core>

use super::protobuf::{Field, Kind, NOT_KEPT, field};

/// A contract type: its name, its number, its fields.
#[derive(Debug)]
pub(super) struct Contract {
    pub(super) name: &'static str,
    pub(super) number: u64,
    pub(super) fields: &'static [Field],
}

const OWNER: Field = field("owner_address", 1, Kind::Address);
const RESOURCES: Kind = Kind::Enum(&["BANDWIDTH", "ENERGY", "TRON_POWER"]);

/// The contract of a name.
pub(super) fn find(name: &str) -> Option<&'static Contract> {
    CONTRACTS.iter().find(|contract| contract.name == name)
}

const fn contract(name: &'static str, number: u64, fields: &'static [Field]) -> Contract {
    Contract { name, number, fields }
}

static CONTRACTS: &[Contract] = &[
    contract(
        "AccountCreateContract",
        0,
        &[
            OWNER,
            field("account_address", 2, Kind::Address),
            field("type", 3, Kind::Enum(&["Normal", "AssetIssue", "Contract"])),
        ],
    ),
    contract(
        "TransferContract",
        1,
        &[OWNER, field("to_address", 2, Kind::Address), field("amount", 3, Kind::Number)],
    ),
    contract(
        "TransferAssetContract",
        2,
        &[
            field("asset_name", 1, Kind::Bytes),
            field("owner_address", 2, Kind::Address),
            field("to_address", 3, Kind::Address),
            field("amount", 4, Kind::Number),
        ],
    ),
    contract(
        "VoteWitnessContract",
        4,
        &[
            OWNER,
            field(
                "votes",
                2,
                Kind::Repeated(&[
                    field("vote_address", 1, Kind::Address),
                    field("vote_count", 2, Kind::Number),
                ]),
            ),
            field("support", 3, Kind::Bool),
        ],
    ),
    contract("WitnessCreateContract", 5, &[OWNER, field("url", 2, Kind::Bytes)]),
    contract("AssetIssueContract", 6, ASSET_ISSUE),
    contract(
        "ParticipateAssetIssueContract",
        9,
        &[
            OWNER,
            field("to_address", 2, Kind::Address),
            field("asset_name", 3, Kind::Bytes),
            field("amount", 4, Kind::Number),
        ],
    ),
    contract(
        "AccountUpdateContract",
        10,
        &[field("account_name", 1, Kind::Bytes), field("owner_address", 2, Kind::Address)],
    ),
    contract(
        "FreezeBalanceContract",
        11,
        &[
            OWNER,
            field("frozen_balance", 2, Kind::Number),
            field("frozen_duration", 3, Kind::Number),
            field("resource", 10, RESOURCES),
            field("receiver_address", 15, Kind::Address),
        ],
    ),
    contract(
        "UnfreezeBalanceContract",
        12,
        &[OWNER, field("resource", 10, RESOURCES), field("receiver_address", 15, Kind::Address)],
    ),
    contract("WithdrawBalanceContract", 13, &[OWNER]),
    contract(
        "UpdateAssetContract",
        15,
        &[
            OWNER,
            field("description", 2, Kind::Bytes),
            field("url", 3, Kind::Bytes),
            field("new_limit", 4, Kind::Number),
            field("new_public_limit", 5, Kind::Number),
        ],
    ),
    contract("ProposalCreateContract", 16, &[OWNER, field("parameters", 2, Kind::NumberMap)]),
    contract(
        "ProposalApproveContract",
        17,
        &[OWNER, field("proposal_id", 2, Kind::Number), field("is_add_approval", 3, Kind::Bool)],
    ),
    contract("ProposalDeleteContract", 18, &[OWNER, field("proposal_id", 2, Kind::Number)]),
    contract(
        "SetAccountIdContract",
        19,
        &[field("account_id", 1, Kind::Bytes), field("owner_address", 2, Kind::Address)],
    ),
    contract(
        "CreateSmartContract",
        30,
        &[
            OWNER,
            field("new_contract", 2, Kind::Message(SMART_CONTRACT)),
            field("call_token_value", 3, Kind::Number),
            field("token_id", 4, Kind::Number),
        ],
    ),
    contract(
        "TriggerSmartContract",
        31,
        &[
            OWNER,
            field("contract_address", 2, Kind::Address),
            field("call_value", 3, Kind::Number),
            field("data", 4, Kind::Bytes),
            field("call_token_value", 5, Kind::Number),
            field("token_id", 6, Kind::Number),
        ],
    ),
    contract(
        "UpdateSettingContract",
        33,
        &[
            OWNER,
            field("contract_address", 2, Kind::Address),
            field("consume_user_resource_percent", 3, Kind::Number),
        ],
    ),
    contract(
        "ExchangeCreateContract",
        41,
        &[
            OWNER,
            field("first_token_id", 2, Kind::Bytes),
            field("first_token_balance", 3, Kind::Number),
            field("second_token_id", 4, Kind::Bytes),
            field("second_token_balance", 5, Kind::Number),
        ],
    ),
    contract("ExchangeInjectContract", 42, EXCHANGE),
    contract("ExchangeWithdrawContract", 43, EXCHANGE),
    contract(
        "ExchangeTransactionContract",
        44,
        &[
            OWNER,
            field("exchange_id", 2, Kind::Number),
            field("token_id", 3, Kind::Bytes),
            field("quant", 4, Kind::Number),
            field("expected", 5, Kind::Number),
        ],
    ),
    contract(
        "UpdateEnergyLimitContract",
        45,
        &[
            OWNER,
            field("contract_address", 2, Kind::Address),
            field("origin_energy_limit", 3, Kind::Number),
        ],
    ),
    contract(
        PERMISSION_UPDATE,
        46,
        &[
            OWNER,
            field("owner", 2, Kind::Message(PERMISSION)),
            field("witness", 3, Kind::Message(PERMISSION)),
            field("actives", 4, Kind::Repeated(PERMISSION)),
        ],
    ),
    contract("ClearABIContract", 48, &[OWNER, field("contract_address", 2, Kind::Address)]),
    contract("UpdateBrokerageContract", 49, &[OWNER, field("brokerage", 2, Kind::Number)]),
    contract(
        "FreezeBalanceV2Contract",
        54,
        &[OWNER, field("frozen_balance", 2, Kind::Number), field("resource", 3, RESOURCES)],
    ),
    contract(
        "UnfreezeBalanceV2Contract",
        55,
        &[OWNER, field("unfreeze_balance", 2, Kind::Number), field("resource", 3, RESOURCES)],
    ),
    contract("WithdrawExpireUnfreezeContract", 56, &[OWNER]),
    contract(
        "DelegateResourceContract",
        57,
        &[
            OWNER,
            field("resource", 2, RESOURCES),
            field("balance", 3, Kind::Number),
            field("receiver_address", 4, Kind::Address),
            field("lock", 5, Kind::Bool),
            field("lock_period", 6, Kind::Number),
        ],
    ),
    contract(
        "UnDelegateResourceContract",
        58,
        &[
            OWNER,
            field("resource", 2, RESOURCES),
            field("balance", 3, Kind::Number),
            field("receiver_address", 4, Kind::Address),
        ],
    ),
    contract("CancelAllUnfreezeV2Contract", 59, &[OWNER]),
];

/// The contract that changes who controls an account.
pub(super) const PERMISSION_UPDATE: &str = "AccountPermissionUpdateContract";

const EXCHANGE: &[Field] = &[
    OWNER,
    field("exchange_id", 2, Kind::Number),
    field("token_id", 3, Kind::Bytes),
    field("quant", 4, Kind::Number),
];

const PERMISSION: &[Field] = &[
    field("type", 1, Kind::Enum(&["Owner", "Witness", "Active"])),
    field("id", 2, Kind::Number),
    field("permission_name", 3, Kind::Text),
    field("threshold", 4, Kind::Number),
    field("parent_id", 5, Kind::Number),
    field("operations", 6, Kind::Bytes),
    field(
        "keys",
        7,
        Kind::Repeated(&[field("address", 1, Kind::Address), field("weight", 2, Kind::Number)]),
    ),
];

const ASSET_ISSUE: &[Field] = &[
    OWNER,
    field("name", 2, Kind::Bytes),
    field("abbr", 3, Kind::Bytes),
    field("total_supply", 4, Kind::Number),
    field(
        "frozen_supply",
        5,
        Kind::Repeated(&[
            field("frozen_amount", 1, Kind::Number),
            field("frozen_days", 2, Kind::Number),
        ]),
    ),
    field("trx_num", 6, Kind::Number),
    field("precision", 7, Kind::Number),
    field("num", 8, Kind::Number),
    field("start_time", 9, Kind::Number),
    field("end_time", 10, Kind::Number),
    field("order", 11, Kind::Number),
    field("vote_score", 16, Kind::Number),
    field("description", 20, Kind::Bytes),
    field("url", 21, Kind::Bytes),
    field("free_asset_net_limit", 22, Kind::Number),
    field("public_free_asset_net_limit", 23, Kind::Number),
    field("public_free_asset_net_usage", 24, Kind::Number),
    field("public_latest_free_net_time", 25, Kind::Number),
    field("id", 41, Kind::Text),
];

const SMART_CONTRACT: &[Field] = &[
    field("origin_address", 1, Kind::Address),
    field("contract_address", 2, Kind::Address),
    field("abi", 3, Kind::Message(&[field("entrys", 1, Kind::Repeated(ABI_ENTRY))])),
    field("bytecode", 4, Kind::Bytes),
    field("call_value", 5, Kind::Number),
    field("consume_user_resource_percent", 6, Kind::Number),
    field("name", 7, Kind::Text),
    field("origin_energy_limit", 8, Kind::Number),
    field("code_hash", 9, Kind::Bytes),
    field("trx_hash", 10, Kind::Bytes),
    field("version", 11, Kind::Number),
];

const ABI_ENTRY: &[Field] = &[
    field("anonymous", 1, Kind::Bool),
    field("constant", 2, Kind::Bool),
    field("name", 3, Kind::Text),
    field("inputs", 4, Kind::Repeated(ABI_PARAMETER)),
    field("outputs", 5, Kind::Repeated(ABI_PARAMETER)),
    field(
        "type",
        6,
        Kind::Enum(&[
            "UnknownEntryType",
            "Constructor",
            "Function",
            "Event",
            "Fallback",
            "Receive",
            "Error",
        ]),
    ),
    field("payable", 7, Kind::Bool),
    field(
        "stateMutability",
        8,
        Kind::Enum(&["UnknownMutabilityType", "Pure", "View", "Nonpayable", "Payable"]),
    ),
];

const ABI_PARAMETER: &[Field] = &[
    field("indexed", 1, Kind::Bool),
    field("name", 2, Kind::Text),
    field("type", 3, Kind::Text),
    field("internalType", NOT_KEPT, Kind::Text),
];
