use kms_core::{Approved, Journal, Limits};

async fn stale(approved: Approved, journal: &dyn Journal, limits: &Limits) {
    let _reserved = approved.reserve(journal, limits).await;
}

fn main() {}
