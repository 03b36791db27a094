//! The document that stands for a ceremony, and whose hash a chain keeps beside the key.
//!
//! It is JSON in one canonical form: fields in this order, two blanks of indentation, a newline at
//! the end. So its hash is what `sha256sum` prints for the file.

use std::{fs::File, io::Read, path::Path};

use neurostore_primitives::CircuitId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::contribution::{Blake2b, Contribution};

/// What the first field says.
const FORMAT: &str = "neurostore/ceremony/1";
/// Bytes of the longest document: more than [`super::MAX_CONTRIBUTIONS`] with names and beacons.
const MAX_DOCUMENT_BYTES: u64 = 2 << 20;

/// Why a document is not the one of a ceremony.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {
    /// It cannot be read.
    #[error("transcript: {0}")]
    Io(#[from] std::io::Error),
    /// Not JSON, or other fields.
    #[error("the transcript is no document of format {FORMAT}: {0}")]
    Json(#[from] serde_json::Error),
    /// Another format, or longer than any ceremony's.
    #[error("the transcript is no document of format {FORMAT}")]
    OtherFormat,
    /// The same content in other bytes, which would have another hash.
    #[error(
        "the transcript is not in its canonical form: take it as `verify-transcript` wrote it"
    )]
    NotCanonical,
    /// It tells of another ceremony.
    #[error("the transcript does not belong to this key: its {0} differ")]
    Differs(&'static str),
}

/// All that a ceremony stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    format: String,
    /// The circuit.
    pub circuit: u16,
    /// SHA-256 of the circuit's `.r1cs` file.
    pub r1cs_sha256: Hex<32>,
    /// `BLAKE2b` of the file of powers of tau, as lists of them publish it.
    pub powers_of_tau_blake2b: Hex<64>,
    /// Hash over the initial key, as snarkjs prints it.
    pub circuit_hash: Hex<64>,
    /// Who contributed, in order; the last is the beacon.
    pub contributions: Vec<Entry>,
    /// SHA-256 of the final `.zkey` file.
    pub zkey_sha256: Hex<32>,
    /// SHA-256 of the verifying key, as the chain takes it.
    pub verifying_key_sha256: Hex<32>,
}

/// One contribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What the participant called itself.
    pub name: String,
    /// The hash that the participant was shown, and published.
    pub hash: Hex<64>,
    /// Where this is the beacon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beacon: Option<BeaconEntry>,
}

/// The beacon's parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeaconEntry {
    /// The published value in hex.
    pub value: String,
    /// It was hashed two to this power times.
    pub exponent: u8,
}

/// Bytes as lower-case hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hex<const N: usize>(pub [u8; N]);

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let mut bytes = [0; N];
        hex::decode_to_slice(&text, &mut bytes).map_err(serde::de::Error::custom)?;
        Ok(Self(bytes))
    }
}

impl Transcript {
    /// The document of a ceremony whose contributions have these hashes.
    pub(crate) fn new(
        circuit: CircuitId,
        r1cs: [u8; 32],
        powers: Blake2b,
        circuit_hash: Blake2b,
        contributions: &[(&Contribution, Blake2b)],
        zkey: [u8; 32],
        verifying_key: &[u8],
    ) -> Self {
        let entry = |(contribution, hash): &(&Contribution, Blake2b)| Entry {
            name: contribution.name.clone(),
            hash: Hex(*hash),
            beacon: contribution.beacon.as_ref().map(|beacon| BeaconEntry {
                value: hex::encode(&beacon.value),
                exponent: beacon.exponent,
            }),
        };
        Self {
            format: FORMAT.to_owned(),
            circuit: circuit.0,
            r1cs_sha256: Hex(r1cs),
            powers_of_tau_blake2b: Hex(powers),
            circuit_hash: Hex(circuit_hash),
            contributions: contributions.iter().map(entry).collect(),
            zkey_sha256: Hex(zkey),
            verifying_key_sha256: Hex(Sha256::digest(verifying_key).into()),
        }
    }

