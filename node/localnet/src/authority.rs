//! The keys of validators: everybody knows them.

use std::{fs, path::Path};

use neurostore_swarm::Identity;
use serde_json::{json, Value};
use sp_core::{crypto::Ss58Codec, ed25519, sr25519, ByteArray, Pair};

use crate::{error::NetworkError, secret::write_secret};

/// Validators that the chain program knows by a flag, in the order of the preset.
const NAMED: [&str; 4] = ["alice", "bob", "charlie", "dave"];
/// The key types under which a keystore files them: blocks and finality.
const BLOCKS: [u8; 4] = *b"babe";
const FINALITY: [u8; 4] = *b"gran";

/// Validator `number` of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    number: u16,
    name: Option<&'static str>,
}

impl Authority {
    pub(crate) fn new(number: u16) -> Self {
        let name = NAMED.get(usize::from(number)).copied();
        Self { number, name }
    }

    /// What it is called.
    pub(crate) fn name(&self) -> String {
        self.name
            .map_or_else(|| self.number.to_string(), ToOwned::to_owned)
    }

    /// What its keys are derived from.
    fn secret(&self) -> String {
        match self.name {
            Some(name) => {
                let (first, rest) = name.split_at(1);
                format!("//{}{rest}", first.to_ascii_uppercase())
            }
            None => format!("//Validator//{}", self.number),
        }
    }

    /// Its entry among the session keys of a genesis.
    pub(crate) fn session(&self) -> Result<Value, NetworkError> {
        let account = account(&self.secret())?;
        let finality = self.finality()?.to_ss58check();
        // Its account makes its blocks, too.
        let keys = json!({ "babe": account, "grandpa": finality });
        Ok(json!([account, account, keys]))
    }

    fn finality(&self) -> Result<ed25519::Public, NetworkError> {
        let secret = self.secret();
        ed25519::Pair::from_string(&secret, None)
            .map(|pair| pair.public())
            .map_err(|error| unusable(&secret, &error))
    }

    /// How the chain program is told which validator it is; keys that no flag stands for are put
    /// into a keystore in `home`.
    pub(crate) fn flags(&self, home: &Path) -> Result<Vec<String>, NetworkError> {
        if let Some(name) = self.name {
            return Ok(vec![format!("--{name}"), "--validator".into()]);
        }
        let keystore = home.join("keystore");
        fs::create_dir_all(&keystore).map_err(NetworkError::file("create", &keystore))?;
        let secret = self.secret();
        let blocks = pair(&secret)?.public();
        let finality = self.finality()?;
        // The file's name says which key it holds, its content is the secret as JSON.
        for (kind, public) in [(BLOCKS, blocks.as_slice()), (FINALITY, finality.as_slice())] {
            let name = hex::encode([kind.as_slice(), public].concat());
            let path = keystore.join(name);
            write_secret(&path, &json!(secret).to_string())
                .map_err(NetworkError::file("write", &path))?;
        }
        Ok(vec![
            "--validator".into(),
            "--name".into(),
            self.name(),
            "--keystore-path".into(),
            keystore.display().to_string(),
        ])
    }

    /// Its key in the chain's network: known beforehand, so that all can name each other. It
    /// protects nothing but a name.
    pub(crate) fn network_secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        let [low, high] = self.number.saturating_add(1).to_le_bytes();
        secret[31] = low;
        secret[30] = high;
        secret
    }

    /// Its id in the chain's network.
    pub(crate) fn peer_id(&self) -> Result<String, NetworkError> {
        let mut secret = self.network_secret();
        Identity::from_secret_bytes(&mut secret)
            .map(|identity| identity.peer_id().to_string())
            .map_err(|error| NetworkError::Key {
                name: self.name(),
                reason: error.to_string(),
            })
    }
}

/// The account of a well-known secret, in SS58 form.
pub(crate) fn account(secret: &str) -> Result<String, NetworkError> {
    Ok(pair(secret)?.public().to_ss58check())
}

fn pair(secret: &str) -> Result<sr25519::Pair, NetworkError> {
    sr25519::Pair::from_string(secret, None).map_err(|error| unusable(secret, &error))
}

fn unusable(secret: &str, error: &dyn std::fmt::Debug) -> NetworkError {
    NetworkError::Key {
        name: secret.into(),
        reason: format!("{error:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_validators_are_those_of_the_preset() {
        assert_eq!(Authority::new(0).secret(), "//Alice");
        assert_eq!(Authority::new(3).secret(), "//Dave");
        assert_eq!(Authority::new(4).secret(), "//Validator//4");
        // As every Substrate chain has it.
        let alice = Authority::new(0).session().unwrap();
        assert_eq!(
            alice.pointer("/2/grandpa").and_then(Value::as_str),
            Some("5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu")
        );
    }

    #[test]
    fn a_derived_validator_finds_both_its_keys_in_its_keystore() {
        let home = tempfile::tempdir().unwrap();
        let flags = Authority::new(9).flags(home.path()).unwrap();
        assert!(flags.contains(&"--keystore-path".to_owned()));
        let mut names: Vec<String> = fs::read_dir(home.path().join("keystore"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert!(names[0].starts_with(&hex::encode(b"babe")), "{names:?}");
        assert!(names[1].starts_with(&hex::encode(b"gran")), "{names:?}");
        assert!(names.iter().all(|name| name.len() == 8 + 64));
    }
}
