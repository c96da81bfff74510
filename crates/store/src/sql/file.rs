//! Connections to a SQLite file, used by its own calls.
//!
//! A statement runs where it is asked for: handing it to another thread and back costs several times what most cost themselves. A look
//! that turns out to be long is broken off and done again on a thread that may block, where everything waits that waits for the disk.

use super::{Error, Row, Statement, row::Cells, value::Value};
use crate::limits;
use futures_util::{StreamExt, stream, stream::BoxStream};
use rusqlite::{Connection, OpenFlags};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::{coop::consume_budget, spawn_blocking},
};

/// How a file is opened.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    pub(crate) file: PathBuf,
    /// Connections at the same time; one for a file's writer.
    pub(crate) connections: u32,
    /// Whether they may only read.
    pub(crate) reads: Reads,
    /// How long a write waits for another process that holds the file.
    pub(crate) patience: Duration,
}

/// Whether a connection may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    Only,
    AndWrites,
}

/// Connections to one file, used one by one.
#[derive(Clone, Debug)]
pub(crate) struct File(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    opening: Opening,
    free: Mutex<Vec<Handle>>,
    room: Arc<Semaphore>,
}

#[derive(Debug)]
struct Handle {
    connection: Connection,
    /// What takes long is broken off.
    is_brief: Arc<AtomicBool>,
}

/// A connection in use; what it has begun and not committed is rolled back when it is given back.
#[derive(Debug)]
struct Lent {
    handle: Option<Handle>,
    file: Arc<Shared>,
    _place: OwnedSemaphorePermit,
}

/// A transaction on a file; what is not committed did not happen.
#[derive(Debug)]
pub(crate) struct FileWrite {
    /// Away while its rows are being streamed.
    lent: Option<Lent>,
}

impl File {
    /// Opens one connection; the others when they are needed.
    pub(crate) async fn open(opening: Opening) -> Result<Self, Error> {
        let room = Arc::new(Semaphore::new(opening.connections as usize));
        let file = Self(Arc::new(Shared { opening, free: Mutex::default(), room }));
        drop(file.lend().await?);
        Ok(file)
    }

    /// Closes all connections, when they are given back.
    pub(crate) async fn close(&self) {
        let all = self.0.room.acquire_many(self.0.opening.connections).await;
        self.0.room.close();
        drop(all);
        let free = std::mem::take(&mut *self.0.free());
        // The last one to close a file brings its log into it.
        let _ = spawn_blocking(move || drop(free)).await;
    }

    /// A statement on its own, whose work is durable when this returns.
    pub(super) async fn write(&self, statement: Statement<'_>) -> Result<u64, Error> {
        let (lent, statement) = (self.lend().await?, statement.into_owned());
        apart(move || lent.write(&statement)).await
    }

    pub(super) async fn rows(&self, statement: Statement<'_>) -> Result<Vec<Row>, Error> {
        let lent = self.lend().await?;
        match lent.rows_at_once(&statement) {
            Err(error) if error.is_broken_off() => {
                let statement = statement.into_owned();
                apart(move || lent.rows(&statement)).await
            }
            rows => rows,
        }
    }

    /// Begins a transaction that holds the write lock from the beginning.
    pub(super) async fn begin(&self) -> Result<FileWrite, Error> {
        let lent = self.lend().await?;
        match lent.begin(Duration::ZERO) {
            Err(error) if error.is_busy() => {
                let patience = self.0.opening.patience;
                apart(move || lent.begin(patience).map(|()| FileWrite { lent: Some(lent) })).await
            }
            begun => begun.map(|()| FileWrite { lent: Some(lent) }),
        }
    }

    /// Begins a transaction in which all that is read is as it is at one moment.
    pub(super) async fn begin_snapshot(&self) -> Result<FileWrite, Error> {
        let lent = self.lend().await?;
        lent.run("BEGIN")?;
        Ok(FileWrite { lent: Some(lent) })
    }

    async fn lend(&self) -> Result<Lent, Error> {
        let place = Arc::clone(&self.0.room).acquire_owned().await;
        let place = place.map_err(|_| Error::Closed)?;
        let free = self.0.free().pop();
        let handle = if let Some(handle) = free {
            handle
        } else {
            let file = Arc::clone(&self.0);
            apart(move || Handle::open(&file.opening)).await?
        };
        Ok(Lent { handle: Some(handle), file: Arc::clone(&self.0), _place: place })
    }
}

/// Work that may block.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    spawn_blocking(work).await.map_err(|_| Error::Closed)?
}

impl Shared {
    fn free(&self) -> MutexGuard<'_, Vec<Handle>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handle {
    fn open(opening: &Opening) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&opening.file, flags)?;
        connection.set_prepared_statement_cache_capacity(limits::STATEMENTS);
        connection.busy_timeout(opening.patience)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.pragma_update(None, "wal_autocheckpoint", limits::LOG_PAGES)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        match opening.reads {
            Reads::Only => connection.pragma_update(None, "query_only", "ON")?,
            Reads::AndWrites => {
                connection.pragma_update(None, "cache_size", -limits::WRITER_CACHE_KIB)?;
            }
        }
        let is_brief = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&is_brief);
        let is_long = move || asked.load(Ordering::Relaxed);
        connection.progress_handler(limits::BRIEF_STEPS, Some(is_long))?;
        Ok(Self { connection, is_brief })
    }
}

