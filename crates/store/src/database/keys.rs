//! What transactions that run beside each other must decide one after the other.
//!
//! SQLite has one writer, so it has no need of them. In PostgreSQL each is an advisory lock of the transaction, named by a hash: two
//! that fall together wait for each other without need, and that is all.

use crate::{
    AccountId, Failure, JourneyId,
    failure::Doing,
    sql::{AnyValue as Value, Bind, Dialect, Kind, Write, query},
};

/// One thing that is decided by one transaction at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key<'a> {
    /// The order in which events are taken in, and what accounts are.
    Events,
    /// Which instance a start key opens.
    Start(JourneyId, &'a str),
    /// Whether an account may enter a journey.
    Entry(JourneyId, AccountId),
    /// How many enter a journey in a day.
    Cap(JourneyId),
    /// The answer to a repeated request.
    Answer(&'a str, &'a str),
    /// Which lines of the audit log are sealed next.
    Seal,
    /// How many messages of a node somebody gets.
    Share(JourneyId, &'a str, &'a str),
}

impl Key<'_> {
    fn number(self) -> i64 {
        match self {
            Self::Events => hash(&[b"events"]),
            Self::Seal => hash(&[b"seal"]),
            Self::Start(journey, key) => {
                hash(&[b"start", &bytes(journey.number()), key.as_bytes()])
            }
            Self::Entry(journey, account) => {
                hash(&[b"entry", &bytes(journey.number()), &bytes(account.number())])
            }
            Self::Cap(journey) => hash(&[b"cap", &bytes(journey.number())]),
            Self::Answer(scope, key) => hash(&[b"answer", scope.as_bytes(), key.as_bytes()]),
            Self::Share(journey, node, to) => {
                hash(&[b"share", &bytes(journey.number()), node.as_bytes(), to.as_bytes()])
            }
        }
    }
}

/// Whether a transaction may take in events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Events,
    Others,
}

/// Waits until this transaction alone decides all of these, until it is over. To be asked for at once and first, so that no two wait for each other.
pub(super) async fn hold(
    tx: &mut Write,
    keys: impl IntoIterator<Item = Key<'_>>,
    doing: &'static str,
) -> Result<Holds, Failure> {
    let mut holds = Holds::Others;
    let keys = keys.into_iter().inspect(|key| {
        if *key == Key::Events {
            holds = Holds::Events;
        }
    });
    if tx.dialect() == Dialect::Sqlite {
        keys.for_each(drop);
        return Ok(holds);
    }
    let mut numbers: Vec<i64> = keys.map(Key::number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if !numbers.is_empty() {
        let numbers = Value::Many(Kind::Int, numbers.into_iter().map(Bind::value).collect());
        let locks = query("SELECT pg_advisory_xact_lock(key) FROM UNNEST($1::bigint[]) AS key");
        locks.bind(numbers).execute(tx).await.doing(doing)?;
    }
    Ok(holds)
}

fn bytes(number: i64) -> [u8; 8] {
    number.to_le_bytes()
}

/// FNV-1a of 64 bits over the parts, each with its length: the same in every release, since nodes of two run beside each other.
fn hash(parts: &[&[u8]]) -> i64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let lengths = parts.iter().map(|part| part.len().to_le_bytes());
    for byte in parts
        .iter()
        .zip(lengths)
        .flat_map(|(part, length)| length.into_iter().chain(part.iter().copied()))
    {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    i64::from_le_bytes(hash.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart_and_stay_what_they_are() {
        let journey = JourneyId::stored(7);
        let keys = [
            Key::Events,
            Key::Start(journey, "a"),
            Key::Start(journey, "b"),
            Key::Cap(journey),
            Key::Answer("ab", "c"),
            Key::Answer("a", "bc"),
        ];
        let mut numbers: Vec<i64> = keys.iter().map(|key| key.number()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), keys.len());
        assert_eq!(Key::Events.number(), -4_771_261_197_786_170_554);
    }
}
