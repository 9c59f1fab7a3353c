//! Wiping of the data that functions leave on the stack when they return.

use std::hint::black_box;

/// Runs `act` in a frame of its own and overwrites the stack it may have used, up to so many
/// bytes. Ciphers and curves leave copies of keys there that their own wiping does not reach:
/// values that were moved, registers that were spilled.
pub fn with_wiped_stack<const BYTES: usize, T>(act: impl FnOnce() -> T) -> T {
    let outcome = run(act);
    wipe::<BYTES>();
    outcome
}

/// Never part of its caller's frame, which is not overwritten.
#[inline(never)]
fn run<T>(act: impl FnOnce() -> T) -> T {
    act()
}

#[inline(never)]
fn wipe<const BYTES: usize>() {
    let mut area = [0_u8; BYTES];
    black_box(&mut area);
}
