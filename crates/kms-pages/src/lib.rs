//! Memory for secrets: locked, so that it is not swapped out; left out of core dumps and of forked
//! children; wiped when it is given back.
//!
//! This is the only crate with unsafe code. It hands out [`LockedArray`] and [`LockedText`], which
//! are safe to use; `kms-secret` makes its types of them.

mod pool;
mod stack;

use std::{fmt, ptr::NonNull, slice, str};

use zeroize::Zeroize as _;

pub use pool::unlocked_bytes;
pub use stack::with_wiped_stack;

/// Bytes in pages of their own kind. Owns them, as a `Box<[u8]>` does.
struct LockedBytes {
    place: NonNull<u8>,
    length: usize,
}

// SAFETY: nobody else knows the place while this lives, as with a `Box`.
unsafe impl Send for LockedBytes {}
// SAFETY: through a shared reference the bytes are only read.
unsafe impl Sync for LockedBytes {}

impl LockedBytes {
    fn zeroed(length: usize) -> Self {
        Self { place: pool::take(length), length }
    }

    const fn bytes(&self) -> &[u8] {
        // SAFETY: `pool::take` gave `length` initialised bytes, which live until `drop`.
        unsafe { slice::from_raw_parts(self.place.as_ptr(), self.length) }
    }

    const fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`; the borrow of `self` is exclusive.
        unsafe { slice::from_raw_parts_mut(self.place.as_ptr(), self.length) }
    }
}

impl Drop for LockedBytes {
    fn drop(&mut self) {
        self.bytes_mut().zeroize();
        pool::give_back(self.place, self.length);
    }
}

/// A secret of a fixed number of bytes.
pub struct LockedArray<const LENGTH: usize>(LockedBytes);

impl<const LENGTH: usize> LockedArray<LENGTH> {
    /// Fills the secret where it will live, so that no copy is left on the stack or heap.
    pub fn init_with(fill: impl FnOnce(&mut [u8; LENGTH])) -> Self {
        let mut own = LockedBytes::zeroed(LENGTH);
        let mut place = own.place.cast::<[u8; LENGTH]>();
        // SAFETY: `own` holds `LENGTH` bytes, bytes need no alignment, and nobody else has them.
        fill(unsafe { place.as_mut() });
        own.place = place.cast();
        Self(own)
    }

    pub const fn expose(&self) -> &[u8; LENGTH] {
        let place = self.0.place.cast::<[u8; LENGTH]>();
        // SAFETY: the bytes are `LENGTH` long and live as long as `self`.
        unsafe { place.as_ref() }
    }
}

impl<const LENGTH: usize> fmt::Debug for LockedArray<LENGTH> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LockedArray")
    }
}

/// A secret text.
pub struct LockedText(LockedBytes);

impl LockedText {
    /// Moves a text; where it was is wiped.
    pub fn new(mut text: String) -> Self {
        let mut own = LockedBytes::zeroed(text.len());
        own.bytes_mut().copy_from_slice(text.as_bytes());
        text.zeroize();
        Self(own)
    }

    pub const fn expose(&self) -> &str {
        // SAFETY: the bytes are those of a `String` and are never changed.
        unsafe { str::from_utf8_unchecked(self.0.bytes()) }
    }
}

impl fmt::Debug for LockedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LockedText")
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        sync::{Mutex, MutexGuard, PoisonError},
        thread,
    };

    use super::*;

    /// The pages are the whole process's, and one test looks at which place it gets.
    fn alone() -> MutexGuard<'static, ()> {
        static TURN: Mutex<()> = Mutex::new(());
        TURN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[test]
    fn what_is_put_in_is_there_until_it_is_wiped() {
        let _turn = alone();
        let key = LockedArray::<32>::init_with(|bytes| bytes.fill(7));
        assert_eq!(key.expose(), &[7; 32]);
        let place = key.0.place.as_ptr() as usize;
        drop(key);
        let again = LockedArray::<32>::init_with(|bytes| assert_eq!(bytes, &[0; 32]));
        assert_eq!(again.0.place.as_ptr() as usize, place, "the place is used again");
        for length in [0, 1, 31, 32, 33, 4096, 4097, 100_000] {
            let text = "\u{e9}".repeat(length / 2) + &"x".repeat(length % 2);
            assert_eq!(LockedText::new(text.clone()).expose(), text);
        }
    }

    #[test]
    fn nobody_gets_what_another_has() {
        let _turn = alone();
        let keep = |number: u8| {
            let own: Vec<_> = (0..500_usize)
                .map(|size| LockedText::new(char::from(number).to_string().repeat(size % 300)))
                .collect();
            let kept = own.iter().zip(0..500_usize);
            kept.into_iter().all(|(text, size)| {
                text.expose().len() == size % 300
                    && text.expose().bytes().all(|byte| byte == number)
            })
        };
        let all: Vec<_> = (b'a'..b'i').map(|number| thread::spawn(move || keep(number))).collect();
        assert!(all.into_iter().all(|thread| thread.join().unwrap()));
    }

    /// The kernel's flags: `lo` is locked, `dd` is left out of dumps, `dc` out of children.
    #[test]
    fn the_pages_are_locked_and_left_out_of_dumps() {
        let _turn = alone();
        let small = LockedArray::<64>::init_with(|bytes| bytes.fill(1));
        let large = LockedText::new("x".repeat(10_000));
        let flags = |place: usize| {
            let maps = fs::read_to_string("/proc/self/smaps").unwrap();
            let mut is_own = false;
            for line in maps.lines() {
                let range = line.split(' ').next().and_then(|range| range.split_once('-'));
                let range = range.map(|(from, to)| {
                    (usize::from_str_radix(from, 16), usize::from_str_radix(to, 16))
                });
                if let Some((Ok(from), Ok(to))) = range {
                    is_own = (from..to).contains(&place);
                }
                if let Some(flags) = line.strip_prefix("VmFlags: ")
                    && is_own
                {
                    return flags.to_owned();
                }
            }
            String::new()
        };
        for place in [small.0.place.as_ptr() as usize, large.0.place.as_ptr() as usize] {
            let flags = flags(place);
            let has = |flag: &str| flags.split(' ').any(|own| own == flag);
            assert!(has("dd") && has("dc"), "{flags}");
            assert!(has("lo") || unlocked_bytes() > 0, "{flags}");
        }
    }
}