    /// Reads a document, which must be in its canonical form.
    pub fn read(path: &Path) -> Result<Self, TranscriptError> {
        let mut bytes = Vec::new();
        File::open(path)?
            .take(MAX_DOCUMENT_BYTES + 1)
            .read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_DOCUMENT_BYTES {
            return Err(TranscriptError::OtherFormat);
        }
        Self::from_bytes(&bytes)
    }

    /// Reads a document from its bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TranscriptError> {
        let document: Self = serde_json::from_slice(bytes)?;
        if document.format != FORMAT {
            return Err(TranscriptError::OtherFormat);
        }
        if document.to_bytes()? != bytes {
            return Err(TranscriptError::NotCanonical);
        }
        Ok(document)
    }

    /// The document's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, TranscriptError> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// SHA-256 of the document: what the chain keeps as the key's origin.
    pub fn hash(&self) -> Result<[u8; 32], TranscriptError> {
        Ok(Sha256::digest(self.to_bytes()?).into())
    }

    /// Compares with the document that the files themselves give, all but the powers of tau.
    pub(crate) fn compare(&self, found: &Self) -> Result<(), TranscriptError> {
        let same = [
            ("circuits", self.circuit == found.circuit),
            ("matrices", self.r1cs_sha256 == found.r1cs_sha256),
            ("initial keys", self.circuit_hash == found.circuit_hash),
            ("contributions", self.contributions == found.contributions),
            ("files", self.zkey_sha256 == found.zkey_sha256),
            (
                "verifying keys",
                self.verifying_key_sha256 == found.verifying_key_sha256,
            ),
        ];
        match same.iter().find(|(_, same)| !same) {
            Some((name, _)) => Err(TranscriptError::Differs(name)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Transcript {
        let entry = |name: &str, beacon| Entry {
            name: name.to_owned(),
            hash: Hex([4; 64]),
            beacon,
        };
        let beacon = BeaconEntry {
            value: "0a0b".to_owned(),
            exponent: 10,
        };
        Transcript {
            format: FORMAT.to_owned(),
            circuit: 4,
            r1cs_sha256: Hex([1; 32]),
            powers_of_tau_blake2b: Hex([2; 64]),
            circuit_hash: Hex([3; 64]),
            contributions: vec![entry("ada \u{1b}[2J\"", None), entry("", Some(beacon))],
            zkey_sha256: Hex([5; 32]),
            verifying_key_sha256: Hex([6; 32]),
        }
    }

    #[test]
    fn a_document_is_read_as_it_is_written() {
        let bytes = document().to_bytes().unwrap();
        assert_eq!(Transcript::from_bytes(&bytes).unwrap(), document());
        assert_eq!(
            document().hash().unwrap(),
            <[u8; 32]>::from(Sha256::digest(&bytes))
        );
    }

    mod reject {
        use super::*;

        fn changed(from: &str, to: &str) -> Result<Transcript, TranscriptError> {
            let text = String::from_utf8(document().to_bytes().unwrap()).unwrap();
            assert!(text.contains(from));
            Transcript::from_bytes(text.replace(from, to).as_bytes())
        }

        #[test]
        fn the_same_content_in_other_bytes() {
            for (from, to) in [("  ", " "), ("\"0a0b", "\"\\u0030a0b"), ("\n}\n", "\n}")] {
                assert!(matches!(
                    changed(from, to),
                    Err(TranscriptError::NotCanonical)
                ));
            }
        }

        #[test]
        fn another_format_and_unknown_fields() {
            let refused = changed(FORMAT, "neurostore/ceremony/2");
            assert!(matches!(refused, Err(TranscriptError::OtherFormat)));
            let refused = changed("\"circuit\":", "\"more\": 1,\n  \"circuit\":");
            assert!(matches!(refused, Err(TranscriptError::Json(_))));
        }

        #[test]
        fn another_ceremony_by_what_differs() {
            let mut other = document();
            other.contributions.remove(0);
            assert!(matches!(
                other.compare(&document()),
                Err(TranscriptError::Differs("contributions"))
            ));
            let mut other = document();
            other.zkey_sha256 = Hex([0; 32]);
            assert!(matches!(
                other.compare(&document()),
                Err(TranscriptError::Differs("files"))
            ));
        }
    }
}
