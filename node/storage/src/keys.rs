//! The node's own keys: the account that signs receipts and proofs, and the swarm identity.
//!
//! Both are made on the first start, in files that only their owner can read. They hold no
//! money to speak of; what a node earns goes to its operator, whose key is not needed here.
//! They are on disk before they are used: a node whose keys a power cut takes is another node, and
//! what it stored is lost to the network.

use std::{
    io,
    path::{Path, PathBuf},
};

use neurostore_chain::{Signer, SignerError};
use neurostore_files::{private_folder, read_private, write_new_private};
use neurostore_swarm::Identity;
use zeroize::Zeroizing;

const ACCOUNT_FILE: &str = "node-account";
const IDENTITY_FILE: &str = "swarm-identity";
/// The longest identity file that is read: it has 64 digits and a line break.
const MAX_IDENTITY_BYTES: u64 = 1024;

/// Why the node's keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file or folder cannot be read or written.
    #[error("cannot use {}: {error}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The account's file does not hold a key.
    #[error(transparent)]
    Account(#[from] SignerError),
    /// The identity's file does not hold a key.
    #[error("{} is not an identity: expected 64 hexadecimal digits", .0.display())]
    Identity(PathBuf),
    /// The keys were not made yet.
    #[error("no keys in {}: start the node once, it makes them", .0.display())]
    Missing(PathBuf),
}

/// Who a node is.
#[derive(Clone, Debug)]
pub struct NodeKeys {
    /// Signs receipts and proofs.
    pub account: Signer,
    /// Is the node in the swarm.
    pub identity: Identity,
}

impl NodeKeys {
    /// The keys of the node in `path`, made where they do not exist.
    pub fn load_or_generate(path: &Path) -> Result<Self, KeyError> {
        let folder = folder_of(path);
        private_folder(&folder).map_err(|error| file_error(&folder, error))?;
        let account = folder.join(ACCOUNT_FILE);
        if !account.exists() {
            Signer::generate_to_file(&account)?;
        }
        let identity = folder.join(IDENTITY_FILE);
        if !identity.exists() {
            write_identity(&identity, &Identity::generate())
                .map_err(|error| file_error(&identity, error))?;
        }
        Self::load(path)
    }

    /// The keys of the node in `path`, if it was ever started.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let folder = folder_of(path);
        if !folder.join(ACCOUNT_FILE).exists() || !folder.join(IDENTITY_FILE).exists() {
            return Err(KeyError::Missing(folder));
        }
        Ok(Self {
            account: Signer::from_file(folder.join(ACCOUNT_FILE))?,
            identity: read_identity(&folder.join(IDENTITY_FILE))?,
        })
    }
}

fn folder_of(path: &Path) -> PathBuf {
    path.join("keys")
}

fn read_identity(file: &Path) -> Result<Identity, KeyError> {
    let read =
        read_private(file, MAX_IDENTITY_BYTES).map_err(|error| file_error(file, error.into()))?;
    if read.others_can_read {
        tracing::warn!(
            path = %file.display(),
            "other users of this machine can read the swarm identity; chmod 600 it"
        );
    }
    let text = Zeroizing::new(read.text);
    let bad = || KeyError::Identity(file.to_path_buf());
    let mut secret = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim(), secret.as_mut()).map_err(|_| bad())?;
    Identity::from_secret_bytes(&mut secret).map_err(|_| bad())
}

fn write_identity(file: &Path, identity: &Identity) -> io::Result<()> {
    let secret = Zeroizing::new(identity.secret_bytes());
    let text = Zeroizing::new(format!("{}\n", hex::encode(secret.as_ref())));
    write_new_private(file, text.as_bytes())
}

fn file_error(path: &Path, error: io::Error) -> KeyError {
    KeyError::File {
        path: path.to_path_buf(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn keys_are_made_once_and_then_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            NodeKeys::load(folder.path()),
            Err(KeyError::Missing(_))
        ));
        let made = NodeKeys::load_or_generate(folder.path()).unwrap();
        let again = NodeKeys::load_or_generate(folder.path()).unwrap();
        assert_eq!(made.account.account_id(), again.account.account_id());
        assert_eq!(made.identity.peer_id(), again.identity.peer_id());
    }

    #[cfg(unix)]
    #[test]
    fn key_files_can_be_read_by_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        NodeKeys::load_or_generate(folder.path()).unwrap();
        let keys = folder.path().join("keys");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&keys), 0o700);
        assert_eq!(mode(&keys.join(ACCOUNT_FILE)), 0o600);
        assert_eq!(mode(&keys.join(IDENTITY_FILE)), 0o600);
    }

    #[test]
    fn half_a_key_of_a_killed_start_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        fs::create_dir(&keys).unwrap();
        fs::write(keys.join("node-account.new"), "0x12").unwrap();
        fs::write(keys.join("swarm-identity.new"), "").unwrap();
        assert!(NodeKeys::load_or_generate(folder.path()).is_ok());
    }
}
