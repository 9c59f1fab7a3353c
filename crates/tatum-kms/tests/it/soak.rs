//! The daemon amid faults: answers are lost, late, old and wrong, nodes forget, fees spike, wallets
//! run dry, the API offers again what was reported, the daemon is killed at any moment and started
//! again, and still everything is paid, once, and every report is true. `KMS_SOAK_SECONDS` makes it longer than the
//! usual 20 seconds, `KMS_SOAK_SEED` repeats the faults of an earlier run.

mod dice;
mod lives;
mod offers;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io::Write as _,
    time::{Duration, Instant},
};

use kms_sandbox::{Fault, Faults, Running, Sandbox, State, TransactionState};

use self::{
    dice::Dice,
    lives::Lives,
    offers::{Fate, Offer, Stock},
};
use crate::program::Place;

const SHORT_SECONDS: u64 = 20;
/// Each kind of fault, in per mille of the requests; a dozen kinds.
const SHARE: u16 = 12;
/// The rate of faults that apply only to lists: most lists have nothing to duplicate, reorder or
/// bring back.
const LIST_SHARE: u16 = 100;
/// Of the occasions.
const OCCASIONAL: u16 = 300;
/// Of the look-ups of prices and of gas: what fails of these waits longer each time.
const LOOKUP_SHARE: u16 = 40;
const HANG: Duration = Duration::from_millis(1500);
/// The last part of the time without kills, so that one life is long enough to look at its memory.
const CALM_PER_CENT: u32 = 30;
const OFFER_PAUSE: Duration = Duration::from_millis(300);
/// Offers just before the daemon is killed.
const BURST: u32 = 6;
/// The sandbox keeps 10,000 transactions.
const OFFERS_MAX: u32 = 4_000;
/// Flow's transactions take seconds each until they are sealed.
const FLOW_PAUSE: Duration = Duration::from_secs(20);
/// The time to finish: a transaction that failed often waits for ten minutes, but a few seconds
/// usually suffice.
const DRAIN_TIME: Duration = Duration::from_secs(660);
/// Rounds in which what failed is offered again and must not be reported again.
const QUIET_TIME: Duration = Duration::from_secs(5);
/// The growth of a daemon's memory that is allowed after its last start, in kB: caches, connection
/// pools.
const GROWTH_MAX_KB: u64 = 16 << 10;

struct Soak<'a> {
    sandbox: &'a Running,
    stock: Stock,
    dice: Dice,
    fates: BTreeMap<String, Fate>,
    next_flow: Instant,
    is_long: bool,
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect(name))
}

/// Beside the output of the tests, which is shown when one fails only.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn faults(seed: u64) -> Faults {
    let share = |fault| match fault {
        Fault::AlreadyKnown | Fault::FailedListed | Fault::Forgotten => OCCASIONAL,
        Fault::SpikingFee | Fault::DryWallet => LOOKUP_SHARE,
        Fault::DuplicateItems | Fault::ReorderedList | Fault::StaleList => LIST_SHARE,
        _ => SHARE,
    };
    let faults = Faults::new(seed, Fault::ALL.map(|fault| (fault, share(fault))));
    faults.and_then(|faults| faults.hanging(HANG)).expect("faults")
}

fn place(sandbox: &Running) -> Place {
    let url = format!("http://{}", sandbox.address());
    let place = Place::new().with("TATUM_API_URL", &url).with("TATUM_API_KEY", "key");
    kms_chains::CHAINS.iter().fold(place, |place, chain| {
        place.with(&format!("TATUM_KMS_NODE_URL_{}", chain.spec().id), &url)
    })
}

