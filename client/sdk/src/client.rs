//! The client: a chain, a swarm, and a signer.

use std::time::Duration;

use neurostore_chain::{
    AccountId, Chain, ChainError, ChainOptions, PlacementError, Segment, Signer,
};
use neurostore_primitives::SegmentId;
use neurostore_swarm::{Identity, Limits as SwarmLimits, Multiaddr, Swarm, SwarmOptions};

use crate::{
    error::{AgreementError, ConnectError, GetError},
    limits::ClientLimits,
};

/// Between two looks at the last final block.
const FINALITY_PAUSE: Duration = Duration::from_secs(2);

/// What a client is started with.
#[derive(Clone, Debug, Default)]
pub struct ClientOptions {
    /// Who pays and signs. Reading needs nobody.
    pub signer: Option<Signer>,
    /// Storage nodes that know the others, each with `/p2p/<peer id>` at its end. Empty: those
    /// that the chain's endpoint recommends.
    pub bootnodes: Vec<Multiaddr>,
    /// Patience and parallelism.
    pub limits: ClientLimits,
    /// Bounds of the swarm.
    pub swarm: SwarmLimits,
    /// Patience with the chain.
    pub chain: ChainOptions,
}

/// A way into NeuroStore; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    chain: Chain,
    swarm: Swarm,
    signer: Option<Signer>,
    limits: ClientLimits,
    bootnodes: usize,
}

impl Client {
    /// Connects to the chain and enters the swarm.
    pub async fn connect(url: &str, options: ClientOptions) -> Result<Self, ConnectError> {
        let chain = Chain::connect_with(url, options.chain.clone()).await?;
        Self::with_chain(chain, options).await
    }

    /// Enters the swarm with a connection to the chain that exists already.
    pub async fn with_chain(chain: Chain, options: ClientOptions) -> Result<Self, ConnectError> {
        let mut bootnodes = options.bootnodes;
        if bootnodes.is_empty() {
            bootnodes = recommended(&chain.storage_bootnodes().await?);
        }
        if bootnodes.is_empty() {
            tracing::warn!(
                "no storage node is known to begin with: the chain's endpoint recommends none, \
                 and none was given. Nodes will not be found"
            );
        }
        let known = bootnodes.len();
        let swarm = SwarmOptions {
            identity: Identity::generate(),
            listen: Vec::new(),
            bootnodes,
            limits: options.swarm,
        };
        Ok(Self {
            chain,
            swarm: Swarm::start(swarm, None).await?,
            signer: options.signer,
            limits: options.limits,
            bootnodes: known,
        })
    }

    /// The chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The swarm.
    pub fn swarm(&self) -> &Swarm {
        &self.swarm
    }

    /// Who pays and signs.
    pub fn signer(&self) -> Option<&Signer> {
        self.signer.as_ref()
    }

    /// The same client for another payer; both share their connections.
    #[must_use]
    pub fn with_signer(&self, signer: Signer) -> Self {
        Self {
            signer: Some(signer),
            ..self.clone()
        }
    }

    /// Patience and parallelism.
    pub fn limits(&self) -> &ClientLimits {
        &self.limits
    }

    /// Storage nodes that were known to begin with. With none, no shard will be found.
    pub fn bootnodes(&self) -> usize {
        self.bootnodes
    }

    /// Pays for more windows of each of these segments. Repeated, it pays again; see
    /// [`Client::extend_segments_until`].
    pub async fn extend_segments(
        &self,
        segments: &[SegmentId],
        windows: u32,
    ) -> Result<Vec<Extended>, AgreementError> {
        self.extend_each(segments, |_| windows).await
    }

    /// Pays for as many windows of each of these segments as are missing until `block`: repeated,
    /// it pays for nothing that was paid for before.
    pub async fn extend_segments_until(
        &self,
        segments: &[SegmentId],
        block: u32,
    ) -> Result<Vec<Extended>, AgreementError> {
        let (window, _) = self.chain.window_blocks().await.map_err(GetError::from)?;
        self.extend_each(segments, |paid| windows_until(paid, block, window))
            .await
    }

    /// Extends each segment by what `windows` makes of the block until which it is paid for.
    async fn extend_each(
        &self,
        segments: &[SegmentId],
        windows: impl Fn(u32) -> u32,
    ) -> Result<Vec<Extended>, AgreementError> {
        let signer = self.signer.as_ref().ok_or(AgreementError::NoSigner)?;
        let mut extended = Vec::with_capacity(segments.len());
        for (done, segment) in segments.iter().enumerate() {
            let one = self.extend_one(signer, segment, &windows).await;
            let all = segments.len();
            extended.push(one.map_err(|error| AgreementError::Chain {
                segment: *segment,
                done,
                all,
                error,
            })?);
        }
        Ok(extended)
    }

