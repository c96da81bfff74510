//! Statements that are put together.

use super::{
    Column, One, Read, Statement,
    value::{Bind, Value},
};
use std::{borrow::Cow, fmt::Write as _, marker::PhantomData};

/// A statement that grows.
#[derive(Debug)]
pub(crate) struct Builder<'q> {
    text: String,
    values: Vec<Value<'q>>,
}

impl<'q> Builder<'q> {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(crate) fn push_bind(&mut self, value: impl Bind<'q>) -> &mut Self {
        self.values.push(value.value());
        // Writing to a text cannot fail.
        let _ = write!(self.text, "${}", self.values.len());
        self
    }

    /// `VALUES (…), (…)`, a row for each.
    pub(crate) fn push_values<T>(
        &mut self,
        rows: impl IntoIterator<Item = T>,
        mut write: impl FnMut(List<'_, 'q>, T),
    ) -> &mut Self {
        self.push("VALUES ");
        for (place, row) in rows.into_iter().enumerate() {
            self.push(if place == 0 { "(" } else { ", (" });
            write(self.separated(", "), row);
            self.push(")");
        }
        self
    }

    /// A list of which the parts are divided by a text.
    pub(crate) fn separated(&mut self, by: &'static str) -> List<'_, 'q> {
        List { builder: self, by, is_begun: false }
    }

    pub(crate) fn build(self) -> Statement<'q> {
        Statement::new(Cow::Owned(self.text), self.values)
    }

    pub(crate) fn build_query_scalar<T: Column>(self) -> Read<'q, T, One> {
        Read { statement: self.build(), reads: PhantomData }
    }
}

/// A part of a statement that is a list.
#[derive(Debug)]
pub(crate) struct List<'b, 'q> {
    builder: &'b mut Builder<'q>,
    by: &'static str,
    is_begun: bool,
}

impl<'q> List<'_, 'q> {
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.divide();
        self.push_unseparated(text)
    }

    pub(crate) fn push_bind(&mut self, value: impl Bind<'q>) -> &mut Self {
        self.divide();
        self.push_bind_unseparated(value)
    }

    pub(crate) fn push_unseparated(&mut self, text: &str) -> &mut Self {
        self.builder.push(text);
        self
    }

    pub(crate) fn push_bind_unseparated(&mut self, value: impl Bind<'q>) -> &mut Self {
        self.builder.push_bind(value);
        self
    }

    fn divide(&mut self) {
        if std::mem::replace(&mut self.is_begun, true) {
            self.builder.push(self.by);
        }
    }
}
