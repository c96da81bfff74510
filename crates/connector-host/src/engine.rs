//! The engine's configuration, the same for compiling and for running, and the clock that counts CPU time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, Thread};

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::limits;

/// The settings that compiled code depends on; whoever compiles for this host starts from them.
pub fn compile_config() -> Config {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.epoch_interruption(true);
    config.max_wasm_stack(limits::STACK_BYTES);
    config.memory_may_move(false);
    config.concurrency_support(false);
    config
}

/// A running engine whose instances come from a pool for `slots` calls at once.
pub(crate) fn pooled(slots: u32, memory: usize) -> wasmtime::Result<Engine> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots * 40)
        .total_memories(slots * 4)
        .total_tables(slots * 8)
        .total_stacks(slots)
        .max_memories_per_component(4)
        .max_tables_per_component(8)
        .max_core_instances_per_component(40)
        .max_memory_size(memory)
        .table_elements(limits::TABLE_ELEMENTS)
        .max_unused_warm_slots(slots.min(limits::WARM_SLOTS))
        .linear_memory_keep_resident(2 << 20)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    let mut config = compile_config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}

/// Advances the engine's epoch every 10 ms while calls run, and sleeps when none does.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

struct Shared {
    running: AtomicU32,
    parked: AtomicBool,
    over: AtomicBool,
}

/// How many quiet ticks pass before the ticker sleeps: waking it costs a system call.
const QUIET_TICKS: u32 = 100;

impl Ticker {
    pub(crate) fn start(engine: Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            running: AtomicU32::new(0),
            parked: AtomicBool::new(false),
            over: AtomicBool::new(false),
        });
        let theirs = Arc::clone(&shared);
        let handle = thread::Builder::new()
            .name("connector-ticks".into())
            .spawn(move || theirs.tick(&engine))?;
        Ok(Ticker { thread: handle.thread().clone(), shared })
    }

    /// Ticks go on at least until the guard is dropped.
    pub(crate) fn during_call(&self) -> Running<'_> {
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        if self.shared.parked.load(Ordering::SeqCst) {
            self.thread.unpark();
        }
        Running(self)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

impl Shared {
    fn tick(&self, engine: &Engine) {
        let mut quiet = 0;
        while !self.over.load(Ordering::SeqCst) {
            thread::sleep(limits::TICK);
            engine.increment_epoch();
            quiet = if self.running.load(Ordering::SeqCst) == 0 { quiet + 1 } else { 0 };
            if quiet >= QUIET_TICKS {
                self.sleep();
                quiet = 0;
            }
        }
    }

    fn sleep(&self) {
        self.parked.store(true, Ordering::SeqCst);
        // Checked after `parked` is set: a call that began before sees it and unparks, one that began after is seen here.
        while self.running.load(Ordering::SeqCst) == 0 && !self.over.load(Ordering::SeqCst) {
            thread::park();
        }
        self.parked.store(false, Ordering::SeqCst);
    }
}

pub(crate) struct Running<'a>(&'a Ticker);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.shared.running.fetch_sub(1, Ordering::SeqCst);
    }
}
