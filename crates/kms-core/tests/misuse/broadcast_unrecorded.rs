use kms_core::{Broadcast, RawTransaction};

async fn send(network: &dyn Broadcast, raw: &RawTransaction) {
    let _ = network.broadcast(raw).await;
}

fn main() {}
