//! Places at which a program that is being tested ends itself, as a power cut would, so that a test can see that nothing is lost there.
//!
//! What crosses to a disk, a database or another system has a [`Point`], reached once before it and once after it. Which one is deadly is
//! said by the environment: [`DEADLY`]. A program that is built to be shipped has neither the points nor the switch.

mod armed;
mod points;

use std::future::Future;

pub use points::Point;

/// Names the place that is deadly: `before POINT`, `after POINT` or `amid WORK`; `#N` behind it spares those who reach it earlier.
pub const DEADLY: &str = "WAYMARK_FAILPOINT";

/// Names a file in which each place that is reached is written down, a line each; `dead` is the last line of a program that ended itself.
pub const REACHED: &str = "WAYMARK_FAILPOINTS_REACHED";

/// Does what crosses to the outside, between its two places.
pub async fn around<T>(point: Point, work: impl Future<Output = T>) -> T {
    before(point);
    let done = work.await;
    after(point);
    done
}

/// As [`around`], for what is done at once.
pub fn at_once<T>(point: Point, work: impl FnOnce() -> T) -> T {
    before(point);
    let done = work();
    after(point);
    done
}

/// What crosses to the outside is about to be done.
fn before(point: Point) {
    armed::reach("before", point.name());
}

/// It was done, and nobody knows yet.
fn after(point: Point) {
    armed::reach("after", point.name());
}

/// A database has answered, in the middle of what is being done there; `doing` says what, and nothing of it need be durable.
pub fn amid(doing: &'static str) {
    armed::reach("amid", doing);
}
