//! For tests only: the vectors' format, fakes of the four ports, keys of test wallets.

mod journal;
mod keys;
mod lookup;
mod network;
pub mod vectors;

pub use journal::MemoryJournal;
pub use keys::TestKeys;
pub use lookup::RecordedAnswers;
pub use network::RecordingNetwork;
