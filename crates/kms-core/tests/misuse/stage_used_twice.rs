use kms_core::{Fresh, Journal, Limits};

async fn twice(fresh: Fresh, journal: &dyn Journal, limits: &Limits) {
    let _first = fresh.reserve(journal, limits).await;
    let _second = fresh.reserve(journal, limits).await;
}

fn main() {}
