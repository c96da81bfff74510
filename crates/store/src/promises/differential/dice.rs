//! Randomness that a seed decides: `SplitMix64` (Steele, Lea, Flood, 2014).

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        // Mixed first: seeds that are some steps apart would otherwise say the same, some steps apart.
        Self(mix(seed.wrapping_add(STEP)))
    }

    /// A number less than `end`, which is not 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(STEP);
        usize::try_from(mix(self.0) % end as u64).expect("it is less than a usize")
    }

    /// Whether something that happens this often in a hundred times happens now.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Milliseconds, up to this many times 50: few enough for two things to happen at the same time.
    pub(super) fn ms(&mut self, steps: u32) -> i64 {
        50 * i64::from(self.number(steps + 1))
    }

    pub(super) fn number(&mut self, end: u32) -> u32 {
        u32::try_from(self.below(end as usize)).expect("it is less than a u32")
    }

    /// One of these; there must be one.
    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// One of these, if there is one.
    pub(super) fn any<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        (!of.is_empty()).then(|| self.pick(of))
    }

    /// One of these words.
    pub(super) fn word(&mut self, of: &[&str]) -> String {
        self.pick(of).to_owned()
    }

    /// One of these words, or none.
    pub(super) fn maybe(&mut self, of: &[&str]) -> Option<String> {
        self.chance(60).then(|| self.word(of))
    }

    /// Some of these, in their order.
    pub(super) fn some<T: Clone>(&mut self, of: &[T], percent: usize) -> Vec<T> {
        of.iter().filter(|_| self.chance(percent)).cloned().collect()
    }
}

fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
