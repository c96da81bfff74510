//! Ids: a kind, a time-ordered number and the slot it belongs to.
//!
//! 63 bits: 41 of milliseconds since 2020, 4 of who makes it, 8 of counter, 10 of slot, written as a prefix and 13 characters that sort by
//! time.

use journey::{Position, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
};

const EPOCH_MS: i64 = 1_577_836_800_000;
const SLOT_BITS: u32 = 10;
const MAKER_BITS: u32 = 4;
const COUNTER_BITS: u32 = 8;
/// How far the clock lies behind what was made before when it was set back, rather than that another node was a little ahead.
const BEHIND_MS: u64 = 1_000;
/// Milliseconds within which processes begin that follow each other under one number, while the clock is behind: 17 minutes.
const APART_BITS: u32 = 20;
/// What follows the milliseconds.
const BELOW_BITS: u32 = MAKER_BITS + COUNTER_BITS + SLOT_BITS;

/// Makers that are told apart; the first is for processes that are no nodes.
pub(crate) const MAKERS: i64 = 1 << MAKER_BITS;
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const NUMBER_LETTERS: u32 = 13;
const POSITION_LETTERS: u32 = 7;

/// Where what belongs to an account lives, once the work is spread over nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u16);

impl Slot {
    /// How many there are.
    pub const COUNT: u16 = 1 << SLOT_BITS;

    /// The slot of a name; the same for ever.
    pub fn of(name: &str) -> Self {
        // FNV-1a: short, and not to be changed, since slots are stored.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self::low_bits(hash ^ (hash >> 32))
    }

    /// The slot of what belongs to nobody and must be in one place.
    #[cfg(any(test, feature = "memory"))]
    pub(crate) fn first() -> Self {
        Self(0)
    }

    /// Every slot.
    #[cfg(any(test, feature = "memory"))]
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }

    /// For the database.
    pub(crate) fn number(self) -> i64 {
        i64::from(self.0)
    }

    fn low_bits(number: u64) -> Self {
        let bits = number % u64::from(Self::COUNT);
        Self(u16::try_from(bits).expect("a remainder of 1024 fits sixteen bits"))
    }
}

/// A text that is not an id of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id that starts with '{0}'")]
pub struct NotAnId(pub &'static str);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal $make:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// What its text starts with.
            pub const PREFIX: &'static str = $prefix;

            /// The number the database keeps.
            pub fn number(self) -> i64 {
                self.0
            }

            /// The slot it carries.
            pub fn slot(self) -> Slot {
                Slot::low_bits(self.0.unsigned_abs())
            }

            /// The id of a number that was kept.
            pub fn stored(number: i64) -> Self {
                Self(number)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                write_letters(f, self.0.unsigned_abs(), NUMBER_LETTERS)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                text.strip_prefix($prefix).and_then(read_number).map(Self).ok_or(NotAnId($prefix))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl Ids {
            /// A new id in `slot`.
            pub fn $make(&self, now: Timestamp, slot: Slot) -> $name {
                $name(self.next(now, slot))
            }
        }
    )*};
}

ids! {
    /// A journey.
    JourneyId "jrn_" journey;
    /// A published version of a journey.
    VersionId "ver_" version;
    /// One life of a journey.
    InstanceId "ins_" instance;
    /// A customer account.
    AccountId "acc_" account;
    /// A user.
    UserId "usr_" user;
    /// An API token.
    TokenId "tok_" token;
    /// A team.
    TeamId "tea_" team;
    /// An installed connector.
    ConnectorId "con_" connector;
    /// A configured connection.
    ConnectionId "cnx_" connection;
    /// A line of the audit log.
    AuditId "aud_" audit;
    /// One claim of work; no two claims share it.
    LeaseId "lea_" lease;
    /// An event.
    EventId "evt_" event;
    /// A move of instances to another version.
    MigrationId "mig_" migration;
    /// A review of a draft.
    ReviewId "rev_" review;
    /// A draft tried on the history of the workspace.
    BacktestId "bkt_" backtest;
    /// What came of something at one trigger or wait.
    ReactionId "rea_" reaction;
    /// Something a shadow run would have done.
    WouldHaveId "wld_" would_have;
}

/// A task: the instance it belongs to and where in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    pub instance: InstanceId,
    pub position: Position,
}

impl TaskId {
    /// What its text starts with.
    pub const PREFIX: &'static str = "tsk_";
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::PREFIX)?;
        write_letters(f, self.instance.0.unsigned_abs(), NUMBER_LETTERS)?;
        write_letters(f, u64::from(self.position.0), POSITION_LETTERS)
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TaskId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let wrong = NotAnId(Self::PREFIX);
        let letters = text.strip_prefix(Self::PREFIX).ok_or(wrong)?;
        let (instance, position) =
            letters.split_at_checked(NUMBER_LETTERS as usize).ok_or(wrong)?;
        if position.len() != POSITION_LETTERS as usize {
            return Err(wrong);
        }
        let instance = read_number(instance).map(InstanceId).ok_or(wrong)?;
        let position = read_letters(position).and_then(|number| u32::try_from(number).ok());
        Ok(Self { instance, position: Position(position.ok_or(wrong)?) })
    }
}

