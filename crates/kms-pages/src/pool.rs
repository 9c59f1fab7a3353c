//! The source of memory: slots of a few sizes, cut from regions that are mapped once and kept;
//! larger requests get a mapping of their own.

use std::{
    alloc::{Layout, handle_alloc_error},
    ptr::{self, NonNull},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mlock, mmap_anonymous, munmap};

/// The smallest place; each size is twice the one before.
const SMALLEST: usize = 32;
const SIZES: usize = 8;
const LARGEST: usize = SMALLEST << (SIZES - 1);
/// A multiple of every page size that is in use, so that no lock is shared with other data.
const REGION: usize = 64 << 10;

static POOL: Mutex<Pool> = Mutex::new(Pool { sizes: [const { Size::new() }; SIZES] });
static UNLOCKED: AtomicUsize = AtomicUsize::new(0);

struct Pool {
    sizes: [Size; SIZES],
}

/// The places of one size.
struct Size {
    free: Vec<Place>,
    /// The part that is not yet cut into slots.
    rest: Option<(Place, usize)>,
}

#[derive(Clone, Copy)]
struct Place(NonNull<u8>);

// SAFETY: a slot is only a number until it is handed out, and it has one holder at a time.
unsafe impl Send for Place {}

impl Size {
    const fn new() -> Self {
        Self { free: Vec::new(), rest: None }
    }

    fn take(&mut self, size: usize) -> Place {
        if let Some(place) = self.free.pop() {
            return place;
        }
        let (place, left) = match self.rest {
            Some((place, left)) if left >= size => (place, left),
            _ => (map(REGION), REGION),
        };
        // SAFETY: at least `size` bytes are left of the region, so this is in it or at its end.
        let next = unsafe { place.0.add(size) };
        self.rest = Some((Place(next), left.saturating_sub(size)));
        place
    }
}

/// The number of bytes that could not be locked, because the system limits how much a process may
/// lock (`ulimit -l`). They may be swapped out; otherwise they are protected like the rest.
pub fn unlocked_bytes() -> usize {
    UNLOCKED.load(Ordering::Relaxed)
}

/// A place of at least so many bytes, all of them zero.
pub(crate) fn take(length: usize) -> NonNull<u8> {
    let Some((number, size)) = size_of(length) else { return map(whole(length)).0 };
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    match pool.sizes.get_mut(number) {
        Some(own) => own.take(size).0,
        None => map(REGION).0,
    }
}

/// Takes a place back, which the caller has filled with zeros and knows no more.
pub(crate) fn give_back(place: NonNull<u8>, length: usize) {
    let Some((number, _)) = size_of(length) else {
        // SAFETY: the place is a mapping of its own of this size, and nobody knows it any more.
        // A mapping that cannot be undone stays, wiped.
        let _ = unsafe { munmap(place.as_ptr().cast(), whole(length)) };
        return;
    };
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(own) = pool.sizes.get_mut(number) {
        own.free.push(Place(place));
    }
}

/// The slot size for a length; `None` for a separate mapping.
fn size_of(length: usize) -> Option<(usize, usize)> {
    let mut size = SMALLEST;
    for number in 0..SIZES {
        if length <= size {
            return Some((number, size));
        }
        size = size.saturating_mul(2);
    }
    None
}

const fn whole(length: usize) -> usize {
    length.div_ceil(REGION).saturating_mul(REGION)
}

const _: () = assert!(REGION.is_multiple_of(LARGEST));

/// Maps zeroed memory, and tells the kernel what it is for. Ends the process when there is none,
/// as every allocation does.
fn map(length: usize) -> Place {
    let (read_write, private) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
    // SAFETY: a new mapping at an address of the kernel's choice touches nothing that is there.
    let mapped = unsafe { mmap_anonymous(ptr::null_mut(), length, read_write, private) };
    let place = mapped.ok().and_then(|start| NonNull::new(start.cast::<u8>()));
    let Some(place) = place else { handle_alloc_error(Layout::new::<[u8; REGION]>()) };
    let start = place.as_ptr().cast();
    // SAFETY: the range is the mapping just made.
    if unsafe { mlock(start, length) }.is_err() {
        UNLOCKED.fetch_add(length, Ordering::Relaxed);
    }
    for advice in [Advice::LinuxDontDump, Advice::LinuxDontFork] {
        // Kernels from 3.4 on know both; core dumps are forbidden besides.
        // SAFETY: the range is the mapping just made; neither advice changes its content.
        let _ = unsafe { madvise(start, length, advice) };
    }
    Place(place)
}
