//! Statements about many rows, whose texts never change: each is put together and prepared once, however many rows there are.
//!
//! SQLite takes a row a statement, since a statement costs next to nothing there, and one of many rows keeps a journal of its own.
//! PostgreSQL takes new rows as an array for each column, and the keys of rows in a few numbers of them, since each statement is a message.

use super::{Dialect, Error, Kind, Row, Statement, Write, value::Value};
use std::{borrow::Cow, iter};

/// How many keys a statement of PostgreSQL's names; those that are too few are filled up with the last.
const SIZES: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// New rows of one table.
#[derive(Debug)]
pub(crate) struct Insert {
    kinds: Vec<Kind>,
    file: String,
    postgres: String,
}

/// What is done about rows that are named by their keys.
#[derive(Debug)]
pub(crate) struct Keyed {
    file: String,
    postgres: [String; SIZES.len()],
}

impl Insert {
    /// The table, its columns with what they hold, and what follows the values: what to do about a row that is there.
    pub(crate) fn new(
        table: &str,
        columns: &[(&str, Kind)],
        then: impl Fn(Dialect) -> String,
    ) -> Self {
        let names = list(columns.iter().map(|(name, _)| (*name).to_owned()));
        let values = list((1..=columns.len()).map(|place| format!("?{place}")));
        let arrays = columns.iter().zip(1..);
        let arrays = list(arrays.map(|((_, kind), place)| format!("${place}::{}[]", kind.word())));
        Self {
            kinds: columns.iter().map(|(_, kind)| *kind).collect(),
            file: format!(
                "INSERT INTO {table} ({names}) VALUES ({values}){}",
                then(Dialect::Sqlite)
            ),
            postgres: format!(
                "INSERT INTO {table} ({names}) SELECT * FROM UNNEST({arrays}) AS row ({names}){}",
                then(Dialect::Postgres)
            ),
        }
    }

    /// Writes rows, each with a value for each column.
    pub(crate) async fn write<'q>(
        &'static self,
        tx: &mut Write,
        rows: Vec<Vec<Value<'q>>>,
    ) -> Result<(), Error> {
        if tx.dialect() == Dialect::Postgres && !rows.is_empty() {
            let mut columns: Vec<Vec<Value<'q>>> = vec![Vec::new(); self.kinds.len()];
            for values in rows {
                columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            }
            let arrays = self.kinds.iter().zip(columns);
            let values = arrays.map(|(kind, column)| Value::Many(*kind, column)).collect();
            Statement::new(Cow::Borrowed(&self.postgres), values).execute(tx).await?;
            return Ok(());
        }
        for values in rows {
            Statement::new(Cow::Borrowed(&self.file), values).execute(tx).await?;
        }
        Ok(())
    }
}

impl Keyed {
    /// A statement up to its `WHERE`, with how many values it has until then, the columns of the key, and what follows the keys.
    pub(crate) fn new(
        (head, led): (&str, usize),
        key: &[&str],
        then: impl Fn(Dialect) -> String,
    ) -> Self {
        let one = |sign: char, before: usize| {
            let parts = key.iter().zip(led + before * key.len() + 1..);
            let parts: Vec<_> =
                parts.map(|(name, place)| format!("{name} = {sign}{place}")).collect();
            parts.join(" AND ")
        };
        let head_of_file = head.replace('$', "?");
        Self {
            file: format!("{head_of_file} WHERE {}{}", one('?', 0), then(Dialect::Sqlite)),
            postgres: SIZES.map(|size| {
                let keys: Vec<_> =
                    (0..size).map(|before| format!("({})", one('$', before))).collect();
                format!("{head} WHERE {}{}", keys.join(" OR "), then(Dialect::Postgres))
            }),
        }
    }

    /// Says it of all rows with these keys; the rows it gives, in order within what one statement names.
    pub(crate) async fn run<'q>(
        &'static self,
        tx: &mut Write,
        led: &[Value<'q>],
        keys: &[Vec<Value<'q>>],
    ) -> Result<Vec<Row>, Error> {
        let most = match tx.dialect() {
            Dialect::Sqlite => 1,
            Dialect::Postgres => SIZES[SIZES.len() - 1],
        };
        let mut rows = Vec::new();
        for piece in keys.chunks(most) {
            let (text, missing) = self.text(tx.dialect(), piece.len());
            let filled = piece.iter().chain(piece.last().into_iter().cycle().take(missing));
            let values = led.iter().cloned().chain(filled.flatten().cloned()).collect();
            rows.extend(Statement::new(Cow::Borrowed(text), values).fetch_all(&mut *tx).await?);
        }
        Ok(rows)
    }

    /// The text for so many keys, and how many it names beside.
    fn text(&'static self, dialect: Dialect, keys: usize) -> (&'static str, usize) {
        let wide = iter::zip(SIZES, &self.postgres).find(|(size, _)| *size >= keys);
        match (dialect, wide) {
            (Dialect::Postgres, Some((size, text))) => (text, size - keys),
            (Dialect::Postgres | Dialect::Sqlite, _) => (&self.file, 0),
        }
    }
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed() -> &'static Keyed {
        Box::leak(Box::new(Keyed::new(("UPDATE t SET a = $1", 1), &["b", "c"], |_| {
            " -- end".to_owned()
        })))
    }

    #[test]
    fn keys_come_after_the_values_before_them_and_are_filled_up() {
        let (text, missing) = keyed().text(Dialect::Postgres, 2);
        assert_eq!(
            text,
            "UPDATE t SET a = $1 WHERE (b = $2 AND c = $3) OR (b = $4 AND c = $5) -- end"
        );
        assert_eq!(missing, 0);
        assert_eq!(keyed().text(Dialect::Postgres, 3).1, 1);
        assert_eq!(keyed().text(Dialect::Postgres, 64).1, 0);
        let (text, missing) = keyed().text(Dialect::Sqlite, 1);
        assert_eq!((text, missing), ("UPDATE t SET a = ?1 WHERE b = ?2 AND c = ?3 -- end", 0));
    }

    #[test]
    fn new_rows_are_an_array_for_each_column() {
        let insert = Insert::new("t", &[("a", Kind::Int), ("b", Kind::Text)], |_| String::new());
        assert_eq!(insert.file, "INSERT INTO t (a, b) VALUES (?1, ?2)");
        let arrays =
            "INSERT INTO t (a, b) SELECT * FROM UNNEST($1::bigint[], $2::text[]) AS row (a, b)";
        assert_eq!(insert.postgres, arrays);
    }
}
