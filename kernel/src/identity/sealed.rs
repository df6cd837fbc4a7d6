//! The form of a home's keys in a file: sealed by a passphrase with age, or explicitly not.
//!
//! Files and keyrings are the hosts'; this is bytes to bytes. Sealing takes age's own randomness.

use std::io::{Read, Write};

use age::secrecy::SecretString;
use age::{DecryptError, scrypt};
use zeroize::Zeroizing;

use super::Keys;
use super::keys::Mismatched;
use crate::codec::CodecError;

/// How an age file begins (<https://age-encryption.org/v1>).
const AGE_MAGIC: &[u8] = b"age-encryption.org/";
/// How an unsealed file begins.
const UNSEALED_MAGIC: &[u8] = b"myrhiza unsealed keys\n";
/// scrypt's log₂ N: 128 MiB and about half a second, which a browser can spend too.
const WORK: u8 = 17;
/// The most that is worked for on opening: 1 GiB, for files that other programs made.
const MAX_WORK: u8 = 20;
/// Longest file that is looked at, in bytes.
const MAX_BYTES: usize = 4096;

/// Why keys could not be sealed. Says nothing of keys or passphrase.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// An empty passphrase seals nothing.
    #[error("the passphrase is empty: choose one, or write the keys unsealed on purpose")]
    EmptyPassphrase,
    /// age failed.
    #[error("the keys could not be sealed: {0}")]
    Age(String),
}

/// Why a key file could not be opened. Says nothing of keys or passphrase.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file is sealed and no passphrase was given.
    #[error("the key file is sealed: give its passphrase")]
    NeedsPassphrase,
    /// The passphrase is another one (or the sealed key was damaged).
    #[error("the passphrase does not open the key file")]
    WrongPassphrase,
    /// The file asks for more work than is reasonable.
    #[error("the key file wants scrypt work 2^{0}, at most 2^{MAX_WORK} is done")]
    ExcessiveWork(u8),
    /// The file is neither form, or cut off, or changed.
    #[error("the key file is damaged or is none: restore it from a backup")]
    Damaged,
    /// What was sealed is not a key file of this version.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// What was sealed contradicts itself.
    #[error(transparent)]
    Mismatched(#[from] Mismatched),
}

/// Whether a key file needs a passphrase.
pub fn is_sealed(file: &[u8]) -> bool {
    file.starts_with(AGE_MAGIC)
}

/// Seals keys by a passphrase, as an age file with one scrypt recipient.
///
/// # Errors
/// [`SealError`]
pub fn seal(keys: &Keys, passphrase: &str) -> Result<Vec<u8>, SealError> {
    if passphrase.is_empty() {
        return Err(SealError::EmptyPassphrase);
    }
    let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.to_owned()));
    recipient.set_work_factor(WORK);
    let failed = |cause: &dyn std::fmt::Display| SealError::Age(cause.to_string());
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as _))
        .map_err(|e| failed(&e))?;
    let mut file = Vec::new();
    let mut writer = encryptor.wrap_output(&mut file).map_err(|e| failed(&e))?;
    writer.write_all(&keys.to_bytes()).map_err(|e| failed(&e))?;
    writer.finish().map_err(|e| failed(&e))?;
    Ok(file)
}

/// The explicit unsealed form: whoever reads it has the keys.
pub fn without_seal(keys: &Keys) -> Zeroizing<Vec<u8>> {
    let keys = keys.to_bytes();
    let mut file = Zeroizing::new(Vec::with_capacity(UNSEALED_MAGIC.len() + keys.len()));
    file.extend_from_slice(UNSEALED_MAGIC);
    file.extend_from_slice(&keys);
    file
}

/// Opens either form; for the unsealed one the passphrase is not looked at.
///
/// # Errors
/// [`OpenError`]
pub fn open(file: &[u8], passphrase: Option<&str>) -> Result<Keys, OpenError> {
    if file.len() > MAX_BYTES {
        return Err(OpenError::Damaged);
    }
    if let Some(keys) = file.strip_prefix(UNSEALED_MAGIC) {
        return Ok(Keys::from_bytes(keys)??);
    }
    if !is_sealed(file) {
        return Err(OpenError::Damaged);
    }
    let passphrase = passphrase.ok_or(OpenError::NeedsPassphrase)?;
    Ok(Keys::from_bytes(&unseal(file, passphrase)?)??)
}

