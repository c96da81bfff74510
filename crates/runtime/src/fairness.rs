//! Which lanes due work is taken from, and how much from each: in turn, one at a time, as far as there is room.

use std::collections::BTreeMap;
use store::work::Lane;

/// How much there is room for.
#[derive(Debug, Default)]
pub(crate) struct Rooms<'a> {
    /// In all.
    pub(crate) all: usize,
    /// Of that, what goes outside.
    pub(crate) outside: usize,
    /// Of that, by each connection.
    pub(crate) ways: BTreeMap<&'a str, usize>,
}

impl Rooms<'_> {
    /// Takes room for one piece of work, if there is some.
    fn take(&mut self, way: Option<&str>) -> bool {
        let Some(way) = way else {
            let has_room = self.all > 0;
            self.all -= usize::from(has_room);
            return has_room;
        };
        let Some(room) = self.ways.get_mut(way) else { return false };
        let has_room = self.all.min(self.outside).min(*room) > 0;
        for left in [&mut self.all, &mut self.outside, room] {
            *left -= usize::from(has_room);
        }
        has_room
    }
}

/// Takes from the lanes in turn, the one after `last` first, until there is no room for what is left. They come in the order of their turns.
pub(crate) fn allot<'a>(
    due: &[(Option<&'a str>, &'a Lane)],
    last: Option<&Lane>,
    rooms: &mut Rooms<'a>,
) -> Vec<(Lane, u32)> {
    let first = last.map_or(0, |last| due.partition_point(|(_, lane)| *lane <= last));
    let mut taken: Vec<(&Lane, u32)> = Vec::new();
    let mut turns: Vec<_> =
        due[first..].iter().chain(&due[..first]).map(|one| (one, None)).collect();
    while !turns.is_empty() {
        turns.retain_mut(|((way, lane), place)| {
            let has_room = rooms.take(*way);
            if has_room {
                let place = place.get_or_insert_with(|| {
                    taken.push((lane, 0));
                    taken.len() - 1
                });
                taken[*place].1 += 1;
            }
            has_room
        });
    }
    taken.into_iter().map(|(lane, most)| (lane.clone(), most)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey::effect::{Call, Timer};
    use serde_json::Value;
    use store::{InstanceId, JourneyId, work::Job};

    fn lane(journey: i64, connection: &str) -> Lane {
        let (operation, input) = (String::new(), Value::Null);
        let connection = connection.to_owned();
        let call = Call { connection, operation, input, timeout_ms: 1, attempt: 1 };
        Lane::of(InstanceId::stored(0), JourneyId::stored(journey), &Job::Call(call))
    }

    fn shares(due: &[Lane], last: Option<&Lane>, rooms: &[(&str, usize)], most: usize) -> Vec<u32> {
        let due: Vec<_> = due.iter().map(|lane| (lane.connection(), lane)).collect();
        let mut rooms = Rooms { all: most, outside: most, ways: rooms.iter().copied().collect() };
        let taken: BTreeMap<_, _> = allot(&due, last, &mut rooms).into_iter().collect();
        due.iter().map(|(_, lane)| taken.get(lane).copied().unwrap_or(0)).collect()
    }

    #[test]
    fn every_lane_gives_the_same_as_far_as_there_is_room() {
        let due = [lane(1, "crm"), lane(2, "crm"), lane(3, "mail"), lane(4, "slow")];
        let rooms = [("crm", 90), ("mail", 2), ("slow", 0)];
        assert_eq!(shares(&due, None, &rooms, 12), [5, 5, 2, 0]);
        assert_eq!(shares(&due, None, &rooms, 256), [45, 45, 2, 0]);
    }

    #[test]
    fn the_lane_after_the_last_one_is_first() {
        let due = [lane(1, "crm"), lane(2, "crm"), lane(3, "crm")];
        assert_eq!(shares(&due, None, &[("crm", 2)], 9), [1, 1, 0]);
        assert_eq!(shares(&due, Some(&due[1]), &[("crm", 2)], 9), [1, 0, 1]);
        assert_eq!(shares(&due, Some(&due[2]), &[("crm", 1)], 9), [1, 0, 0]);
    }

    #[test]
    fn what_stays_inside_has_a_way_of_its_own() {
        let timer = Job::Timer(Timer::Wait);
        let inside = Lane::of(InstanceId::stored(0), JourneyId::stored(1), &timer);
        let outward = lane(1, "crm");
        let due = [(Some("crm"), &outward), (None, &inside)];
        let mut rooms = Rooms { all: 9, outside: 2, ways: BTreeMap::from([("crm", 5)]) };
        assert_eq!(allot(&due, None, &mut rooms), [(outward.clone(), 2), (inside.clone(), 7)]);
    }
}
