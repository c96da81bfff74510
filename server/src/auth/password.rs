//! Passwords: argon2id, away from the request threads, a few at a time.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::{
    limits,
    problem::{Kind, Problem},
};

/// A stand-in for the hash of a user that does not exist, so that the answer takes as long.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("nobody has this password"));

/// Hashes and verifies passwords without starving anything else.
#[derive(Clone)]
pub(crate) struct Passwords {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { permits: Arc::new(Semaphore::new(limits::HASHES_AT_ONCE)), waiting: Arc::default() }
    }

    /// The hash to keep for a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Problem> {
        let hash = self.away(move || hash_now(&password)).await?;
        hash.ok_or_else(|| Problem::internal(&"argon2 could not hash a password"))
    }

    /// Whether `password` is the one behind `hash`; `None` stands for a user that does not exist and takes as long.
    pub(crate) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, Problem> {
        if password.len() > limits::PASSWORD_BYTES {
            return Ok(false);
        }
        self.away(move || {
            if let Some(hash) = hash {
                is_behind(&password, &hash)
            } else {
                let _ = NOBODY.as_deref().map(|hash| is_behind(&password, hash));
                false
            }
        })
        .await
    }

    async fn away<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let place = Place::take(&self.waiting)?;
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|error| Problem::internal(&error))?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((permit, place));
            done
        });
        done.await.map_err(|error| Problem::internal(&error))
    }
}

/// A place in the queue for a hash, given back when dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>) -> Result<Self, Problem> {
        let place = Self(Arc::clone(waiting));
        if waiting.fetch_add(1, Ordering::Relaxed) >= limits::HASHES_WAITING {
            return Err(Kind::Overloaded.into());
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why a password is refused; `None` when it will do.
pub(crate) fn weakness(password: &str) -> Option<String> {
    let characters = password.chars().count();
    if characters < limits::PASSWORD_SHORTEST {
        return Some(format!("at least {} characters", limits::PASSWORD_SHORTEST));
    }
    (password.len() > limits::PASSWORD_BYTES)
        .then(|| format!("at most {} bytes", limits::PASSWORD_BYTES))
}

/// Hashes on this thread, for the command line.
pub(crate) fn hash_now(password: &str) -> Option<String> {
    let hash = Argon2::default().hash_password(password.as_bytes()).ok()?;
    Some(hash.to_string())
}

fn is_behind(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_behind_a_hash_is_accepted() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("wrong horse".to_owned(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("nobody has this password".to_owned(), None).await.unwrap());
    }

    #[tokio::test]
    async fn too_many_waiting_are_asked_to_come_back() {
        let passwords = Passwords::new();
        passwords.waiting.store(limits::HASHES_WAITING, Ordering::Relaxed);
        let refused = passwords.verify("any".to_owned(), None).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Overloaded);
        assert_eq!(passwords.waiting.load(Ordering::Relaxed), limits::HASHES_WAITING);
    }

    #[test]
    fn short_passwords_are_weak() {
        assert!(weakness("short").is_some());
        assert!(weakness("long enough").is_none());
        assert!(weakness(&"x".repeat(limits::PASSWORD_BYTES + 1)).is_some());
    }
}