impl Serialize for TaskId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Something people were told: the commit that told them, and the place within it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoticeId {
    pub instance: InstanceId,
    pub sequence: u64,
    pub place: u32,
}

impl NoticeId {
    /// What its text starts with.
    pub const PREFIX: &'static str = "ntc_";
}

impl fmt::Display for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::PREFIX)?;
        write_letters(f, self.instance.0.unsigned_abs(), NUMBER_LETTERS)?;
        write_letters(f, self.sequence, NUMBER_LETTERS)?;
        write_letters(f, u64::from(self.place), POSITION_LETTERS)
    }
}

impl fmt::Debug for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for NoticeId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let read = || {
            let letters = text.strip_prefix(Self::PREFIX)?;
            let (instance, letters) = letters.split_at_checked(NUMBER_LETTERS as usize)?;
            let (sequence, place) = letters.split_at_checked(NUMBER_LETTERS as usize)?;
            if place.len() != POSITION_LETTERS as usize {
                return None;
            }
            Some(Self {
                instance: read_number(instance).map(InstanceId)?,
                sequence: read_number(sequence)?.unsigned_abs(),
                place: u32::try_from(read_letters(place)?).ok()?,
            })
        };
        read().ok_or(NotAnId(Self::PREFIX))
    }
}

/// Makes ids: each greater than the one before, whatever the clock does.
#[derive(Debug)]
pub struct Ids {
    seed: u64,
    maker: AtomicI64,
    /// It has made none under this maker's number yet.
    is_fresh: AtomicBool,
    /// Milliseconds and counter of the last one.
    last: AtomicU64,
}

impl Ids {
    /// `seed` sets where each millisecond's counter starts, so that two processes that are no nodes hardly ever make the same id.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            maker: AtomicI64::new(0),
            is_fresh: AtomicBool::new(true),
            last: AtomicU64::new(0),
        }
    }

    /// The slot of something that belongs to no account: spread by its time.
    pub fn any_slot(&self) -> Slot {
        let last = self.last.load(Ordering::Relaxed);
        Slot::low_bits(mix(last ^ self.seed))
    }

    /// From now on no other living process makes the same ids: among those that live this is nobody else's number.
    pub(crate) fn made_by(&self, maker: i64) {
        self.maker.store(maker.rem_euclid(MAKERS), Ordering::Relaxed);
        self.is_fresh.store(true, Ordering::Relaxed);
    }

    /// From now on ids are greater than this one, whoever made it.
    pub(crate) fn go_past(&self, number: i64) {
        let next_millisecond = ((number.unsigned_abs() >> BELOW_BITS) + 1) << COUNTER_BITS;
        let (mine, last) = (self.maker.load(Ordering::Relaxed), self.last.load(Ordering::Relaxed));
        let without_slot = (number.unsigned_abs() >> SLOT_BITS) << SLOT_BITS;
        if without_slot > assemble(last, mine) {
            self.last.fetch_max(next_millisecond, Ordering::Relaxed);
        }
    }

    fn next(&self, now: Timestamp, slot: Slot) -> i64 {
        let elapsed = u64::try_from(now.0.saturating_sub(EPOCH_MS)).unwrap_or(0);
        if self.is_fresh.swap(false, Ordering::Relaxed) {
            self.begin_apart(elapsed);
        }
        // The counter starts in its lower quarter, which leaves 190 ids before a millisecond borrows from the next.
        let start = mix(elapsed ^ self.seed) % (1 << (COUNTER_BITS - 2));
        let earliest = (elapsed << COUNTER_BITS) | start;
        let previous = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(earliest.max(last + 1)))
            .expect("the update always gives a value");
        let number = assemble(earliest.max(previous + 1), self.maker.load(Ordering::Relaxed));
        i64::try_from(number | u64::from(slot.0)).expect("53 and 10 bits fit 63")
    }

    /// Where the clock is behind what was made before, who had this maker's number before may have counted on from there, too: this process
    /// begins anywhere in the quarter of an hour after it.
    fn begin_apart(&self, elapsed: u64) {
        let last = self.last.load(Ordering::Relaxed);
        if last >> COUNTER_BITS > elapsed + BEHIND_MS {
            let apart = mix(self.seed ^ last) % (1 << APART_BITS);
            self.last.fetch_max(last + (apart << COUNTER_BITS), Ordering::Relaxed);
        }
    }
}

/// The id of these milliseconds and counter, without its slot.
fn assemble(time_and_counter: u64, maker: i64) -> u64 {
    let (time, counter) =
        (time_and_counter >> COUNTER_BITS, time_and_counter & ((1 << COUNTER_BITS) - 1));
    let below = (maker.unsigned_abs() << COUNTER_BITS | counter) << SLOT_BITS;
    ((time << BELOW_BITS) | below) & (u64::MAX >> 1)
}

