//! The global allocator: a static arena that costs no `memory.grow`, then the ordinary allocator.
//!
//! Every call runs in a fresh instance that lives for milliseconds, so freeing is only worth the trouble for the block on top.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};

const ARENA_BYTES: usize = 1 << 20;

/// The blocks come first, at the alignment of the whole.
#[repr(C, align(16))]
struct Arena {
    bytes: UnsafeCell<[u8; ARENA_BYTES]>,
    used: Cell<usize>,
}

#[expect(unsafe_code, reason = "a component is one thread: nothing else can touch the arena")]
unsafe impl Sync for Arena {}

#[global_allocator]
static ARENA: Arena = Arena { bytes: UnsafeCell::new([0; ARENA_BYTES]), used: Cell::new(0) };

impl Arena {
    fn start(&self) -> *mut u8 {
        self.bytes.get().cast()
    }

    /// Where `block` begins in the arena, or None when it came from the ordinary allocator.
    fn offset_of(&self, block: *mut u8) -> Option<usize> {
        (block as usize).checked_sub(self.start() as usize).filter(|offset| *offset < ARENA_BYTES)
    }

    fn take(&self, layout: Layout) -> Option<*mut u8> {
        let begin = self.used.get().checked_next_multiple_of(layout.align())?;
        let end = begin.checked_add(layout.size())?;
        // The arena itself is aligned to 16; a larger alignment is not worth serving here.
        if end > ARENA_BYTES || layout.align() > 16 {
            return None;
        }
        self.used.set(end);
        Some(self.start().wrapping_add(begin))
    }
}

#[expect(
    unsafe_code,
    reason = "GlobalAlloc is an unsafe trait; blocks are disjoint ranges of the arena or the system allocator's own"
)]
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.take(layout).unwrap_or_else(|| unsafe { System.alloc(layout) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match self.offset_of(block) {
            Some(begin) if begin + layout.size() == self.used.get() => self.used.set(begin),
            Some(_) => {}
            None => unsafe { System.dealloc(block, layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(begin) = self.offset_of(block) else {
            return unsafe { System.realloc(block, layout, size) };
        };
        let on_top = begin + layout.size() == self.used.get();
        if on_top && begin.checked_add(size).is_some_and(|end| end <= ARENA_BYTES) {
            self.used.set(begin + size);
            return block;
        }
        let Ok(wanted) = Layout::from_size_align(size, layout.align()) else {
            return std::ptr::null_mut();
        };
        let moved = unsafe { self.alloc(wanted) };
        if !moved.is_null() {
            unsafe { std::ptr::copy_nonoverlapping(block, moved, layout.size().min(size)) };
        }
        moved
    }
}
