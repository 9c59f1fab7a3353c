use kms_core::{Approved, Journal, Limits};

async fn twice(approved: Approved, journal: &dyn Journal, limits: &Limits) {
    let _first = approved.reserve(journal, limits).await;
    let _second = approved.reserve(journal, limits).await;
}

fn main() {}
