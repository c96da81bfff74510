//! Due times across every change of clocks of three zones over two years, and a zone without any: worked out by hand.

use super::tests::{calendar, duration};
use crate::Timestamp;

/// zone, calendar, from, duration, by, due (all times as the wall shows them, with their offset). The calendars are
/// `clock` (time on the clock), `always` (00:00 to 24:00), `night` (22:00 to 24:00 and 00:00 to 06:00), `early`
/// (02:30 to 04:00), all of them every day, and `office` (Monday to Friday, 09:00 to 17:00). Every change is on a Sunday.
const TABLE: &str = "
    # Europe/Berlin: on 2026-03-29 the clock leaps from 02:00 +01:00 to 03:00 +02:00.
    Europe/Berlin    clock  2026-03-28T12:00+01:00 P1D   -     2026-03-29T12:00+02:00 23 hours
    Europe/Berlin    clock  2026-03-28T12:00+01:00 PT24H -     2026-03-29T13:00+02:00
    Europe/Berlin    clock  2026-03-28T02:30+01:00 P1D   -     2026-03-29T03:30+02:00 02:30 is left out
    Europe/Berlin    clock  2026-03-22T12:00+01:00 P1W   -     2026-03-29T12:00+02:00
    Europe/Berlin    clock  2026-03-29T12:00+02:00 P1D   -     2026-03-30T12:00+02:00
    Europe/Berlin    always 2026-03-29T00:00+01:00 PT23H -     2026-03-30T00:00+02:00 the whole day
    Europe/Berlin    always 2026-03-28T12:00+01:00 PT24H -     2026-03-29T13:00+02:00
    Europe/Berlin    always 2026-03-28T12:00+01:00 P1D   -     2026-03-29T12:00+02:00
    Europe/Berlin    always 2026-03-28T12:00+01:00 P0D   02:30 2026-03-29T03:30+02:00 02:30 is left out
    Europe/Berlin    always 2026-03-28T12:00+01:00 P0D   09:00 2026-03-29T09:00+02:00
    Europe/Berlin    night  2026-03-28T22:00+01:00 PT7H  -     2026-03-29T06:00+02:00 2 + 5 hours
    Europe/Berlin    night  2026-03-28T22:00+01:00 PT8H  -     2026-03-29T23:00+02:00
    Europe/Berlin    early  2026-03-28T23:00+01:00 PT1H  -     2026-03-29T04:00+02:00 02:30 to 04:00 begins at 03:00
    Europe/Berlin    office 2026-03-27T16:00+01:00 PT2H  -     2026-03-30T10:00+02:00
    Europe/Berlin    office 2026-03-27T10:00+01:00 P1D   -     2026-03-30T10:00+02:00
    Europe/Berlin    office 2026-03-27T16:30+01:00 P0D   16:00 2026-03-30T16:00+02:00
    # Europe/Berlin: on 2027-03-28 the clock leaps from 02:00 +01:00 to 03:00 +02:00.
    Europe/Berlin    clock  2027-03-27T12:00+01:00 P1D   -     2027-03-28T12:00+02:00 23 hours
    Europe/Berlin    clock  2027-03-27T12:00+01:00 PT24H -     2027-03-28T13:00+02:00
    Europe/Berlin    clock  2027-03-27T02:30+01:00 P1D   -     2027-03-28T03:30+02:00 02:30 is left out
    Europe/Berlin    clock  2027-03-21T12:00+01:00 P1W   -     2027-03-28T12:00+02:00
    Europe/Berlin    clock  2027-03-28T12:00+02:00 P1D   -     2027-03-29T12:00+02:00
    Europe/Berlin    always 2027-03-28T00:00+01:00 PT23H -     2027-03-29T00:00+02:00 the whole day
    Europe/Berlin    always 2027-03-27T12:00+01:00 PT24H -     2027-03-28T13:00+02:00
    Europe/Berlin    always 2027-03-27T12:00+01:00 P1D   -     2027-03-28T12:00+02:00
    Europe/Berlin    always 2027-03-27T12:00+01:00 P0D   02:30 2027-03-28T03:30+02:00 02:30 is left out
    Europe/Berlin    always 2027-03-27T12:00+01:00 P0D   09:00 2027-03-28T09:00+02:00
    Europe/Berlin    night  2027-03-27T22:00+01:00 PT7H  -     2027-03-28T06:00+02:00 2 + 5 hours
    Europe/Berlin    night  2027-03-27T22:00+01:00 PT8H  -     2027-03-28T23:00+02:00
    Europe/Berlin    early  2027-03-27T23:00+01:00 PT1H  -     2027-03-28T04:00+02:00 02:30 to 04:00 begins at 03:00
    Europe/Berlin    office 2027-03-26T16:00+01:00 PT2H  -     2027-03-29T10:00+02:00
    Europe/Berlin    office 2027-03-26T10:00+01:00 P1D   -     2027-03-29T10:00+02:00
    Europe/Berlin    office 2027-03-26T16:30+01:00 P0D   16:00 2027-03-29T16:00+02:00
    # America/New_York: on 2026-03-08 the clock leaps from 02:00 -05:00 to 03:00 -04:00.
    America/New_York clock  2026-03-07T12:00-05:00 P1D   -     2026-03-08T12:00-04:00 23 hours
    America/New_York clock  2026-03-07T12:00-05:00 PT24H -     2026-03-08T13:00-04:00
    America/New_York clock  2026-03-07T02:30-05:00 P1D   -     2026-03-08T03:30-04:00 02:30 is left out
    America/New_York clock  2026-03-01T12:00-05:00 P1W   -     2026-03-08T12:00-04:00
    America/New_York clock  2026-03-08T12:00-04:00 P1D   -     2026-03-09T12:00-04:00
    America/New_York always 2026-03-08T00:00-05:00 PT23H -     2026-03-09T00:00-04:00 the whole day
    America/New_York always 2026-03-07T12:00-05:00 PT24H -     2026-03-08T13:00-04:00
    America/New_York always 2026-03-07T12:00-05:00 P1D   -     2026-03-08T12:00-04:00
    America/New_York always 2026-03-07T12:00-05:00 P0D   02:30 2026-03-08T03:30-04:00 02:30 is left out
    America/New_York always 2026-03-07T12:00-05:00 P0D   09:00 2026-03-08T09:00-04:00
    America/New_York night  2026-03-07T22:00-05:00 PT7H  -     2026-03-08T06:00-04:00 2 + 5 hours
    America/New_York night  2026-03-07T22:00-05:00 PT8H  -     2026-03-08T23:00-04:00
    America/New_York early  2026-03-07T23:00-05:00 PT1H  -     2026-03-08T04:00-04:00 02:30 to 04:00 begins at 03:00
    America/New_York office 2026-03-06T16:00-05:00 PT2H  -     2026-03-09T10:00-04:00
    America/New_York office 2026-03-06T10:00-05:00 P1D   -     2026-03-09T10:00-04:00
    America/New_York office 2026-03-06T16:30-05:00 P0D   16:00 2026-03-09T16:00-04:00
    # America/New_York: on 2027-03-14 the clock leaps from 02:00 -05:00 to 03:00 -04:00.
    America/New_York clock  2027-03-13T12:00-05:00 P1D   -     2027-03-14T12:00-04:00 23 hours
    America/New_York clock  2027-03-13T12:00-05:00 PT24H -     2027-03-14T13:00-04:00
    America/New_York clock  2027-03-13T02:30-05:00 P1D   -     2027-03-14T03:30-04:00 02:30 is left out
    America/New_York clock  2027-03-07T12:00-05:00 P1W   -     2027-03-14T12:00-04:00
    America/New_York clock  2027-03-14T12:00-04:00 P1D   -     2027-03-15T12:00-04:00
    America/New_York always 2027-03-14T00:00-05:00 PT23H -     2027-03-15T00:00-04:00 the whole day
    America/New_York always 2027-03-13T12:00-05:00 PT24H -     2027-03-14T13:00-04:00
    America/New_York always 2027-03-13T12:00-05:00 P1D   -     2027-03-14T12:00-04:00
    America/New_York always 2027-03-13T12:00-05:00 P0D   02:30 2027-03-14T03:30-04:00 02:30 is left out
    America/New_York always 2027-03-13T12:00-05:00 P0D   09:00 2027-03-14T09:00-04:00
    America/New_York night  2027-03-13T22:00-05:00 PT7H  -     2027-03-14T06:00-04:00 2 + 5 hours
    America/New_York night  2027-03-13T22:00-05:00 PT8H  -     2027-03-14T23:00-04:00
    America/New_York early  2027-03-13T23:00-05:00 PT1H  -     2027-03-14T04:00-04:00 02:30 to 04:00 begins at 03:00
    America/New_York office 2027-03-12T16:00-05:00 PT2H  -     2027-03-15T10:00-04:00
    America/New_York office 2027-03-12T10:00-05:00 P1D   -     2027-03-15T10:00-04:00
    America/New_York office 2027-03-12T16:30-05:00 P0D   16:00 2027-03-15T16:00-04:00
    # Australia/Sydney: on 2026-10-04 the clock leaps from 02:00 +10:00 to 03:00 +11:00.
    Australia/Sydney clock  2026-10-03T12:00+10:00 P1D   -     2026-10-04T12:00+11:00 23 hours
    Australia/Sydney clock  2026-10-03T12:00+10:00 PT24H -     2026-10-04T13:00+11:00
    Australia/Sydney clock  2026-10-03T02:30+10:00 P1D   -     2026-10-04T03:30+11:00 02:30 is left out
    Australia/Sydney clock  2026-09-27T12:00+10:00 P1W   -     2026-10-04T12:00+11:00
    Australia/Sydney clock  2026-10-04T12:00+11:00 P1D   -     2026-10-05T12:00+11:00
    Australia/Sydney always 2026-10-04T00:00+10:00 PT23H -     2026-10-05T00:00+11:00 the whole day
    Australia/Sydney always 2026-10-03T12:00+10:00 PT24H -     2026-10-04T13:00+11:00
    Australia/Sydney always 2026-10-03T12:00+10:00 P1D   -     2026-10-04T12:00+11:00
    Australia/Sydney always 2026-10-03T12:00+10:00 P0D   02:30 2026-10-04T03:30+11:00 02:30 is left out
    Australia/Sydney always 2026-10-03T12:00+10:00 P0D   09:00 2026-10-04T09:00+11:00
    Australia/Sydney night  2026-10-03T22:00+10:00 PT7H  -     2026-10-04T06:00+11:00 2 + 5 hours
    Australia/Sydney night  2026-10-03T22:00+10:00 PT8H  -     2026-10-04T23:00+11:00
    Australia/Sydney early  2026-10-03T23:00+10:00 PT1H  -     2026-10-04T04:00+11:00 02:30 to 04:00 begins at 03:00
    Australia/Sydney office 2026-10-02T16:00+10:00 PT2H  -     2026-10-05T10:00+11:00
    Australia/Sydney office 2026-10-02T10:00+10:00 P1D   -     2026-10-05T10:00+11:00
    Australia/Sydney office 2026-10-02T16:30+10:00 P0D   16:00 2026-10-05T16:00+11:00
    # Australia/Sydney: on 2027-10-03 the clock leaps from 02:00 +10:00 to 03:00 +11:00.
    Australia/Sydney clock  2027-10-02T12:00+10:00 P1D   -     2027-10-03T12:00+11:00 23 hours
    Australia/Sydney clock  2027-10-02T12:00+10:00 PT24H -     2027-10-03T13:00+11:00
    Australia/Sydney clock  2027-10-02T02:30+10:00 P1D   -     2027-10-03T03:30+11:00 02:30 is left out
    Australia/Sydney clock  2027-09-26T12:00+10:00 P1W   -     2027-10-03T12:00+11:00
    Australia/Sydney clock  2027-10-03T12:00+11:00 P1D   -     2027-10-04T12:00+11:00
    Australia/Sydney always 2027-10-03T00:00+10:00 PT23H -     2027-10-04T00:00+11:00 the whole day
    Australia/Sydney always 2027-10-02T12:00+10:00 PT24H -     2027-10-03T13:00+11:00
    Australia/Sydney always 2027-10-02T12:00+10:00 P1D   -     2027-10-03T12:00+11:00
    Australia/Sydney always 2027-10-02T12:00+10:00 P0D   02:30 2027-10-03T03:30+11:00 02:30 is left out
    Australia/Sydney always 2027-10-02T12:00+10:00 P0D   09:00 2027-10-03T09:00+11:00
    Australia/Sydney night  2027-10-02T22:00+10:00 PT7H  -     2027-10-03T06:00+11:00 2 + 5 hours
    Australia/Sydney night  2027-10-02T22:00+10:00 PT8H  -     2027-10-03T23:00+11:00
    Australia/Sydney early  2027-10-02T23:00+10:00 PT1H  -     2027-10-03T04:00+11:00 02:30 to 04:00 begins at 03:00
    Australia/Sydney office 2027-10-01T16:00+10:00 PT2H  -     2027-10-04T10:00+11:00
    Australia/Sydney office 2027-10-01T10:00+10:00 P1D   -     2027-10-04T10:00+11:00
    Australia/Sydney office 2027-10-01T16:30+10:00 P0D   16:00 2027-10-04T16:00+11:00
    # Europe/Berlin: on 2026-10-25 the clock goes back from 03:00 +02:00 to 02:00 +01:00.
    Europe/Berlin    clock  2026-10-24T12:00+02:00 P1D   -     2026-10-25T12:00+01:00 25 hours
    Europe/Berlin    clock  2026-10-24T12:00+02:00 PT24H -     2026-10-25T11:00+01:00
    Europe/Berlin    clock  2026-10-24T02:30+02:00 P1D   -     2026-10-25T02:30+02:00 the first of two
    Europe/Berlin    clock  2026-10-25T02:30+01:00 P1D   -     2026-10-26T02:30+01:00 from the second of two
    Europe/Berlin    clock  2026-10-25T02:30+02:00 PT1H  -     2026-10-25T02:30+01:00
    Europe/Berlin    always 2026-10-25T00:00+02:00 PT25H -     2026-10-26T00:00+01:00 the whole day
    Europe/Berlin    always 2026-10-24T12:00+02:00 P1D   -     2026-10-25T12:00+01:00
    Europe/Berlin    always 2026-10-24T12:00+02:00 P0D   02:30 2026-10-25T02:30+02:00 the first of two
    Europe/Berlin    always 2026-10-25T02:45+02:00 P0D   02:30 2026-10-26T02:30+01:00 the first has passed
    Europe/Berlin    night  2026-10-24T22:00+02:00 PT8H  -     2026-10-25T05:00+01:00 2 + 6 hours
    Europe/Berlin    night  2026-10-24T22:00+02:00 PT9H  -     2026-10-25T06:00+01:00 2 + 7 hours
    Europe/Berlin    office 2026-10-23T16:00+02:00 PT2H  -     2026-10-26T10:00+01:00
    Europe/Berlin    office 2026-10-23T10:00+02:00 P1D   -     2026-10-26T10:00+01:00
    Europe/Berlin    office 2026-10-23T16:30+02:00 P0D   16:00 2026-10-26T16:00+01:00
    # Europe/Berlin: on 2027-10-31 the clock goes back from 03:00 +02:00 to 02:00 +01:00.
    Europe/Berlin    clock  2027-10-30T12:00+02:00 P1D   -     2027-10-31T12:00+01:00 25 hours
    Europe/Berlin    clock  2027-10-30T12:00+02:00 PT24H -     2027-10-31T11:00+01:00
    Europe/Berlin    clock  2027-10-30T02:30+02:00 P1D   -     2027-10-31T02:30+02:00 the first of two
    Europe/Berlin    clock  2027-10-31T02:30+01:00 P1D   -     2027-11-01T02:30+01:00 from the second of two
    Europe/Berlin    clock  2027-10-31T02:30+02:00 PT1H  -     2027-10-31T02:30+01:00
    Europe/Berlin    always 2027-10-31T00:00+02:00 PT25H -     2027-11-01T00:00+01:00 the whole day
    Europe/Berlin    always 2027-10-30T12:00+02:00 P1D   -     2027-10-31T12:00+01:00
    Europe/Berlin    always 2027-10-30T12:00+02:00 P0D   02:30 2027-10-31T02:30+02:00 the first of two
    Europe/Berlin    always 2027-10-31T02:45+02:00 P0D   02:30 2027-11-01T02:30+01:00 the first has passed
    Europe/Berlin    night  2027-10-30T22:00+02:00 PT8H  -     2027-10-31T05:00+01:00 2 + 6 hours
    Europe/Berlin    night  2027-10-30T22:00+02:00 PT9H  -     2027-10-31T06:00+01:00 2 + 7 hours
    Europe/Berlin    office 2027-10-29T16:00+02:00 PT2H  -     2027-11-01T10:00+01:00
    Europe/Berlin    office 2027-10-29T10:00+02:00 P1D   -     2027-11-01T10:00+01:00
    Europe/Berlin    office 2027-10-29T16:30+02:00 P0D   16:00 2027-11-01T16:00+01:00
    # America/New_York: on 2026-11-01 the clock goes back from 02:00 -04:00 to 01:00 -05:00.
    America/New_York clock  2026-10-31T12:00-04:00 P1D   -     2026-11-01T12:00-05:00 25 hours
    America/New_York clock  2026-10-31T12:00-04:00 PT24H -     2026-11-01T11:00-05:00
    America/New_York clock  2026-10-31T01:30-04:00 P1D   -     2026-11-01T01:30-04:00 the first of two
    America/New_York clock  2026-11-01T01:30-05:00 P1D   -     2026-11-02T01:30-05:00 from the second of two
    America/New_York clock  2026-11-01T01:30-04:00 PT1H  -     2026-11-01T01:30-05:00
    America/New_York always 2026-11-01T00:00-04:00 PT25H -     2026-11-02T00:00-05:00 the whole day
    America/New_York always 2026-10-31T12:00-04:00 P1D   -     2026-11-01T12:00-05:00
    America/New_York always 2026-10-31T12:00-04:00 P0D   01:30 2026-11-01T01:30-04:00 the first of two
    America/New_York always 2026-11-01T01:45-04:00 P0D   01:30 2026-11-02T01:30-05:00 the first has passed
    America/New_York night  2026-10-31T22:00-04:00 PT8H  -     2026-11-01T05:00-05:00 2 + 6 hours
    America/New_York night  2026-10-31T22:00-04:00 PT9H  -     2026-11-01T06:00-05:00 2 + 7 hours
    America/New_York office 2026-10-30T16:00-04:00 PT2H  -     2026-11-02T10:00-05:00
    America/New_York office 2026-10-30T10:00-04:00 P1D   -     2026-11-02T10:00-05:00
    America/New_York office 2026-10-30T16:30-04:00 P0D   16:00 2026-11-02T16:00-05:00
    # America/New_York: on 2027-11-07 the clock goes back from 02:00 -04:00 to 01:00 -05:00.
    America/New_York clock  2027-11-06T12:00-04:00 P1D   -     2027-11-07T12:00-05:00 25 hours
    America/New_York clock  2027-11-06T12:00-04:00 PT24H -     2027-11-07T11:00-05:00
    America/New_York clock  2027-11-06T01:30-04:00 P1D   -     2027-11-07T01:30-04:00 the first of two
    America/New_York clock  2027-11-07T01:30-05:00 P1D   -     2027-11-08T01:30-05:00 from the second of two
    America/New_York clock  2027-11-07T01:30-04:00 PT1H  -     2027-11-07T01:30-05:00
    America/New_York always 2027-11-07T00:00-04:00 PT25H -     2027-11-08T00:00-05:00 the whole day
    America/New_York always 2027-11-06T12:00-04:00 P1D   -     2027-11-07T12:00-05:00
    America/New_York always 2027-11-06T12:00-04:00 P0D   01:30 2027-11-07T01:30-04:00 the first of two
    America/New_York always 2027-11-07T01:45-04:00 P0D   01:30 2027-11-08T01:30-05:00 the first has passed
    America/New_York night  2027-11-06T22:00-04:00 PT8H  -     2027-11-07T05:00-05:00 2 + 6 hours
    America/New_York night  2027-11-06T22:00-04:00 PT9H  -     2027-11-07T06:00-05:00 2 + 7 hours
    America/New_York office 2027-11-05T16:00-04:00 PT2H  -     2027-11-08T10:00-05:00
    America/New_York office 2027-11-05T10:00-04:00 P1D   -     2027-11-08T10:00-05:00
    America/New_York office 2027-11-05T16:30-04:00 P0D   16:00 2027-11-08T16:00-05:00
    # Australia/Sydney: on 2026-04-05 the clock goes back from 03:00 +11:00 to 02:00 +10:00.
    Australia/Sydney clock  2026-04-04T12:00+11:00 P1D   -     2026-04-05T12:00+10:00 25 hours
    Australia/Sydney clock  2026-04-04T12:00+11:00 PT24H -     2026-04-05T11:00+10:00
    Australia/Sydney clock  2026-04-04T02:30+11:00 P1D   -     2026-04-05T02:30+11:00 the first of two
    Australia/Sydney clock  2026-04-05T02:30+10:00 P1D   -     2026-04-06T02:30+10:00 from the second of two
    Australia/Sydney clock  2026-04-05T02:30+11:00 PT1H  -     2026-04-05T02:30+10:00
    Australia/Sydney always 2026-04-05T00:00+11:00 PT25H -     2026-04-06T00:00+10:00 the whole day
    Australia/Sydney always 2026-04-04T12:00+11:00 P1D   -     2026-04-05T12:00+10:00
    Australia/Sydney always 2026-04-04T12:00+11:00 P0D   02:30 2026-04-05T02:30+11:00 the first of two
    Australia/Sydney always 2026-04-05T02:45+11:00 P0D   02:30 2026-04-06T02:30+10:00 the first has passed
    Australia/Sydney night  2026-04-04T22:00+11:00 PT8H  -     2026-04-05T05:00+10:00 2 + 6 hours
    Australia/Sydney night  2026-04-04T22:00+11:00 PT9H  -     2026-04-05T06:00+10:00 2 + 7 hours
    Australia/Sydney office 2026-04-03T16:00+11:00 PT2H  -     2026-04-06T10:00+10:00
    Australia/Sydney office 2026-04-03T10:00+11:00 P1D   -     2026-04-06T10:00+10:00
    Australia/Sydney office 2026-04-03T16:30+11:00 P0D   16:00 2026-04-06T16:00+10:00
    # Australia/Sydney: on 2027-04-04 the clock goes back from 03:00 +11:00 to 02:00 +10:00.
    Australia/Sydney clock  2027-04-03T12:00+11:00 P1D   -     2027-04-04T12:00+10:00 25 hours
    Australia/Sydney clock  2027-04-03T12:00+11:00 PT24H -     2027-04-04T11:00+10:00
    Australia/Sydney clock  2027-04-03T02:30+11:00 P1D   -     2027-04-04T02:30+11:00 the first of two
    Australia/Sydney clock  2027-04-04T02:30+10:00 P1D   -     2027-04-05T02:30+10:00 from the second of two
    Australia/Sydney clock  2027-04-04T02:30+11:00 PT1H  -     2027-04-04T02:30+10:00
    Australia/Sydney always 2027-04-04T00:00+11:00 PT25H -     2027-04-05T00:00+10:00 the whole day
    Australia/Sydney always 2027-04-03T12:00+11:00 P1D   -     2027-04-04T12:00+10:00
    Australia/Sydney always 2027-04-03T12:00+11:00 P0D   02:30 2027-04-04T02:30+11:00 the first of two
    Australia/Sydney always 2027-04-04T02:45+11:00 P0D   02:30 2027-04-05T02:30+10:00 the first has passed
    Australia/Sydney night  2027-04-03T22:00+11:00 PT8H  -     2027-04-04T05:00+10:00 2 + 6 hours
    Australia/Sydney night  2027-04-03T22:00+11:00 PT9H  -     2027-04-04T06:00+10:00 2 + 7 hours
    Australia/Sydney office 2027-04-02T16:00+11:00 PT2H  -     2027-04-05T10:00+10:00
    Australia/Sydney office 2027-04-02T10:00+11:00 P1D   -     2027-04-05T10:00+10:00
    Australia/Sydney office 2027-04-02T16:30+11:00 P0D   16:00 2027-04-05T16:00+10:00
    # Asia/Kolkata knows no change of clocks.
    Asia/Kolkata     clock  2026-03-28T12:00+05:30 P1D   -     2026-03-29T12:00+05:30
    Asia/Kolkata     clock  2026-03-28T12:00+05:30 PT24H -     2026-03-29T12:00+05:30
    Asia/Kolkata     always 2026-03-29T00:00+05:30 PT24H -     2026-03-30T00:00+05:30
    Asia/Kolkata     office 2026-03-27T16:00+05:30 PT2H  -     2026-03-30T10:00+05:30
    Asia/Kolkata     office 2027-10-29T16:30+05:30 P1D   16:00 2027-11-02T16:00+05:30
";

#[test]
fn due_times_hold_across_every_change_of_clocks() {
    let mut rows = 0;
    for row in TABLE.lines().filter(|row| row.contains('T')) {
        let columns: Vec<_> = row.split_whitespace().collect();
        let [zone, hours, from, text, by, due, ..] = columns[..] else { panic!("{row}") };
        let duration = duration(hours, text, Some(by).filter(|by| *by != "-"));
        let got = duration.after(at(from), &calendar(zone, hours));
        assert_eq!(got, Ok(at(due)), "{row}");
        rows += 1;
    }
    assert_eq!(rows, 185, "a row was not read");
}

/// A wall-clock time without seconds.
fn at(text: &str) -> Timestamp {
    let (time, offset) = text.split_at(16);
    Timestamp::from_rfc3339(&format!("{time}:00{offset}")).expect("a time of the table")
}
