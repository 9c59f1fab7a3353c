//! Tests that every backend of the ledger has to pass, by subject. A backend's tests call
//! [`ledger_suite!`](crate::ledger_suite!) once.
#![expect(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "each function is a test, and ends by a panic when it fails"
)]

use std::sync::Arc;

use kms_core::{
    Amount, Asset, Bytes, ChainId, Claim, Duplicates, Effects, Entry, Fee, Filter, Intent,
    JournalError, Ledger, Limits, Network, Pending, PendingRequest, RawTransaction, Recalled,
    Reservation, Standing, Transfer,
};

pub mod entries;
pub mod fates;
pub mod limits;
pub mod operators;
pub mod shown;

/// An empty journal, which can be opened more than once and has a clock that is set.
pub trait Backend {
    fn open(&self) -> Arc<dyn Ledger>;

    /// In milliseconds since 1970.
    fn set_time(&self, now: u64);
}

/// Declares the tests; `$new` makes a [`Backend`].
#[macro_export]
macro_rules! ledger_suite {
    ($new:expr) => {
        $crate::ledger_suite!($new;
            entries: a_claim_listed_twice_does_not_free_the_others,
            entries: a_refused_reservation_changes_nothing,
            entries: of_two_reservations_of_one_id_the_last_one_records,
            entries: claims_without_bytes_are_taken_over_and_refused_ones_are_free,
            entries: other_content_under_a_signed_id_is_refused,
            entries: other_content_is_held_once_an_approver_was_asked,
            entries: what_could_not_be_signed_is_not_asked_about,
            fates: what_was_sent_is_followed_to_its_end,
            fates: only_what_can_never_be_in_the_chain_makes_way_for_another,
            fates: a_dropped_payment_takes_another_number_but_never_the_same,
            fates: numbers_that_nothing_uses_are_found,
            fates: one_transaction_of_the_chain_pays_one_id,
            fates: the_api_is_owed_the_truth_until_it_has_it,
            fates: a_report_that_is_on_its_way_when_the_payment_shows_up_is_corrected,
            fates: nothing_is_signed_anew_before_the_api_knows_what_came_of_the_first,
            fates: what_was_given_up_meanwhile_gets_no_bytes,
            limits: a_fee_far_above_the_usual_one_is_held,
            limits: the_same_payment_under_another_id_is_told_or_held,
            operators: what_is_paused_is_neither_signed_nor_sent_again,
            operators: what_an_operator_skips_is_left_alone_even_between_reservation_and_signature,
            operators: only_what_cannot_be_paid_is_cancelled_or_signed_again,
            operators: what_failed_too_often_stays_parked_until_its_content_or_an_operator_says_otherwise,
            operators: a_retry_that_is_refused_takes_nothing_back,
            operators: what_was_reported_is_signed_only_when_an_operator_says_so,
            shown: a_first_sending_that_is_refused_is_shown_as_refused_and_found_by_that_word,
            shown: what_is_found_in_the_chain_after_a_refusal_is_shown_as_confirmed,
            shown: signed_bytes_are_never_shown_as_waiting_or_parked,
        );
    };
    ($new:expr; $($module:ident: $name:ident,)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                $crate::ledger_suite::$module::$name(&$new).await;
            }
        )*
    };
}

fn pending(id: &str) -> Pending {
    crate::pending(ChainId::new("ETH"), id, &["wallet"], "payload")
}

fn mended(id: &str) -> Pending {
    let payload = String::from("mended");
    Pending::new(PendingRequest { payload, ..PendingRequest::clone(&pending(id)) })
}

/// A transaction that a test is about to have signed.
struct Wish {
    pending: Pending,
    claims: Vec<Claim>,
    receivers: Vec<&'static str>,
    fee: u64,
    limits: Limits,
}

impl Wish {
    fn of(id: &str, claims: &[&str]) -> Self {
        Self {
            pending: pending(id),
            claims: claims
                .iter()
                .map(|claim| Claim::Once { scope: String::from("test"), what: (*claim).to_owned() })
                .collect(),
            receivers: Vec::new(),
            fee: 0,
            limits: Limits { fee_multiple: None, duplicates: Duplicates::Ignored },
        }
    }

    fn paying(self, receivers: &[&'static str]) -> Self {
        Self { receivers: receivers.to_vec(), ..self }
    }

    fn effects(&self) -> Effects {
        let fee = Fee::native(Amount::from_base_units(self.fee));
        let mut effects = Effects::new(self.pending.chain, self.pending.network, fee);
        effects.add_payer("ours");
        for to in &self.receivers {
            let (to, tag) = ((*to).to_owned(), None);
            let amount = Amount::from_base_units(1);
            effects.add_transfer(Transfer {
                asset: Asset::Native,
                to,
                amount,
                to_self: false,
                tag,
            });
        }
        effects
    }

    async fn reserve(&self, journal: &dyn Ledger) -> Result<Reservation, JournalError> {
        journal.reserve(self.intent(&self.effects())).await
    }

    async fn ask(&self, journal: &dyn Ledger) -> Result<Option<String>, JournalError> {
        journal.note_question(self.intent(&self.effects())).await
    }

    fn intent<'a>(&'a self, effects: &'a Effects) -> Intent<'a> {
        Intent { pending: &self.pending, effects, claims: &self.claims, limits: &self.limits }
    }

    async fn sign(&self, journal: &dyn Ledger) -> Result<(), JournalError> {
        let reservation = self.reserve(journal).await?;
        record(journal, self.pending.id.as_str(), &reservation).await
    }

    async fn send(&self, journal: &dyn Ledger) -> Result<(), JournalError> {
        self.sign(journal).await?;
        journal.close(&self.pending.id, None, None).await
    }
}

async fn reserve(
    journal: &dyn Ledger,
    id: &str,
    claims: &[&str],
) -> Result<Reservation, JournalError> {
    Wish::of(id, claims).reserve(journal).await
}

async fn record(
    journal: &dyn Ledger,
    id: &str,
    reservation: &Reservation,
) -> Result<(), JournalError> {
    let raw = bytes(id);
    let txid = format!("0x{id}");
    let bytes = Bytes { raw: &raw, txid: Some(&txid), first_slot: Some(7) };
    journal.record(&pending(id).id, reservation, bytes).await
}

fn bytes(id: &str) -> RawTransaction {
    RawTransaction::from_text(format!("bytes of {id}"))
}

async fn recall(journal: &dyn Ledger, id: &str) -> Result<Recalled, JournalError> {
    journal.recall(&pending(id)).await
}

/// Returns true if nothing prevents a signature.
fn is_new(recalled: &Result<Recalled, JournalError>) -> bool {
    matches!(recalled, Ok(Recalled::New(_)))
}

fn known(entry: Entry) -> Recalled {
    Recalled::Known(entry)
}

async fn standing(journal: &dyn Ledger, id: &str) -> Standing {
    let filter = Filter { id: Some(id.to_owned()), ..Filter::default() };
    journal.standings(filter).await.unwrap().pop().unwrap()
}

async fn shown(journal: &dyn Ledger, id: &str) -> &'static str {
    standing(journal, id).await.shown().as_str()
}

async fn due(journal: &dyn Ledger) -> Vec<String> {
    let due = journal.due(ChainId::new("ETH"), Network::Testnet, 10).await.unwrap();
    due.into_iter().map(|one| one.id.to_string()).collect()
}
