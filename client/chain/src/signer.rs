//! Keys that sign for accounts: sr25519, read from files, never from arguments.

use std::{io, path::Path, str::FromStr};

use neurostore_files::{read_private, write_new_private, ReadError};
use rand::RngCore;
use subxt::utils::MultiSignature;
use subxt_signer::{
    sr25519::{Keypair, PublicKey, Signature},
    SecretUri,
};
use zeroize::Zeroizing;

use crate::{connection::ChainConfig, error::SignerError, AccountId};

/// The longest key file that is read: a mnemonic of 24 words with a path is far below it.
const MAX_KEY_FILE_BYTES: u64 = 4096;

/// The secret key of an account.
#[derive(Clone)]
pub struct Signer {
    keypair: Keypair,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.account_id())
    }
}

impl Signer {
    /// Reads the secret in the first line of a file: 64 hexadecimal digits, a mnemonic, or a
    /// development key such as `//Alice`.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SignerError> {
        let path = path.as_ref();
        let read = read_private(path, MAX_KEY_FILE_BYTES).map_err(|error| match error {
            ReadError::TooLong { .. } => SignerError::NotASecret,
            error => SignerError::Read {
                path: path.into(),
                source: error.into(),
            },
        })?;
        if read.others_can_read {
            tracing::warn!(
                path = %path.display(),
                "other users of this machine can read the key file; chmod 600 it"
            );
        }
        let text = Zeroizing::new(read.text);
        Self::from_secret(
            text.lines()
                .find(|line| !line.trim().is_empty())
                .unwrap_or_default(),
        )
    }

    /// The key behind a secret in text form, as [`Signer::from_file`] reads it.
    pub fn from_secret(secret: &str) -> Result<Self, SignerError> {
        let secret = secret.trim();
        let is_bare_hex = secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit());
        let secret = if is_bare_hex {
            Zeroizing::new(format!("0x{secret}"))
        } else {
            Zeroizing::new(secret.to_owned())
        };
        // An empty line would silently become the well-known development key.
        if secret.is_empty() {
            return Err(SignerError::NotASecret);
        }
        let uri = SecretUri::from_str(&secret).map_err(|_| SignerError::NotASecret)?;
        let keypair = Keypair::from_uri(&uri).map_err(|_| SignerError::NotASecret)?;
        Ok(Self { keypair })
    }

    /// The key with this 32-byte seed.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, SignerError> {
        let keypair = Keypair::from_secret_key(*seed).map_err(|_| SignerError::NotASecret)?;
        Ok(Self { keypair })
    }

    /// A development key by its name, such as `Alice`. Everybody knows these secrets.
    pub fn development(name: &str) -> Result<Self, SignerError> {
        Self::from_secret(&format!("//{name}"))
    }

    /// Makes a new key and writes it to `path`, readable by the owner only. An existing file is
    /// never overwritten.
    pub fn generate_to_file(path: impl AsRef<Path>) -> Result<Self, SignerError> {
        let path = path.as_ref();
        let mut seed = Zeroizing::new([0u8; 32]);
        rand::rngs::OsRng.fill_bytes(seed.as_mut());
        let signer = Self::from_seed(&seed)?;
        let text = Zeroizing::new(format!("0x{}\n", hex::encode(seed.as_ref())));
        write_new_private(path, text.as_bytes()).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => SignerError::Exists(path.into()),
            _ => SignerError::Write {
                path: path.into(),
                source,
            },
        })?;
        Ok(signer)
    }

    /// A new key that lives only in memory.
    pub fn generate() -> Result<Self, SignerError> {
        let mut seed = Zeroizing::new([0u8; 32]);
        rand::rngs::OsRng.fill_bytes(seed.as_mut());
        Self::from_seed(&seed)
    }

    /// The account that this key signs for.
    pub fn account_id(&self) -> AccountId {
        AccountId::from(self.keypair.public_key().0)
    }

    /// Signs `payload` as the chain verifies it: sr25519 in the context `substrate`.
    pub fn sign(&self, payload: &[u8]) -> [u8; 64] {
        self.keypair.sign(payload).0
    }
}

impl subxt::tx::Signer<ChainConfig> for Signer {
    fn account_id(&self) -> AccountId {
        Signer::account_id(self)
    }

    fn sign(&self, payload: &[u8]) -> MultiSignature {
        MultiSignature::Sr25519(Signer::sign(self, payload))
    }
}

/// Whether `signature` over `payload` is of the key `account` (sr25519, context `substrate`).
pub fn verify_sr25519(account: &[u8; 32], payload: &[u8], signature: &[u8; 64]) -> bool {
    subxt_signer::sr25519::verify(&Signature(*signature), payload, &PublicKey(*account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_same_secret_gives_the_same_account() {
        let hex = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
        let bare = Signer::from_secret(hex).unwrap().account_id();
        assert_eq!(
            Signer::from_secret(&format!(" 0x{hex}\n"))
                .unwrap()
                .account_id(),
            bare
        );
        assert_eq!(
            bare.to_string(),
            "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
            "the seed of //Alice"
        );
        assert_eq!(Signer::development("Alice").unwrap().account_id(), bare);
        let words = "bottom drive obey lake curtain smoke basket hold race lonely fit walk//Alice";
        assert_eq!(Signer::from_secret(words).unwrap().account_id(), bare);
    }

    #[test]
    fn nonsense_and_emptiness_are_no_secrets() {
        for text in ["", "   ", "0x12", "correct horse battery staple"] {
            assert!(
                matches!(Signer::from_secret(text), Err(SignerError::NotASecret)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_signature_fits_its_payload_and_account_only() {
        let (alice, bob) = (
            Signer::development("Alice").unwrap(),
            Signer::development("Bob").unwrap(),
        );
        let signature = alice.sign(b"word");
        assert!(verify_sr25519(&alice.account_id().0, b"word", &signature));
        assert!(!verify_sr25519(&alice.account_id().0, b"work", &signature));
        assert!(!verify_sr25519(&bob.account_id().0, b"word", &signature));
        assert!(!verify_sr25519(&alice.account_id().0, b"word", &[0; 64]));
    }

    #[test]
    fn debug_output_names_the_account_and_not_the_secret() {
        let text = format!("{:?}", Signer::development("Alice").unwrap());
        assert!(text.starts_with("Signer(5Grwva") && !text.contains("e5be9a50"));
    }

    #[test]
    fn a_generated_key_file_is_private_reads_back_and_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let made = Signer::generate_to_file(&path).unwrap();
        assert_eq!(
            Signer::from_file(&path).unwrap().account_id(),
            made.account_id()
        );
        assert!(matches!(
            Signer::generate_to_file(&path),
            Err(SignerError::Exists(_))
        ));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }
}
