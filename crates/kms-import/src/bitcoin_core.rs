//! The text that `dumpwallet` of Bitcoin Core and its forks writes.
//! <https://developer.bitcoin.org/reference/rpc/dumpwallet.html>

use crate::{Contents, electrum, error::ImportError, target::Target};

/// The beginning of every such text.
pub(crate) const HEAD: &str = "# Wallet dump created by ";

/// Reads the keys. The one that the others are derived from has no coins and is left out.
pub(crate) fn read_dump(text: &str, target: &Target<'_>) -> Result<Contents, ImportError> {
    let mut found = Vec::new();
    let mut left = Left::default();
    for (number, line) in text.lines().enumerate() {
        let number = number.saturating_add(1);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (entry, comment) = line.split_once(" # ").unwrap_or((line, ""));
        let mut words = entry.split_whitespace();
        let key = words.next().unwrap_or_default();
        let marks: Vec<_> = words.skip(1).collect();
        let named = comment.split_whitespace().find_map(|word| word.strip_prefix("addr="));
        let named: Vec<_> = named.into_iter().flat_map(|named| named.split(',')).collect();
        if left.takes(&marks, &named, target.wishes.leave_out_reserve) {
            continue;
        }
        let key =
            electrum::read_key(key, target, &named).map_err(|error| error.at(Some(number)))?;
        found.push(key.on_line(number));
    }
    Ok(Contents { found, left: left.told(target.wishes.leave_out_reserve) })
}

/// The lines that hold no key that receives payments, counted.
#[derive(Default)]
struct Left {
    seeds: usize,
    scripts: usize,
    shielded: usize,
    reserved: usize,
}

impl Left {
    /// Returns true if a line is left out.
    fn takes(&mut self, marks: &[&str], named: &[&str], without_reserve: bool) -> bool {
        let is_marked = |mark: &str| marks.contains(&mark);
        let is_shielded =
            |address: &&str| address.starts_with("ltcmweb1") || address.starts_with("tmweb1");
        let (count, is_left) = if is_marked("script=1") {
            (&mut self.scripts, true)
        } else if is_marked("hdseed=1") || is_marked("inactivehdseed=1") {
            (&mut self.seeds, true)
        } else if !named.is_empty() && named.iter().all(is_shielded) {
            (&mut self.shielded, true)
        } else if is_marked("reserve=1") {
            (&mut self.reserved, without_reserve)
        } else {
            return false;
        };
        *count = count.saturating_add(1);
        is_left
    }

    fn told(&self, without_reserve: bool) -> Vec<String> {
        let mut told = Vec::new();
        for (count, which, why) in [
            (self.seeds, "HD seeds (hdseed=1)", "they receive no coins"),
            (self.scripts, "scripts (script=1)", "they are not keys"),
            (
                self.shielded,
                "keys of MWEB addresses",
                "this program does not sign for such addresses; coins on them stay where they are",
            ),
        ] {
            if count > 0 {
                told.push(format!("skipped: {count} {which}; {why}"));
            }
        }
        let reserved = self.reserved;
        if reserved > 0 && without_reserve {
            told.push(format!(
                "skipped: {reserved} keys in reserve (reserve=1), because of --without-reserve"
            ));
        } else if reserved > 0 {
            told.push(format!(
                "{reserved} of the keys are in reserve (reserve=1) and were never handed out; \
                 --without-reserve skips them"
            ));
        }
        told
    }
}
