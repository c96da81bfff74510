//! Secrets at rest: sealed under a key that lies outside the database.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use aes_gcm::{
    Aes256Gcm,
    aead::{Aead, KeyInit, Payload},
};

use failpoints::Point;
use sha2::{Digest, Sha256};

use crate::durable::keep_name;

/// First byte of what is sealed, so that another way of sealing can be told from this one.
const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 12;

/// The key-encryption key of a workspace.
#[derive(Clone)]
pub(crate) struct Sealer {
    key: [u8; 32],
    cipher: Aes256Gcm,
}

/// Why something sealed did not open.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a sealed secret does not open: the key file is another one, or the secret was moved or changed"
)]
pub(crate) struct Broken;

impl Sealer {
    /// Reads the key of a workspace, or makes one that only this user may read.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(bytes) => {
                let mode = fs::metadata(path)?.permissions().mode();
                if mode & 0o077 != 0 {
                    let message = "the key file may be read by others; make its mode 0600";
                    return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
                }
                Self::from_key(&bytes)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(path),
            Err(error) => Err(error),
        }
    }

    fn make(path: &Path) -> io::Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        // A name of its own: one that was ended here left its file behind, and in a container all have the same process id.
        let mut number = [0; 8];
        getrandom::fill(&mut number).map_err(io::Error::other)?;
        let temporary = path.with_extension(format!("{}.new", hex::encode(number)));
        failpoints::at_once(Point::WriteKey, || write_apart(&temporary, &key))?;
        // Linking fails when another process was first; then its key is the workspace's.
        let linked = failpoints::at_once(Point::NameKey, || fs::hard_link(&temporary, path));
        fs::remove_file(&temporary)?;
        keep_name(path)?;
        match linked {
            Ok(()) => Self::from_key(&key),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Self::from_key(&fs::read(path)?)
            }
            Err(error) => Err(error),
        }
    }

    fn from_key(key: &[u8]) -> io::Result<Self> {
        let key: [u8; 32] =
            key.try_into().map_err(|_| io::Error::other("the key file must hold 32 bytes"))?;
        Ok(Self { key, cipher: Aes256Gcm::new(&key.into()) })
    }

    /// Another key for one purpose, from which this one cannot be found.
    pub(crate) fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut digest = Sha256::new_with_prefix(purpose.as_bytes());
        digest.update([0]);
        digest.update(self.key);
        digest.finalize().into()
    }

    /// Tells keys apart, and says nothing else of them.
    pub(crate) fn fingerprint(&self) -> String {
        let derived = self.derive("fingerprint");
        let first = derived.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
        format!("{first:016x}")
    }

    /// What the secrets of a connection are sealed for.
    pub(crate) fn connection(name: &str) -> String {
        format!("connection/{name}")
    }

    /// What the signing secret of a hook is sealed for.
    pub(crate) fn hook(slug: &str) -> String {
        format!("hook/{slug}")
    }

    /// Seals `secret` for one `place`; it opens only there.
    pub(crate) fn seal(&self, place: &str, secret: &[u8]) -> io::Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        let payload = Payload { msg: secret, aad: place.as_bytes() };
        let sealed = self.cipher.encrypt(&nonce.into(), payload);
        let sealed = sealed.map_err(|_| io::Error::other("a secret is too large to seal"))?;
        Ok([&[FORMAT], nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for `place`.
    pub(crate) fn open_sealed(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, Broken> {
        let rest = sealed.strip_prefix(&[FORMAT]).ok_or(Broken)?;
        let (nonce, text) = rest.split_at_checked(NONCE_BYTES).ok_or(Broken)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| Broken)?;
        let payload = Payload { msg: text, aad: place.as_bytes() };
        self.cipher.decrypt(&nonce.into(), payload).map_err(|_| Broken)
    }
}

/// Makes a file that only this user may read.
fn write_apart(path: &Path, key: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(key)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_in_its_place_and_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let sealer = Sealer::open(&path).unwrap();
        let sealed = sealer.seal("con_1/token", b"hush").unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"hush"));
        let again = Sealer::open(&path).unwrap();
        assert_eq!(again.open_sealed("con_1/token", &sealed).unwrap(), b"hush");
        assert_eq!(again.open_sealed("con_2/token", &sealed), Err(Broken));
        let other = Sealer::open(&folder.path().join("other")).unwrap();
        assert_eq!(other.open_sealed("con_1/token", &sealed), Err(Broken));
        assert_eq!(again.open_sealed("con_1/token", &[]), Err(Broken));
    }

    #[test]
    fn the_key_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        Sealer::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Sealer::open(&path).is_err());
    }
}