fn unseal(file: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let mut identity = scrypt::Identity::new(SecretString::from(passphrase.to_owned()));
    identity.set_max_work_factor(MAX_WORK);
    let mut reader = age::Decryptor::new(file)
        .and_then(|decryptor| decryptor.decrypt(std::iter::once(&identity as _)))
        .map_err(|error| match error {
            DecryptError::ExcessiveWork { required, .. } => OpenError::ExcessiveWork(required),
            DecryptError::DecryptionFailed
            | DecryptError::KeyDecryptionFailed
            | DecryptError::NoMatchingKeys => OpenError::WrongPassphrase,
            _ => OpenError::Damaged,
        })?;
    let mut keys = Zeroizing::new(Vec::with_capacity(MAX_BYTES));
    reader.read_to_end(&mut keys).map_err(|_| OpenError::Damaged)?;
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Canonical as _;
    use crate::identity::{Certificate, ScopeKind, SecretKey};

    fn keys() -> Keys {
        let (person, device) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        Keys::new(person, device, "laptop").unwrap()
    }

    fn same(a: &Keys, b: &Keys) -> bool {
        let person = |keys: &Keys| keys.person().map(SecretKey::to_seed);
        person(a) == person(b)
            && a.device().to_seed() == b.device().to_seed()
            && a.certificate() == b.certificate()
    }

    /// [IDENTITY-4]
    #[test]
    fn sealed_keys_open_with_their_passphrase_alone_and_show_nothing() {
        let file = seal(&keys(), "correct horse").unwrap();
        assert!(is_sealed(&file));
        assert!(same(&open(&file, Some("correct horse")).unwrap(), &keys()));
        assert!(matches!(open(&file, Some("wrong horse")), Err(OpenError::WrongPassphrase)));
        assert!(matches!(open(&file, None), Err(OpenError::NeedsPassphrase)));
        assert!(matches!(seal(&keys(), ""), Err(SealError::EmptyPassphrase)));
        for secret in [[1; 32], [2; 32]] {
            assert!(!file.windows(32).any(|window| window == secret));
        }
        // Damage, from the header to the last byte, never opens and is never a wrong key.
        for at in [0, 25, file.len() - 1] {
            let mut damaged = file.clone();
            damaged[at] ^= 1;
            assert!(open(&damaged, Some("correct horse")).is_err(), "byte {at}");
        }
        assert!(open(&file[..file.len() - 1], Some("correct horse")).is_err());
    }

    #[test]
    fn a_file_that_asks_for_gigabytes_of_work_is_refused() {
        let file = seal(&keys(), "correct horse").unwrap();
        let text: Vec<u8> = file.iter().take_while(|b| **b != b'\n').copied().collect();
        assert_eq!(text, b"age-encryption.org/v1");
        let at = file.windows(4).position(|window| window == b" 17\n").unwrap();
        let mut heavy = file;
        heavy[at + 1..at + 3].copy_from_slice(b"30");
        assert!(matches!(open(&heavy, Some("x")), Err(OpenError::ExcessiveWork(30))));
    }

    #[test]
    fn unsealed_keys_open_without_and_damage_is_told() {
        let file = without_seal(&keys());
        assert!(!is_sealed(&file));
        assert!(same(&open(&file, None).unwrap(), &keys()));
        assert!(matches!(open(b"", None), Err(OpenError::Damaged)));
        assert!(matches!(open(&vec![0; MAX_BYTES + 1], None), Err(OpenError::Damaged)));
        assert!(matches!(open(&file[..60], None), Err(OpenError::Codec(_))));
        let mut other_device = file.clone();
        let device = UNSEALED_MAGIC.len() + 2 + 34 + 2;
        assert_eq!(other_device[device], 2);
        other_device[device] = 3;
        assert!(matches!(open(&other_device, None), Err(OpenError::Mismatched(_))));
        let mut later = file.clone();
        later[UNSEALED_MAGIC.len() + 1] = 2;
        let Err(OpenError::Codec(error)) = open(&later, None) else { panic!("opened") };
        assert!(error.is_update_needed());
    }

    #[test]
    fn a_home_without_the_long_term_key_keeps_what_it_has() {
        let (person, device) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let issue = |scope| Certificate::issue(&person, scope, ScopeKind::Device, "phone").unwrap();
        let asking = Keys::uncertified(device.clone());
        assert!(same(&open(&without_seal(&asking), None).unwrap(), &asking));
        assert_eq!(asking.certificate(), None);
        let other = SecretKey::from_seed(&[3; 32]).public();
        assert_eq!(asking.clone().certified(issue(other)).err(), Some(Mismatched));
        let keys = asking.certified(issue(device.public())).unwrap();
        assert!(same(&open(&seal(&keys, "x").unwrap(), Some("x")).unwrap(), &keys));
        assert!(keys.person().is_none());
        // A long-term key without a certificate, which no home has.
        let mut bytes = without_seal(&self::keys()).to_vec();
        let certificate = self::keys().certificate().unwrap().to_bytes().len();
        bytes.truncate(bytes.len() - certificate);
        bytes.push(0xf6);
        assert!(matches!(open(&bytes, None), Err(OpenError::Mismatched(_))));
    }

    #[test]
    fn no_secret_is_printed() {
        let shown = format!("{:?}", keys());
        assert!(shown.contains("SecretKey(…)"), "{shown}");
        let (one, two) = ("1, 1, 1", "0101");
        assert!(!shown.contains(one) && !shown.contains(two), "{shown}");
    }
}
