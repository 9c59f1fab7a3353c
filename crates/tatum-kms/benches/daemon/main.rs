//! The daemon as a process, against an API that costs next to nothing: the processor time of a
//! round in which nothing is pending, how fast many transactions are signed and sent, and how soon
//! a single one is. Each beside what it cannot be cheaper than, measured in the same run: the HTTP
//! calls, the signatures, an fsync.
//!
//! `cargo bench -p tatum-kms --bench daemon -- wallets=1000 pending=500 single=50 rounds=5` is a
//! quick run; a part of size zero is left out.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench prints its figures and cannot go on without its input"
)]

mod process;
mod server;

use std::{
    fs::File,
    hint::black_box,
    io::Write as _,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use bitcoin::secp256k1::{Message, Secp256k1, SecretKey};
use serde_json::json;

use self::{
    process::{Store, cpu_of_thread, id, with_key, with_phrase},
    server::{Client, Item, Server},
};

/// The most wallets that the API accepts in one poll.
const WALLETS: usize = 25_000;
const PENDING: usize = 10_000;
const SINGLE: usize = 500;
const ROUNDS: usize = 20;
/// Daemons that wait for single transactions side by side, each most of its time idle: one would
/// take a second a transaction. `daemons=1` keeps them out of each other's way.
const DAEMONS: usize = 8;
const CALLS: usize = 400;
const SIGNATURES: u32 = 4_000;
const WAIT_MAX: Duration = Duration::from_secs(600);

struct Sizes {
    wallets: usize,
    pending: usize,
    single: usize,
    rounds: usize,
    daemons: usize,
}

impl Sizes {
    fn read() -> Self {
        let words: Vec<_> = std::env::args().collect();
        let size = |name: &str, usual| {
            let given = words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            given.map_or(usual, |given| given.parse().expect(name))
        };
        Self {
            wallets: size("wallets", WALLETS),
            pending: size("pending", PENDING),
            single: size("single", SINGLE),
            rounds: size("rounds", ROUNDS).max(1),
            daemons: size("daemons", DAEMONS).max(1),
        }
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}

fn percentile(times: &mut [Duration], per_cent: usize) -> Duration {
    times.sort_unstable();
    let place = (times.len() * per_cent / 100).min(times.len().saturating_sub(1));
    times.get(place).copied().unwrap_or_default()
}

/// Returns true if it came true before the time was over.
fn wait_for(mut is_so: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() > WAIT_MAX {
            println!("  given up after {WAIT_MAX:?}");
            return false;
        }
        sleep(Duration::from_millis(5));
    }
    true
}

fn poll_body(ids: impl Iterator<Item = usize>) -> String {
    let ids: Vec<_> = ids.map(|number| id(number).as_str().to_owned()).collect();
    json!({ "signatureIds": ids }).to_string()
}

fn codes() -> Vec<&'static str> {
    kms_chains::CHAINS.iter().map(|chain| chain.spec().id.as_str()).collect()
}

/// Processor time of the client's side of one call to each chain.
fn cpu_of_calls(wallets: usize, rounds: usize) -> Duration {
    let server = Server::start();
    let mut client = Client::connect(server.address);
    let bodies = codes().into_iter().enumerate().map(|(place, code)| {
        let first = place * wallets;
        (format!("/v3/kms/pending/{code}"), poll_body(first..first + wallets))
    });
    let bodies: Vec<_> = bodies.collect();
    let start = cpu_of_thread();
    for _ in 0..rounds {
        for (path, body) in &bodies {
            black_box(client.call(path, body));
        }
    }
    (cpu_of_thread() - start) / u32::try_from(rounds).expect("a number")
}