    async fn extend_one(
        &self,
        signer: &Signer,
        segment: &SegmentId,
        windows: impl Fn(u32) -> u32,
    ) -> Result<Extended, ChainError> {
        let found = self.chain.segment(segment).await?;
        let payer = signer.account_id();
        // Where there is no agreement, the chain's refusal says so.
        let before = found.and_then(|found| paid_until(&found, &payer));
        let before = before.unwrap_or_default();
        let after = match windows(before) {
            0 => before,
            windows => self.chain.extend(signer, segment, windows).await?,
        };
        Ok(Extended {
            segment: *segment,
            before,
            after,
        })
    }

    /// The block until which the payer pays for all of these segments; `None` where there is one
    /// that he does not pay for.
    pub async fn paid_until(&self, segments: &[SegmentId]) -> Result<Option<u32>, AgreementError> {
        let payer = self.signer.as_ref().ok_or(AgreementError::NoSigner)?;
        let payer = payer.account_id();
        let mut first = None;
        for segment in segments {
            let found = self.chain.segment(segment).await.map_err(GetError::from)?;
            let Some(until) = found.and_then(|found| paid_until(&found, &payer)) else {
                return Ok(None);
            };
            first = Some(first.map_or(until, |first: u32| first.min(until)));
        }
        Ok(first)
    }

    /// Waits until the payer pays for each of these segments until the block that stands beside it
    /// or longer, as the last final block has it: no fork can undo that. Returns whether it came
    /// to that within `patience`.
    pub async fn wait_final(
        &self,
        paid: impl IntoIterator<Item = (SegmentId, u32)>,
        patience: Duration,
    ) -> Result<bool, AgreementError> {
        let payer = self.signer.as_ref().ok_or(AgreementError::NoSigner)?;
        let payer = payer.account_id();
        let waiting = async {
            let (_, mut block) = self.chain.finalized_block().await?;
            for (segment, until) in paid {
                loop {
                    let found = self.chain.segment_at(&segment, block).await?;
                    let now = found.and_then(|found| paid_until(&found, &payer));
                    if now.is_some_and(|now| now >= until) {
                        break;
                    }
                    tokio::time::sleep(FINALITY_PAUSE).await;
                    block = self.chain.finalized_block().await?.1;
                }
            }
            Ok::<(), ChainError>(())
        };
        match tokio::time::timeout(patience, waiting).await {
            Ok(Ok(())) => Ok(true),
            Ok(Err(error)) => Err(GetError::from(error).into()),
            Err(_) => Ok(false),
        }
    }

    /// Ends the payer's agreements for these segments; unused rent comes back. A segment that the
    /// payer has no agreement for (any more) is passed over, so that an interrupted deletion can
    /// be repeated; where the chain still has it, it is named in the answer.
    pub async fn drop_segments(&self, segments: &[SegmentId]) -> Result<Dropped, AgreementError> {
        let signer = self.signer.as_ref().ok_or(AgreementError::NoSigner)?;
        let mut dropped = Dropped::default();
        for (done, segment) in segments.iter().enumerate() {
            match self.end_agreement(signer, segment).await {
                Ok(Outcome::Ended) => dropped.ended += 1,
                Ok(Outcome::Gone) => tracing::debug!(%segment, "no agreement to end"),
                Ok(Outcome::NotOurs) => dropped.not_ours.push(*segment),
                Err(error) => {
                    let all = segments.len();
                    return Err(AgreementError::Chain {
                        segment: *segment,
                        done,
                        all,
                        error,
                    });
                }
            }
        }
        Ok(dropped)
    }

    async fn end_agreement(
        &self,
        signer: &Signer,
        segment: &SegmentId,
    ) -> Result<Outcome, ChainError> {
        match self.chain.drop_agreement(signer, segment).await {
            Ok(_) => Ok(Outcome::Ended),
            Err(error) if error.is_refusal(PlacementError::UnknownAgreement) => {
                let known = self.chain.segment(segment).await?;
                Ok(known.map_or(Outcome::Gone, |_| Outcome::NotOurs))
            }
            Err(error) => Err(error),
        }
    }

