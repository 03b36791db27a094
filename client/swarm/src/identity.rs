//! The key behind a peer id.

use std::fmt;

use libp2p::{
    identity::{ed25519, Keypair, PublicKey},
    PeerId,
};
use neurostore_primitives::PeerKey;

/// The bytes are no ed25519 secret.
#[derive(Debug, thiserror::Error)]
#[error("the secret of a swarm identity is 32 bytes of ed25519")]
pub struct BadSecret;

/// An ed25519 key pair: what a node is in the swarm, and what signs its registration.
#[derive(Clone)]
pub struct Identity(ed25519::Keypair);

impl Identity {
    /// A fresh identity from the operating system's randomness.
    pub fn generate() -> Self {
        Self(ed25519::Keypair::generate())
    }

    /// The identity with this secret. The bytes are wiped.
    pub fn from_secret_bytes(secret: &mut [u8; 32]) -> Result<Self, BadSecret> {
        ed25519::SecretKey::try_from_bytes(secret)
            .map(|secret| Self(secret.into()))
            .map_err(|_| BadSecret)
    }

    /// The secret, to be written to a file that only its owner can read.
    pub fn secret_bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(self.0.secret().as_ref()) {
            *to = *from;
        }
        bytes
    }

    /// Signs `payload`.
    pub fn sign(&self, payload: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        for (to, from) in signature.iter_mut().zip(self.0.sign(payload)) {
            *to = from;
        }
        signature
    }

    /// The public key, as the chain stores it.
    pub fn peer_key(&self) -> PeerKey {
        self.0.public().to_bytes()
    }

    /// The peer id made from the public key.
    pub fn peer_id(&self) -> PeerId {
        PeerId::from_public_key(&PublicKey::from(self.0.public()))
    }

    pub(crate) fn keypair(&self) -> Keypair {
        self.0.clone().into()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.peer_id())
    }
}

/// The peer id of a node's key, or `None` where the bytes are no point of the curve.
pub fn peer_id_from_key(key: &PeerKey) -> Option<PeerId> {
    let public = ed25519::PublicKey::try_from_bytes(key).ok()?;
    Some(PeerId::from_public_key(&PublicKey::from(public)))
}

/// Whether `signature` is a signature of `key` over `payload`.
pub fn verify_peer_signature(key: &PeerKey, payload: &[u8], signature: &[u8; 64]) -> bool {
    ed25519::PublicKey::try_from_bytes(key).is_ok_and(|key| key.verify(payload, signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peer_id_follows_from_the_key_on_chain() {
        let identity = Identity::generate();
        assert_eq!(
            peer_id_from_key(&identity.peer_key()),
            Some(identity.peer_id())
        );
    }

    #[test]
    fn a_secret_gives_the_same_identity_back_and_is_wiped() {
        let identity = Identity::generate();
        let mut secret = identity.secret_bytes();
        let again = Identity::from_secret_bytes(&mut secret).unwrap();
        assert_eq!(again.peer_id(), identity.peer_id());
        assert_eq!(secret, [0; 32]);
    }

    #[test]
    fn a_signature_fits_its_payload_only() {
        let identity = Identity::generate();
        let signature = identity.sign(b"this");
        let key = identity.peer_key();
        assert!(verify_peer_signature(&key, b"this", &signature));
        assert!(!verify_peer_signature(&key, b"that", &signature));
    }

    #[test]
    fn debug_shows_no_secret() {
        let identity = Identity::generate();
        assert_eq!(
            format!("{identity:?}"),
            format!("Identity({})", identity.peer_id())
        );
    }
}
