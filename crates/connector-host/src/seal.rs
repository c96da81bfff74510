//! Compiled code is machine code: it is run only when this host itself sealed it.

use crate::Digest;

const MAGIC: &[u8; 8] = b"waymark1";
const MAC_BYTES: usize = 32;

/// What a sealed artefact holds.
pub(crate) struct Opened<'a> {
    pub(crate) manifest: &'a [u8],
    pub(crate) code: &'a [u8],
}

/// Seals manifest and code under `key`, bound to the component's digest.
pub(crate) fn seal(key: &[u8; 32], digest: &Digest, manifest: &[u8], code: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(8 + manifest.len() + code.len());
    body.extend_from_slice(&(manifest.len() as u64).to_le_bytes());
    body.extend_from_slice(manifest);
    body.extend_from_slice(code);
    let mac = mac(key, digest, &body);
    [MAGIC.as_slice(), mac.as_bytes(), &body].concat()
}

/// Opens what `seal` made; None when a bit, the key or the digest differs.
pub(crate) fn open<'a>(key: &[u8; 32], digest: &Digest, sealed: &'a [u8]) -> Option<Opened<'a>> {
    let rest = sealed.strip_prefix(MAGIC)?;
    let (stored, body) = rest.split_at_checked(MAC_BYTES)?;
    let stored: [u8; MAC_BYTES] = stored.try_into().ok()?;
    // Comparing blake3 hashes takes constant time.
    if mac(key, digest, body) != blake3::Hash::from_bytes(stored) {
        return None;
    }
    let (length, rest) = body.split_first_chunk::<8>()?;
    let (manifest, code) =
        rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    Some(Opened { manifest, code })
}

fn mac(key: &[u8; 32], digest: &Digest, body: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(digest.as_bytes());
    hasher.update(body);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_under_the_key_for_the_digest_opens() {
        let (key, digest) = ([7; 32], Digest::of(b"component"));
        let sealed = seal(&key, &digest, b"{}", b"code");
        let opened = open(&key, &digest, &sealed).unwrap();
        assert_eq!((opened.manifest, opened.code), (b"{}".as_slice(), b"code".as_slice()));
        assert!(open(&[8; 32], &digest, &sealed).is_none());
        assert!(open(&key, &Digest::of(b"other"), &sealed).is_none());
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(open(&key, &digest, &bent).is_none(), "byte {at}");
            assert!(open(&key, &digest, &sealed[..at]).is_none(), "cut at {at}");
        }
    }
}