impl Soak<'_> {
    fn offer(&mut self, offers: Vec<Offer>) {
        for Offer { sample, fate } in offers {
            let id = self.sandbox.offer(sample).expect("it is offered");
            self.fates.insert(id.as_str().to_owned(), fate);
        }
    }

    /// Something of every chain, good and bad.
    fn offer_all(&mut self) {
        for code in self.stock.codes() {
            let good = self.stock.good(code, &mut self.dice);
            let bad = self.stock.bad(code, &mut self.dice);
            self.offer(good);
            self.offer(bad);
        }
        let rivals = self.stock.rivals(&mut self.dice);
        self.offer(rivals);
    }

    fn offer_some(&mut self) {
        let code = *self.dice.one_of(&self.stock.codes());
        if code == "FLOW" && Instant::now() < self.next_flow {
            return;
        }
        let offers = match self.dice.below(10) {
            0 => self.stock.bad(code, &mut self.dice),
            1 => self.stock.rivals(&mut self.dice),
            _ => self.stock.good(code, &mut self.dice),
        };
        if code == "FLOW" {
            self.next_flow = Instant::now() + FLOW_PAUSE;
        }
        self.offer(offers);
    }

    fn states(&self) -> BTreeMap<String, TransactionState> {
        let states = self.sandbox.states().into_iter();
        states.map(|told| (told.id.as_str().to_owned(), told)).collect()
    }

    /// The number of transactions that are still open.
    fn open(&self) -> usize {
        let states = self.states();
        let is_open = |(id, fate): &(&String, &Fate)| match fate {
            Fate::Paid => states[*id].state != State::Verified,
            Fate::Reported => states[*id].reports == 0,
            Fate::OneOf(_) => false,
        };
        self.fates.iter().filter(is_open).count()
    }

    /// Offers and kills, then only offers, until the time is over.
    fn run(&mut self, lives: &mut Lives<'_>, time: Duration) {
        let start = Instant::now();
        let calm = start + time * (100 - CALM_PER_CENT) / 100;
        let pause = OFFER_PAUSE.max(time / OFFERS_MAX);
        let (mut next_offer, mut next_note) = (start, start);
        let mut next_kill = start + self.life_time();
        while start.elapsed() < time {
            let now = Instant::now();
            if now >= next_offer {
                self.offer_some();
                next_offer = now + pause;
            }
            if now >= next_kill && now < calm {
                self.wait_for_work();
                match self.dice.below(4) {
                    0 => lives.stop(),
                    _ => lives.kill(),
                }
                next_kill = Instant::now() + self.life_time();
            }
            if self.is_long && now >= next_note {
                next_note = now + Duration::from_secs(10);
                let (offered, open) = (self.fates.len(), self.open());
                let (kills, elapsed) = (lives.counts.kills, start.elapsed().as_secs());
                note(&format!("soak: {elapsed} s, {offered} offered, {open} open, {kills} kills"));
            }
            lives.look();
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Most of a second a daemon does nothing; it is to die in the middle of something.
    fn wait_for_work(&mut self) {
        (0..BURST).for_each(|_| self.offer_some());
        let (start, before) = (Instant::now(), self.sandbox.requests());
        while self.sandbox.requests() == before && start.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(self.dice.below(100)));
    }

    fn life_time(&mut self) -> Duration {
        let time = Duration::from_millis(2_000 + self.dice.below(4_000));
        if self.is_long { time } else { time / 2 }
    }

    fn drain(&self, lives: &mut Lives<'_>) -> Duration {
        let start = Instant::now();
        while self.open() > 0 && start.elapsed() < DRAIN_TIME {
            lives.look();
            std::thread::sleep(Duration::from_millis(250));
        }
        start.elapsed()
    }

    /// Everything that is not as it should be, each with the daemon's last message about it.
    fn findings(&self, lives: &Lives<'_>) -> Vec<String> {
        let (states, broadcasts) = (self.states(), self.sandbox.broadcasts());
        let mut findings: Vec<_> =
            self.sandbox.violations().iter().map(ToString::to_string).collect();
        let unclaimed = self.sandbox.unclaimed().into_iter();
        findings.extend(unclaimed.map(|(chain, txid)| format!("{chain} has {txid}, unclaimed")));
        findings.extend(lives.counts.wrong_ends.iter().cloned());
        let mut paid: BTreeMap<&str, usize> = BTreeMap::new();
        for (id, fate) in &self.fates {
            let TransactionState { chain, state, reports, .. } = &states[id];
            let is_paid = *state == State::Verified;
            let is_right = match fate {
                Fate::Paid => is_paid && *reports == 0,
                Fate::Reported => *reports > 0 && !broadcasts.contains_key(id),
                Fate::OneOf(name) => {
                    *paid.entry(name).or_default() += usize::from(is_paid);
                    is_paid || !broadcasts.contains_key(id)
                }
            };
            if !is_right {
                let word = lives.last_word(id);
                findings
                    .push(format!("{chain} {id} ({fate:?}): {state:?}, {reports} reports; {word}"));
            }
        }
        let wrong = paid.iter().filter(|(_, count)| **count != 1);
        findings
            .extend(wrong.map(|(name, count)| format!("of the rivals {name} {count} were paid")));
        findings
    }

    /// By id, how often each was reported.
    fn reports(&self) -> BTreeMap<String, u64> {
        self.states().into_iter().map(|(id, told)| (id, told.reports)).collect()
    }

    fn table(&self, lives: &Lives<'_>, drained: Duration) -> String {
        let (states, broadcasts) = (self.states(), self.sandbox.broadcasts());
        let offered = |fate: fn(&Fate) -> bool| self.fates.values().filter(|one| fate(one)).count();
        let is_bad = |fate: &Fate| *fate == Fate::Reported;
        let reports: u64 = states.values().map(|told| told.reports).sum();
        let reported = states.values().filter(|told| told.reports > 0).count();
        let repeats = reports - reported as u64;
        let sent: u64 = broadcasts.values().flat_map(|own| &own.raws).map(|(_, count)| count).sum();
        let distinct = broadcasts.values().map(|own| own.raws.len()).max().unwrap_or_default();
        let chains: BTreeSet<_> = states.values().map(|told| told.chain.as_str()).collect();
        let (first, last, age) = lives.memory();
        let lives = &lives.counts;
        let paid = states.values().filter(|told| told.state == State::Verified).count();
        let rows = [
            ("chains", chains.len().to_string()),
            ("offered, to be paid", offered(|fate| *fate == Fate::Paid).to_string()),
            ("offered, never to be signed", offered(is_bad).to_string()),
            ("offered, one of two", offered(|fate| matches!(fate, Fate::OneOf(_))).to_string()),
            ("paid", paid.to_string()),
            ("reported", format!("{reported}, and {repeats} times again")),
            ("broadcasts", format!("{sent} of {} transactions", broadcasts.len())),
            ("distinct broadcasts of one id, at most", distinct.to_string()),
            ("violations", self.sandbox.violations().len().to_string()),
            ("kills", lives.kills.to_string()),
            ("SIGTERM", lives.stops.to_string()),
            ("starts", lives.starts.to_string()),
            ("drained in", format!("{drained:.1?}")),
            ("memory of the last life", format!("{first} kB, then {last} kB, in {age:.0?}")),
        ];
        let mut table = String::new();
        for (name, value) in rows {
            let _ = writeln!(table, "{name:40} {value}");
        }
        table
    }
}

