use kms_core::{Approved, Journal};

async fn twice(approved: Approved, journal: &dyn Journal) {
    let _first = approved.reserve(journal).await;
    let _second = approved.reserve(journal).await;
}

fn main() {}
