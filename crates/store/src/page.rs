//! Pages of lists, found by the key of the row before them.

use crate::{
    ids::{InstanceId, NoticeId},
    limits,
};
use journey::{Position, Timestamp};
use std::{fmt, str::FromStr};

/// Which page of a list: the rows after `after`, at most `limit`.
#[derive(Clone, Copy, Debug)]
pub struct Paging<C> {
    pub after: Option<C>,
    limit: u32,
}

impl<C> Paging<C> {
    /// At least one row and at most [`limits::PAGE_ROWS`].
    pub fn new(after: Option<C>, limit: u32) -> Self {
        Self { after, limit: limit.clamp(1, limits::PAGE_ROWS) }
    }

    /// The first page.
    pub fn first(limit: u32) -> Self {
        Self::new(None, limit)
    }

    /// How many rows at most.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// One more than the page holds, which tells whether another follows.
    pub(crate) fn probe(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// One page, and where the next one starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T, C> {
    pub items: Vec<T>,
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// Cuts the probing row off.
    pub(crate) fn cut(mut rows: Vec<T>, paging: &Paging<C>, key: impl Fn(&T) -> C) -> Self {
        let limit = paging.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(key) } else { None };
        Self { items: rows, next }
    }
}

/// A text that no list gave out as the start of its next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct BadCursor;

/// Where a page of tasks starts: they are in order of their due dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskCursor {
    pub due: Timestamp,
    pub instance: InstanceId,
    pub position: Position,
}

impl fmt::Display for TaskCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.due.0, self.instance, self.position.0)
    }
}

impl FromStr for TaskCursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or(BadCursor);
        Ok(Self {
            due: Timestamp(part()?.parse().map_err(|_| BadCursor)?),
            instance: part()?.parse().map_err(|_| BadCursor)?,
            position: Position(part()?.parse().map_err(|_| BadCursor)?),
        })
    }
}

/// Where a page of notices starts: the newest come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoticeCursor {
    pub at: Timestamp,
    pub id: NoticeId,
}

impl fmt::Display for NoticeCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.0, self.id)
    }
}

impl FromStr for NoticeCursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let (at, id) = text.split_once('.').ok_or(BadCursor)?;
        let at = Timestamp(at.parse().map_err(|_| BadCursor)?);
        Ok(Self { at, id: id.parse().map_err(|_| BadCursor)? })
    }
}

/// Where a page of accounts starts: they are in order of their names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountCursor {
    pub name: String,
    pub id: crate::ids::AccountId,
}

impl fmt::Display for AccountCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.id, self.name)
    }
}

impl FromStr for AccountCursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let (id, name) = text.split_once('.').ok_or(BadCursor)?;
        Ok(Self { name: name.to_owned(), id: id.parse().map_err(|_| BadCursor)? })
    }
}