/// The least id made at or after `at`, to find the rows of a time by their key.
pub(crate) fn first_number_at(at: Timestamp) -> i64 {
    let elapsed = at.0.saturating_sub(EPOCH_MS).clamp(0, (1 << 41) - 1);
    elapsed << BELOW_BITS
}

fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn write_letters(f: &mut fmt::Formatter<'_>, number: u64, letters: u32) -> fmt::Result {
    for place in (0..letters).rev() {
        let index = number.checked_shr(place * 5).unwrap_or(0) & 31;
        let letter = LETTERS[usize::try_from(index).expect("five bits fit")];
        fmt::Write::write_char(f, char::from(letter))?;
    }
    Ok(())
}

fn read_letters(letters: &str) -> Option<u64> {
    letters.bytes().try_fold(0_u64, |number, letter| {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        number.checked_mul(32)?.checked_add(u64::try_from(value).ok()?)
    })
}

fn read_number(letters: &str) -> Option<i64> {
    if letters.len() != NUMBER_LETTERS as usize {
        return None;
    }
    read_letters(letters).and_then(|number| i64::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_760_000_000_000);

    #[test]
    fn ids_grow_even_when_the_clock_goes_back() {
        let ids = Ids::new(7);
        let mut made: Vec<InstanceId> = Vec::new();
        for step in 0..10_000_i64 {
            let slot = Slot::of(&step.to_string());
            made.push(ids.instance(NOW.plus(-step), slot));
        }
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        let texts: Vec<String> = made.iter().map(ToString::to_string).collect();
        assert!(texts.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn makers_never_make_the_same_and_follow_each_other_when_told() {
        let makers: Vec<Ids> = (0..MAKERS)
            .map(|maker| {
                let ids = Ids::new(7);
                ids.made_by(maker);
                ids
            })
            .collect();
        let slot = Slot::of("a");
        let mut made: Vec<_> = (0..300)
            .flat_map(|_| makers.iter().map(|ids| ids.instance(NOW, slot)).collect::<Vec<_>>())
            .collect();
        made.sort_unstable();
        made.dedup();
        assert_eq!(made.len(), 300 * makers.len());
        let mut last = makers[3].event(NOW, slot);
        for ids in makers.iter().cycle().take(64) {
            ids.go_past(last.number());
            let next = ids.event(NOW.plus(-5_000), Slot::of("b"));
            assert!(next > last, "{next} follows {last}");
            last = next;
        }
    }

    #[test]
    fn who_follows_another_under_its_number_makes_none_of_its_ids_though_the_clock_is_behind() {
        let (slot, last) = (Slot::of("a"), Ids::new(3).event(NOW, Slot::of("b")));
        let made = (0..40).flat_map(|seed| {
            let ids = Ids::new(mix(seed));
            ids.made_by(2);
            ids.go_past(last.number());
            let made = (0..50).map(move |_| ids.instance(NOW.plus(-3_600_000), slot));
            made.collect::<Vec<_>>()
        });
        let made: Vec<_> = made.collect();
        assert!(made.iter().all(|id| id.number() > last.number()));
        let apart: std::collections::HashSet<_> = made.iter().collect();
        assert_eq!(apart.len(), made.len());
    }

    #[test]
    fn an_id_reads_back_and_keeps_its_slot() {
        let slot = Slot::of("7590-VHVEG");
        let id = Ids::new(1).account(NOW, slot);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.slot(), slot);
        assert!(id.number() >= first_number_at(NOW));
        assert!(id.number() < first_number_at(NOW.plus(2)));
    }

    #[test]
    fn a_task_id_names_its_instance_and_position() {
        let instance = Ids::new(1).instance(NOW, Slot::of("a"));
        let id = TaskId { instance, position: Position(u32::MAX) };
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn a_notice_id_names_its_commit_and_its_place() {
        let instance = Ids::new(1).instance(NOW, Slot::of("a"));
        let id = NoticeId { instance, sequence: 70_000, place: u32::MAX };
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["ntc_", "ntc_0", "ntc_000000000000100000000000010000", "ntc_é"] {
            assert_eq!(text.parse::<NoticeId>(), Err(NotAnId("ntc_")), "{text}");
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "ins_",
            "ins_0",
            "acc_0000000000001",
            "ins_zzzzzzzzzzzzz",
            "ins_000000000000é",
            "ins_000000000000U",
        ] {
            assert_eq!(text.parse::<InstanceId>(), Err(NotAnId("ins_")), "{text}");
        }
        for text in [
            "tsk_",
            "tsk_0000000000001",
            "tsk_00000000000010000",
            "tsk_0000000000001zzzzzzz",
            "tsk_000000000000é0000000",
        ] {
            assert_eq!(text.parse::<TaskId>(), Err(NotAnId("tsk_")), "{text}");
        }
    }
}
