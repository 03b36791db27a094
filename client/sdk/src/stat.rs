//! Where an object is: every segment, every slot, who holds it and whether he answers.

use futures::{stream, StreamExt};
use neurostore_chain::{AccountId, Balance, Slot};
use neurostore_format::{Locator, Mode};
use neurostore_poseidon::{verify_path, Path};
use neurostore_primitives::{
    CountryCode, NodeClass, NodeId, NodeState, SegmentId, ShardClass, SlotIndex, DATA_SHARDS,
};
use rand::Rng;

use crate::{
    client::Client,
    error::GetError,
    network::{peer_name, ShardNetwork},
};

/// Nodes that are asked at the same time.
const PROBES: usize = 15;

/// What is known of an object.
#[derive(Clone, Debug)]
pub struct ObjectStat {
    /// Bytes of the object; `None` where its root cannot be read.
    pub size: Option<u64>,
    /// How its key came about; `None` where its root cannot be read.
    pub mode: Option<Mode>,
    /// Why the root cannot be read, where it cannot: then only the root is listed.
    pub unreadable: Option<String>,
    /// Its segments, data segments in order and the root last.
    pub segments: Vec<SegmentStat>,
}

impl ObjectStat {
    /// The block at which the first of its segments is no longer paid for by `owner`, or by
    /// anybody where that is `None`.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator};
    /// # async fn example(client: &Client, locator: &Locator)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let stat = client.stat(locator).await?;
    /// let payer = client.signer().map(|signer| signer.account_id());
    /// println!("anybody pays until {:?}", stat.paid_until(None));
    /// println!("we pay until {:?}", stat.paid_until(payer.as_ref()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn paid_until(&self, owner: Option<&AccountId>) -> Option<u32> {
        let ends = self
            .segments
            .iter()
            .map(|segment| segment.paid_until(owner));
        ends.min().flatten()
    }

    /// Whether every segment can be read right now.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator};
    /// # async fn example(client: &Client, locator: &Locator)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// if !client.stat(locator).await?.is_readable() {
    ///     println!("too few nodes hold it right now");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_readable(&self) -> bool {
        self.unreadable.is_none() && self.segments.iter().all(SegmentStat::is_readable)
    }
}

/// What is known of a segment.
#[derive(Clone, Debug)]
pub struct SegmentStat {
    /// Its identity.
    pub id: SegmentId,
    /// Class of its shards.
    pub class: ShardClass,
    /// Bytes of ciphertext.
    pub ciphertext_len: u64,
    /// Block in which it became active.
    pub created_at: u32,
    /// Who pays, until which block, and the rent of one slot for one window.
    pub agreements: Vec<(AccountId, u32, Balance)>,
    /// Its 15 slots.
    pub slots: Vec<SlotStat>,
}

impl SegmentStat {
    /// The block until which `owner` (anybody where that is `None`) pays.
    pub fn paid_until(&self, owner: Option<&AccountId>) -> Option<u32> {
        let theirs = |who: &AccountId| owner.is_none_or(|owner| owner == who);
        self.agreements
            .iter()
            .filter(|(who, ..)| theirs(who))
            .map(|(_, until, _)| *until)
            .max()
    }

    /// Slots whose nodes proved a moment ago that they hold their shard.
    pub fn reachable(&self) -> usize {
        self.slots
            .iter()
            .filter(|slot| slot.fault.is_none())
            .count()
    }

    /// Whether enough slots are reachable.
    pub fn is_readable(&self) -> bool {
        self.reachable() >= DATA_SHARDS
    }
}

/// What is known of a slot.
#[derive(Clone, Debug)]
pub struct SlotStat {
    /// Its position.
    pub slot: SlotIndex,
    /// The node.
    pub node: NodeId,
    /// The node's peer id.
    pub peer: String,
    /// Where the node says it stands.
    pub country: Option<CountryCode>,
    /// Anchor or light.
    pub class: Option<NodeClass>,
    /// The node's health on the chain.
    pub state: NodeState,
    /// `None` where the node just proved a random leaf of the shard; else why not.
    pub fault: Option<String>,
}

impl Client {
    /// The shard map of an object: each node is asked for a random leaf and its path, so a slot
    /// without a fault is one that really holds its shard.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, Locator, TOTAL_SHARDS};
    /// # async fn example(client: &Client, locator: &Locator)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let stat = client.stat(locator).await?;
    /// for segment in &stat.segments {
    ///     println!("{}: {} of {TOTAL_SHARDS} shards", segment.id, segment.reachable());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::open`] but for [`GetError::NotEnoughShards`] and [`GetError::Malformed`] of the
    /// root: those are told in [`ObjectStat::unreadable`].
    pub async fn stat(&self, locator: &Locator) -> Result<ObjectStat, GetError> {
        match self.open(locator).await {
            Ok(object) => {
                let segments = self.stat_segments(&object.segments()).await?;
                Ok(ObjectStat {
                    size: Some(object.size()),
                    mode: Some(object.mode()),
                    unreadable: None,
                    segments,
                })
            }
            Err(error @ (GetError::NotEnoughShards(_) | GetError::Malformed { .. })) => {
                let segments = self.stat_segments(&[locator.segment]).await?;
                let unreadable = Some(error.to_string());
                Ok(ObjectStat {
                    size: None,
                    mode: None,
                    unreadable,
                    segments,
                })
            }
            Err(error) => Err(error),
        }
    }

