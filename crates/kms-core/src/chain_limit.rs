/// A limit on fees or outputs, in base units of the chain's coin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ChainLimit {
    /// The subject of the limit.
    pub kind: LimitKind,
    /// The limit itself.
    pub units: u64,
}

/// The subject of a [`ChainLimit`]. Rates are for 1,000 bytes, virtual ones where the chain has them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LimitKind {
    /// The lowest rate that is signed.
    FeeRateLeast,
    /// The rate that the network's developers advise. Nothing depends on it.
    FeeRateAdvised,
    /// The highest rate that is signed.
    FeeRateMost,
    /// The rate from which the least value of an output follows by the size of its script.
    DustRate,
    /// The least value of an output.
    Dust,
    /// The value below which an output costs as much again in fees.
    SoftDust,
}

impl LimitKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::FeeRateLeast,
        Self::FeeRateAdvised,
        Self::FeeRateMost,
        Self::DustRate,
        Self::Dust,
        Self::SoftDust,
    ];

    /// The name in settings and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FeeRateLeast => "fee-rate-least",
            Self::FeeRateAdvised => "fee-rate-advised",
            Self::FeeRateMost => "fee-rate-most",
            Self::DustRate => "dust-rate",
            Self::Dust => "dust",
            Self::SoftDust => "soft-dust",
        }
    }

    /// Returns true if the limit is a rate for 1,000 bytes.
    pub const fn is_rate(self) -> bool {
        !matches!(self, Self::Dust | Self::SoftDust)
    }

    /// Returns true if an operator can set it.
    pub const fn can_be_set(self) -> bool {
        !matches!(self, Self::FeeRateAdvised)
    }
}
