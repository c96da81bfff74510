//! How much memory something takes at a time.

#![expect(unsafe_code, reason = "an allocator is, and this one only counts")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

#[global_allocator]
static COUNTING: Counting = Counting;

/// The system's allocator; what each thread holds is counted.
struct Counting;

thread_local! {
    /// What this thread took and did not give back, in bytes; what others gave it makes it negative.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    // A thread that ends gives things back after its own are gone.
    let _ = HELD.try_with(|held| {
        held.set(held.get().wrapping_add(bytes));
        let _ = MOST.try_with(|most| most.set(most.get().max(held.get())));
    });
}

// SAFETY: every call is passed on as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(layout.size().cast_signed().wrapping_neg());
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.cast_signed().wrapping_sub(layout.size().cast_signed()));
        unsafe { System.realloc(place, layout, size) }
    }
}

/// The most bytes this thread held at a time while it did something, beyond what it held before.
pub(crate) fn peak(does: impl FnOnce()) -> usize {
    let before = HELD.get();
    MOST.set(before);
    does();
    usize::try_from(MOST.get().wrapping_sub(before)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_for_a_moment_is_counted() {
        let taken = peak(|| drop(std::hint::black_box(vec![1_u8; 3 << 20])));
        assert!((3 << 20..4 << 20).contains(&taken), "{taken}");
        assert!(peak(|| ()) < 1024, "what was given back is not held");
    }
}