fn empty_round(sizes: &Sizes) {
    let (codes, store, server) = (codes(), Store::new(), Server::start());
    let start = Instant::now();
    for (place, code) in codes.iter().enumerate() {
        let first = place * sizes.wallets;
        let records: Vec<_> =
            (first..first + sizes.wallets).map(|number| with_phrase(number, code)).collect();
        store.add(&records);
    }
    println!("empty round: {} chains, {} wallets each", codes.len(), sizes.wallets);
    println!("  stored in                   {:.1?}", start.elapsed());
    let calls = cpu_of_calls(sizes.wallets, sizes.rounds * 5);
    let daemon = store.start(&server);
    let rounds = || server.scene().rounds(codes.len());
    if !wait_for(|| rounds() >= 3) {
        return;
    }
    let (cpu, first) = (daemon.cpu(), rounds());
    if !wait_for(|| rounds() >= first + sizes.rounds) {
        return;
    }
    let own = (daemon.cpu() - cpu) / u32::try_from(rounds() - first).expect("a number");
    println!("  processor, a round          {}", milliseconds(own));
    println!("  processor, the raw calls    {}", milliseconds(calls));
    let beyond = milliseconds(own.saturating_sub(calls));
    println!("  beyond the calls            {beyond}   (reach: 5 ms)");
    println!("  resident                    {} MB", daemon.resident());
    wall(&server, sizes.rounds);
}

/// With an API that takes its time, for each chain another: a round is to be as long as the
/// slowest call. Where chains are polled each at its own pace, the spread of their polls is in it.
fn wall(server: &Server, rounds: usize) {
    let codes = codes();
    let slow = |place: usize| Duration::from_millis(100 + 10 * place as u64);
    let delays = codes.iter().enumerate().map(|(place, code)| ((*code).to_owned(), slow(place)));
    server.scene().delays = delays.collect();
    // The round in hand may be half with and half without.
    let first = server.scene().rounds(codes.len()) + 2;
    if !wait_for(|| server.scene().rounds(codes.len()) >= first + rounds) {
        return;
    }
    let scene = server.scene();
    let mut walls = Vec::new();
    let mut slowest = Vec::new();
    for round in first..first + rounds {
        let polls: Vec<_> = scene.polls.values().map(|polls| polls[round]).collect();
        let begun = polls.iter().map(|poll| poll.begun).min().expect("polls");
        let answered = polls.iter().map(|poll| poll.answered).max().expect("polls");
        walls.push(answered - begun);
        let longest = polls.iter().map(|poll| poll.answered - poll.begun).max();
        slowest.push(longest.expect("polls"));
    }
    let (wall, slowest) = (percentile(&mut walls, 50), percentile(&mut slowest, 50));
    let ratio = wall.as_secs_f64() / slowest.as_secs_f64();
    println!("  from first poll to last     {}", milliseconds(wall));
    println!("  slowest call                {}", milliseconds(slowest));
    println!("  ratio                       {ratio:.2}   (reach: 1.10)");
}

/// A payment of which nothing has to be looked up. A nonce of zero would have to be looked up.
fn item(transaction: usize, wallet: usize, nonce: usize) -> Item {
    let payload = json!({
        "to": "0x52908400098527886E0F7030069857D2E4169EE7", "value": "1000", "gas": 21_000,
        "gasPrice": "1000000000", "nonce": nonce, "chainId": 11_155_111,
    });
    let id_of_transaction = format!("{transaction:024x}");
    let pending = json!({
        "id": id_of_transaction, "chain": "ETH", "hashes": [id(wallet).as_str()],
        "serializedTransaction": payload.to_string(),
    });
    Item { id: id_of_transaction, json: pending.to_string(), offered: None, arrived: None }
}

fn median_of_call() -> Duration {
    let server = Server::start();
    let mut client = Client::connect(server.address);
    let body = json!({ "txData": "0x".to_owned() + &"ab".repeat(110), "signatureId": "x" });
    let body = body.to_string();
    let mut times = Vec::new();
    for _ in 0..CALLS {
        let start = Instant::now();
        black_box(client.call("/v3/ethereum/broadcast", &body));
        times.push(start.elapsed());
    }
    percentile(&mut times, 50)
}

fn signature() -> Duration {
    let context = Secp256k1::signing_only();
    let key = SecretKey::from_slice(&[7; 32]).expect("a key");
    let start = Instant::now();
    for number in 0..SIGNATURES {
        let mut hash = [9; 32];
        hash[..4].copy_from_slice(&number.to_be_bytes());
        black_box(context.sign_ecdsa(&Message::from_digest(hash), &key));
    }
    start.elapsed() / SIGNATURES
}