    /// Closes every connection to storage nodes.
    pub async fn shutdown(&self) {
        self.swarm.shutdown().await;
    }
}

/// What came of paying for more time of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extended {
    /// The segment.
    pub segment: SegmentId,
    /// The block until which it was paid for.
    pub before: u32,
    /// The block until which it is paid for now.
    pub after: u32,
}

/// The block until which `payer` pays for a segment.
fn paid_until(segment: &Segment, payer: &AccountId) -> Option<u32> {
    let mut agreements = segment.agreements.iter();
    let own = agreements.find(|agreement| agreement.owner == *payer);
    own.map(|agreement| agreement.paid_until)
}

/// Whole windows that are missing from `paid` until `block`.
fn windows_until(paid: u32, block: u32, window: u32) -> u32 {
    block.saturating_sub(paid).div_ceil(window.max(1))
}

/// What came of ending agreements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// How many agreements were ended.
    pub ended: usize,
    /// Segments that the chain has and the payer does not pay for.
    pub not_ours: Vec<SegmentId>,
}

/// What came of ending one agreement.
enum Outcome {
    /// It was ended.
    Ended,
    /// The chain knows no such segment.
    Gone,
    /// The chain has the segment, and others pay for it.
    NotOurs,
}

/// The nodes that the chain's endpoint recommends. An address that cannot be used is no reason
/// to do without the others.
fn recommended(addresses: &[String]) -> Vec<Multiaddr> {
    let usable = |address: &String| match parse_bootnode(address) {
        Ok(usable) => Some(usable),
        Err(error) => {
            tracing::warn!(%error, "the chain's endpoint recommends an address that is passed over");
            None
        }
    };
    addresses.iter().filter_map(usable).collect()
}

/// Reads the address of a storage node: `/ip4/…/tcp/…/p2p/<peer id>`.
pub fn parse_bootnode(address: &str) -> Result<Multiaddr, ConnectError> {
    let bad = || ConnectError::Bootnode(address.to_owned());
    // Whom it belongs to comes last: behind `/p2p-circuit` it would be a relay's.
    let peer = address.rsplit_once("/p2p/").map(|(_, peer)| peer);
    if peer.is_none_or(|peer| peer.contains('/')) {
        return Err(bad());
    }
    address.parse().map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;
    use neurostore_primitives::ShardClass;

    #[test]
    fn an_address_without_a_peer_id_is_no_bootnode() {
        let error = parse_bootnode("/ip4/127.0.0.1/tcp/4150").unwrap_err();
        assert!(error.to_string().contains("/p2p/<peer id>"));
        assert!(parse_bootnode("127.0.0.1:4150").is_err());
    }

    #[test]
    fn time_that_is_paid_for_is_not_paid_again() {
        assert_eq!(windows_until(100, 100, 10), 0);
        assert_eq!(windows_until(100, 90, 10), 0);
        assert_eq!(windows_until(100, 101, 10), 1);
        assert_eq!(windows_until(100, 110, 10), 1);
        assert_eq!(windows_until(100, 111, 10), 2);
        assert_eq!(windows_until(0, 5, 0), 5, "a window has at least one block");
    }

    #[test]
    fn only_the_payers_own_agreement_counts() {
        let (payer, other) = (AccountId::from([1; 32]), AccountId::from([2; 32]));
        let agreement = |owner, paid_until| neurostore_primitives::AgreementInfo {
            owner,
            paid_until,
            rate_per_slot: 1,
        };
        let segment = Segment {
            id: SegmentId::default(),
            class: ShardClass::default(),
            ciphertext_len: 1,
            created_at: 1,
            slots: Vec::new(),
            agreements: vec![agreement(other, 90), agreement(payer, 70)],
        };
        assert_eq!(paid_until(&segment, &payer), Some(70));
        assert_eq!(paid_until(&segment, &AccountId::from([3; 32])), None);
    }

    #[test]
    fn a_recommended_address_that_is_none_is_passed_over() {
        let peer = Identity::generate().peer_id();
        let good = format!("/ip4/127.0.0.1/tcp/4150/p2p/{peer}");
        let bad = ["/ip4/127.0.0.1/tcp/4150", "nonsense", "/p2p/nonsense"];
        let mut addresses: Vec<String> = bad.iter().map(ToString::to_string).collect();
        addresses.push(format!("{good}/p2p-circuit"));
        addresses.push(good.clone());
        let usable = recommended(&addresses);
        assert_eq!(
            usable.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [good]
        );
    }
}