    /// The shard maps of these segments.
    ///
    /// ```no_run
    /// # use neurostore_client::{Client, ObjectHandle};
    /// # async fn example(client: &Client, stored: &ObjectHandle)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// for segment in client.stat_segments(&stored.segments).await? {
    ///     for slot in segment.slots.iter().filter(|slot| slot.fault.is_some()) {
    ///         println!("node {} does not prove slot {}", slot.node, slot.slot);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`GetError::Chain`] where the chain cannot be asked, [`GetError::UnknownSegment`] where it
    /// does not know one of them, [`GetError::Malformed`] where its record does not belong to it. A
    /// node that does not answer is no error: its slot says so.
    pub async fn stat_segments(&self, ids: &[SegmentId]) -> Result<Vec<SegmentStat>, GetError> {
        let mut stats = Vec::with_capacity(ids.len());
        for id in ids {
            stats.push(self.stat_segment(id).await?);
        }
        Ok(stats)
    }

    async fn stat_segment(&self, id: &SegmentId) -> Result<SegmentStat, GetError> {
        let record = self.segment_record(id).await?;
        let class = record.class;
        let mut slots: Vec<SlotStat> = stream::iter(&record.slots)
            .map(|slot| self.stat_slot(class, slot))
            .buffer_unordered(PROBES)
            .collect::<Vec<_>>()
            .await
            .into_iter()
            .collect::<Result<_, _>>()?;
        slots.sort_by_key(|slot| slot.slot);
        let agreements = record.agreements.iter().map(|agreement| {
            (
                agreement.owner,
                agreement.paid_until,
                agreement.rate_per_slot,
            )
        });
        Ok(SegmentStat {
            id: *id,
            class,
            ciphertext_len: record.ciphertext_len,
            created_at: record.created_at,
            agreements: agreements.collect(),
            slots,
        })
    }

    async fn stat_slot(&self, class: ShardClass, slot: &Slot) -> Result<SlotStat, GetError> {
        let (info, fault) = futures::join!(
            self.chain().node(slot.node),
            probe(self.swarm(), class, slot)
        );
        let info = info?;
        Ok(SlotStat {
            slot: slot.slot,
            node: slot.node,
            peer: peer_name(&slot.peer_key),
            country: info.as_ref().map(|info| info.country),
            class: info.as_ref().map(|info| info.class),
            state: slot.state,
            fault,
        })
    }
}

/// Asks for a random leaf; `None` where the node proves it.
async fn probe<N: ShardNetwork>(network: &N, class: ShardClass, slot: &Slot) -> Option<String> {
    let leaf = rand::thread_rng().gen_range(0..class.leaves());
    let leaf = u16::try_from(leaf).unwrap_or_default();
    let answers = match network.leaves(slot.peer_key, slot.root, &[leaf]).await {
        Ok(answers) => answers,
        Err(error) => return Some(error.to_string()),
    };
    let proven = answers.first().is_some_and(|answer| {
        let path: Result<Path, _> = codec::DecodeAll::decode_all(&mut answer.path.as_slice());
        path.is_ok_and(|path| verify_path(&slot.root, &answer.leaf, leaf, &path))
    });
    (!proven).then(|| "its answer does not prove that it holds the shard".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(faults: usize, until: &[u32]) -> SegmentStat {
        SegmentStat {
            id: SegmentId::default(),
            class: ShardClass::default(),
            ciphertext_len: 1,
            created_at: 1,
            agreements: until
                .iter()
                .map(|u| (AccountId::from([1; 32]), *u, 1))
                .collect(),
            slots: SlotIndex::all()
                .map(|slot| SlotStat {
                    slot,
                    node: NodeId(0),
                    peer: String::new(),
                    country: None,
                    class: None,
                    state: NodeState::Active,
                    fault: (slot.index() < faults).then(|| "gone".into()),
                })
                .collect(),
        }
    }

    fn object(segments: Vec<SegmentStat>) -> ObjectStat {
        ObjectStat {
            size: Some(1),
            mode: None,
            unreadable: None,
            segments,
        }
    }

    #[test]
    fn five_missing_shards_are_bearable_and_six_are_not() {
        assert!(object(vec![segment(0, &[9]), segment(5, &[9])]).is_readable());
        assert!(!object(vec![segment(0, &[9]), segment(6, &[9])]).is_readable());
    }

    #[test]
    fn an_object_is_paid_until_its_first_segment_is_not() {
        let owner = AccountId::from([1; 32]);
        let stat = object(vec![segment(0, &[90, 70]), segment(0, &[80])]);
        assert_eq!(stat.paid_until(None), Some(80));
        assert_eq!(stat.paid_until(Some(&owner)), Some(80));
        assert_eq!(stat.paid_until(Some(&AccountId::from([2; 32]))), None);
        let unpaid = object(vec![segment(0, &[90]), segment(0, &[])]);
        assert_eq!(unpaid.paid_until(None), None);
    }
}