impl Lent {
    fn handle(&self) -> Result<&Handle, Error> {
        self.handle.as_ref().ok_or(Error::Closed)
    }

    fn run(&self, text: &str) -> Result<(), Error> {
        self.handle()?.connection.prepare_cached(text)?.raw_execute()?;
        Ok(())
    }

    fn begin(&self, patience: Duration) -> Result<(), Error> {
        let Handle { connection, .. } = self.handle()?;
        connection.busy_timeout(patience)?;
        let begun = self.run("BEGIN IMMEDIATE");
        connection.busy_timeout(self.file.opening.patience)?;
        begun
    }

    /// Hands each row to `take` until that wants no more.
    fn each(
        &self,
        statement: &Statement<'_>,
        mut take: impl FnMut(Row) -> bool,
    ) -> Result<(), Error> {
        let Handle { connection, .. } = self.handle()?;
        let mut prepared = connection.prepare_cached(&statement.numbered())?;
        for (place, value) in statement.values.iter().enumerate() {
            prepared.raw_bind_parameter(place + 1, value)?;
        }
        let width = prepared.column_count();
        let mut names: Option<Arc<[String]>> = None;
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next()? {
            let names = names.get_or_insert_with(|| {
                row.as_ref().column_names().into_iter().map(str::to_owned).collect()
            });
            let values = (0..width).map(|place| row.get(place)).collect::<Result<_, _>>()?;
            if !take(Row::File(Cells { names: Arc::clone(names), values })) {
                break;
            }
        }
        Ok(())
    }

    fn rows(&self, statement: &Statement<'_>) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        self.each(statement, |row| {
            rows.push(row);
            true
        })?;
        Ok(rows)
    }

    fn rows_at_once(&self, statement: &Statement<'_>) -> Result<Vec<Row>, Error> {
        let is_brief = &self.handle()?.is_brief;
        is_brief.store(true, Ordering::Relaxed);
        let rows = self.rows(statement);
        is_brief.store(false, Ordering::Relaxed);
        rows
    }

    fn write(&self, statement: &Statement<'_>) -> Result<u64, Error> {
        self.each(statement, |_| true)?;
        Ok(self.handle()?.connection.changes())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(handle) = self.handle.take() else { return };
        // A full disk makes SQLite roll back by itself.
        let is_over = handle.connection.is_autocommit();
        if is_over || handle.connection.execute_batch("ROLLBACK").is_ok() {
            self.file.free().push(handle);
        }
    }
}

impl FileWrite {
    fn lent(&self) -> Result<&Lent, Error> {
        self.lent.as_ref().ok_or(Error::Closed)
    }

    pub(super) async fn write(&mut self, statement: Statement<'_>) -> Result<u64, Error> {
        // Nothing here waits, so that others are given their turn by count.
        consume_budget().await;
        self.lent()?.write(&statement)
    }

    pub(super) async fn rows(&mut self, statement: Statement<'_>) -> Result<Vec<Row>, Error> {
        consume_budget().await;
        self.lent()?.rows(&statement)
    }

    /// The rows of a statement one after the other, never all at once.
    pub(super) fn stream(
        &mut self,
        statement: Statement<'_>,
    ) -> Result<BoxStream<'_, Result<Row, Error>>, Error> {
        let (lent, statement) = (self.lent.take().ok_or(Error::Closed)?, statement.into_owned());
        let (sender, rows) = mpsc::channel(limits::STREAMED_ROWS);
        let reading = spawn_blocking(move || {
            let read = lent.each(&statement, |row| sender.blocking_send(row).is_ok());
            (lent, read)
        });
        let begun = (self, rows, Some(reading));
        Ok(stream::unfold(begun, async |(write, mut rows, mut reading)| {
            if let Some(row) = rows.recv().await {
                return Some((Ok(row), (write, rows, reading)));
            }
            let read = match reading.take()?.await {
                Ok((lent, read)) => {
                    write.lent = Some(lent);
                    read
                }
                Err(_) => Err(Error::Closed),
            };
            read.err().map(|error| (Err(error), (write, rows, None)))
        })
        .boxed())
    }

    pub(super) async fn commit(self) -> Result<(), Error> {
        let lent = self.lent.ok_or(Error::Closed)?;
        apart(move || lent.run("COMMIT")).await
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::ValueRef;
        let value = match self {
            Self::Int(Some(number)) => ValueRef::Integer(*number),
            Self::Double(Some(number)) => ValueRef::Real(*number),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Int(None) | Self::Double(None) | Self::Text(None) | Self::Bytes(None) => {
                ValueRef::Null
            }
            Self::Many(..) => {
                let why = "an array is a value of PostgreSQL's";
                return Err(rusqlite::Error::ToSqlConversionFailure(why.into()));
            }
        };
        Ok(rusqlite::types::ToSqlOutput::Borrowed(value))
    }
}