fn fsync(directory: &Path) -> Duration {
    let mut file = File::create(directory.join("fsync")).expect("a file");
    let mut times = Vec::new();
    for _ in 0..9 {
        let start = Instant::now();
        file.write_all(&[7; 4096]).and_then(|()| file.sync_all()).expect("written");
        times.push(start.elapsed());
    }
    percentile(&mut times, 50)
}

fn many(count: usize) {
    let (store, server) = (Store::new(), Server::start());
    store.add(&(0..count).map(with_key).collect::<Vec<_>>());
    println!("many at once: {count} transactions of as many wallets");
    println!("  one signature               {:.1?}", signature());
    println!("  one HTTP call               {:.1?}", median_of_call());
    println!("  one fsync                   {:.1?}", fsync(store.path()));
    let daemon = store.start(&server);
    if !wait_for(|| server.scene().rounds(1) >= 1) {
        return;
    }
    let cpu = daemon.cpu();
    server.scene().offer((0..count).map(|number| item(number, number, 7)).collect());
    let is_whole = wait_for(|| server.scene().arrived() == count);
    let cpu = daemon.cpu() - cpu;
    let scene = server.scene();
    let first = scene.items.iter().filter_map(|item| item.offered).min();
    let last = scene.items.iter().filter_map(|item| item.arrived).max();
    let (Some(first), Some(last)) = (first, last) else { return };
    let (time, arrived) = (last.saturating_duration_since(first), scene.arrived());
    let rate = arrived as f64 / time.as_secs_f64();
    let whole = if is_whole { "" } else { ", not all" };
    println!("  from poll to last broadcast {time:.2?} for {arrived}{whole}");
    println!(
        "  processor, each             {:.1?}",
        cpu / u32::try_from(arrived.max(1)).expect("u32")
    );
    println!("  signatures a second         {rate:.0}   (reach: 5,000)");
}

fn single(count: usize, daemons: usize) {
    let daemons = daemons.min(count);
    let each = count.div_ceil(daemons);
    println!("one by one: {} transactions, {daemons} daemons side by side", each * daemons);
    let call = median_of_call();
    let scenes: Vec<_> = (0..daemons).map(|_| (Store::new(), Server::start())).collect();
    let mut running = Vec::new();
    for (store, server) in &scenes {
        store.add(&[with_key(0)]);
        running.push(store.start(server));
        // Their rounds are not to fall on each other.
        sleep(Duration::from_millis(1_000) / u32::try_from(daemons).expect("a number"));
    }
    for (_, server) in &scenes {
        if !wait_for(|| server.scene().rounds(1) >= 2) {
            return;
        }
        let mut scene = server.scene();
        scene.one_by_one = true;
        scene.offer((1..=each).map(|number| item(number, 0, number)).collect());
    }
    wait_for(|| scenes.iter().all(|(_, server)| server.scene().arrived() == each));
    drop(running);
    let mut times = Vec::new();
    for (_, server) in &scenes {
        let scene = server.scene();
        let both = scene.items.iter().filter_map(|item| Some((item.offered?, item.arrived?)));
        times.extend(both.map(|(offered, arrived)| arrived.saturating_duration_since(offered)));
    }
    let beyond = |per_cent: usize, times: &mut [Duration]| {
        milliseconds(percentile(times, per_cent).saturating_sub(call))
    };
    println!("  one HTTP call               {call:.1?}");
    println!("  pending to broadcast beyond it, of {}", times.len());
    println!("    half                      {}", beyond(50, &mut times));
    println!("    99 of 100                 {}   (reach: 10 ms)", beyond(99, &mut times));
    println!("    the slowest               {}", beyond(100, &mut times));
}

fn main() {
    let sizes = Sizes::read();
    if sizes.wallets > 0 {
        empty_round(&sizes);
    }
    if sizes.pending > 0 {
        many(sizes.pending);
    }
    if sizes.single > 0 {
        single(sizes.single, sizes.daemons);
    }
}