fn table_of_faults(counts: &BTreeMap<Fault, u64>, requests: u64) -> String {
    let mut table = format!("{:40} {requests}\n", "requests");
    for fault in Fault::ALL {
        let count = counts.get(&fault).copied().unwrap_or_default();
        let _ = writeln!(table, "{:40} {count}", format!("fault {fault:?}"));
    }
    table
}

#[test]
fn a_daemon_that_is_killed_amid_faults_pays_everything_once() {
    let seconds = from_environment("KMS_SOAK_SECONDS");
    let time = Duration::from_secs(seconds.unwrap_or(SHORT_SECONDS));
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seed = from_environment("KMS_SOAK_SEED");
    let seed = seed.unwrap_or_else(|| u64::from(clock.expect("a time").subsec_nanos()));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let sandbox = runtime.block_on(Sandbox::start(None)).expect("a sandbox");
    let place = place(&sandbox);
    let singles = usize::try_from(20 + time.as_secs() / 4).expect("a number").min(500);
    let (stock, records) = Stock::make(singles);
    place.put_records(&records);
    let (dice, next_flow) = (Dice::new(seed), Instant::now() + FLOW_PAUSE);
    let is_long = seconds.is_some();
    let mut soak =
        Soak { sandbox: &sandbox, stock, dice, fates: BTreeMap::new(), next_flow, is_long };
    sandbox.set_faults(faults(seed));
    soak.offer_all();
    let four_eyes = format!("http://{}/sandbox/four-eyes", sandbox.address());
    let arguments = ["daemon", "--testnet", "--period", "1", "--externalUrlMethod", "POST"];
    let arguments =
        [arguments.as_slice(), &["--externalUrl", &four_eyes, "--four-eyes-yes-to-all"]].concat();
    let mut lives = Lives::begin(&place, &arguments);

    soak.run(&mut lives, time);
    sandbox.clear_faults();
    let (counts, requests) = (sandbox.fault_counts(), sandbox.requests());
    let drained = soak.drain(&mut lives);

    // What was reported in this life, and noted, is not reported again however often it comes.
    let listed = Faults::new(seed, [(Fault::FailedListed, 1000)]).expect("faults");
    sandbox.set_faults(listed);
    std::thread::sleep(QUIET_TIME);
    let before = soak.reports();
    std::thread::sleep(QUIET_TIME);
    let again = soak.reports();
    let listed_again = sandbox.fault_counts().get(&Fault::FailedListed).copied();
    lives.look();
    let table = soak.table(&lives, drained) + &table_of_faults(&counts, requests);
    let memory = lives.memory();
    lives.end();

    let findings = soak.findings(&lives);
    let shown = format!("seed {seed}\n{table}{}", findings.join("\n"));
    note(&shown);
    assert!(findings.is_empty(), "{shown}\n{}", lives.log_tail());
    assert_eq!(before, again, "seed {seed}: reported again");
    assert!(listed_again.is_some_and(|count| count > 44), "failed ones were offered again");
    // The last one is no end amid faults.
    assert!(lives.counts.kills + lives.counts.stops > 1, "{:?}", lives.counts);
    assert!(memory.1 <= memory.0 + GROWTH_MAX_KB, "seed {seed}: it grows: {memory:?}");
    let faults: u64 = counts.values().sum();
    assert!(faults > requests / 20, "{faults} faults in {requests} requests");
    if time >= Duration::from_secs(120) {
        assert_eq!(counts.len(), Fault::ALL.len(), "every kind of fault: {counts:?}");
    }
}
