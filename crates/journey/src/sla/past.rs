//! The clock of a task that may be done: found again from the records of its instance.

use super::Clock;
use crate::{
    Instance, Position, Record,
    instance::{Corrupt, On},
};

/// The clock of the task at a position, stopped when the task was done; `None` when there was no task, or one without a clock.
///
/// # Errors
///
/// The records do not follow from one another.
pub fn clock_of<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    position: Position,
) -> Result<Option<Clock>, Corrupt> {
    let (mut instance, mut last) = (Instance::new(), None);
    for record in records {
        instance.apply(record)?;
        match instance.wait(position).map(|wait| &wait.on) {
            Some(On::Task { clock, .. }) => last = clock.as_deref().cloned(),
            Some(_) | None if last.is_some() => {
                return Ok(last.map(|clock| stopped(clock, record)));
            }
            Some(_) | None => {}
        }
    }
    Ok(last)
}

fn stopped(mut clock: Clock, record: &Record) -> Clock {
    for fact in clock.stop(record.at).unwrap_or_default() {
        // What a clock decides follows from its own state.
        if clock.apply(&fact).is_err() {
            break;
        }
    }
    clock
}
