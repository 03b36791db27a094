//! Whom to ask for a stripe, and whom next: decisions without any I/O.
//!
//! More shards are asked than are needed; the first that answer win, the others are let go. When
//! one fails or keeps the rest waiting, another takes its place.

use std::collections::{BTreeMap, VecDeque};

use neurostore_chain::Slot;
use neurostore_format::SlotSet;
use neurostore_primitives::{NodeState, SlotIndex, DATA_SHARDS};
use rand::{seq::SliceRandom, Rng};

/// The order in which shards are asked: those wanted most first, then healthy nodes before
/// suspect ones, data before parity (which spares the decoder work); among equals by chance, so
/// that readers spread over the nodes.
pub(crate) fn ask_order(
    slots: &[Slot],
    wanted: SlotSet,
    rng: &mut impl Rng,
) -> VecDeque<SlotIndex> {
    let mut order: Vec<&Slot> = slots.iter().collect();
    order.shuffle(rng);
    order.sort_by_key(|slot| {
        let suspect = matches!(slot.state, NodeState::Suspect { .. });
        let parity = slot.slot.index() >= DATA_SHARDS;
        (!wanted.contains(slot.slot) || suspect, suspect, parity)
    });
    order.into_iter().map(|slot| slot.slot).collect()
}

/// Why a shard is out.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) reason: String,
    may_try: u32,
}

/// The state of the race for the shards of one segment.
#[derive(Clone, Debug)]
pub(crate) struct Race {
    spares: VecDeque<SlotIndex>,
    running: SlotSet,
    faults: BTreeMap<SlotIndex, Fault>,
    tries: BTreeMap<SlotIndex, u32>,
}

impl Race {
    pub(crate) fn new(order: VecDeque<SlotIndex>) -> Self {
        Self {
            spares: order,
            running: SlotSet::EMPTY,
            faults: BTreeMap::new(),
            tries: BTreeMap::new(),
        }
    }

    /// Shards that are being read.
    pub(crate) fn running(&self) -> SlotSet {
        self.running
    }

    /// Why shards are out.
    pub(crate) fn faults(&self) -> &BTreeMap<SlotIndex, Fault> {
        &self.faults
    }

    /// Takes the next shard that is not asked yet, but none of `except`.
    pub(crate) fn start_next(&mut self, except: SlotSet) -> Option<SlotIndex> {
        let position = self
            .spares
            .iter()
            .position(|slot| !except.contains(*slot))?;
        let slot = self.spares.remove(position)?;
        self.running.insert(slot);
        Some(slot)
    }

    /// A shard was overtaken: it is a spare again.
    pub(crate) fn let_go(&mut self, slot: SlotIndex) {
        if self.running.contains(slot) {
            self.running.remove(slot);
            self.spares.push_back(slot);
        }
    }

    /// A shard failed for a reason for which it may be tried so often in all.
    pub(crate) fn failed(&mut self, slot: SlotIndex, reason: String, may_try: u32) {
        self.running.remove(slot);
        self.spares.retain(|spare| *spare != slot);
        *self.tries.entry(slot).or_default() += 1;
        self.faults.insert(slot, Fault { reason, may_try });
    }

    /// A shard answered: earlier failures of it are forgiven.
    pub(crate) fn answered(&mut self, slot: SlotIndex) {
        self.tries.remove(&slot);
    }

    /// Brings back the shards whose failure may have passed. Returns how often they failed at
    /// most, or `None` where there are none.
    pub(crate) fn second_chance(&mut self) -> Option<u32> {
        let tries = &self.tries;
        let again: Vec<SlotIndex> = self
            .faults
            .iter()
            .filter(|(slot, fault)| tries.get(slot).copied().unwrap_or_default() < fault.may_try)
            .map(|(slot, _)| *slot)
            .collect();
        for slot in &again {
            self.faults.remove(slot);
            self.spares.push_back(*slot);
        }
        again
            .iter()
            .filter_map(|slot| tries.get(slot).copied())
            .max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neurostore_chain::AccountId;
    use neurostore_primitives::{NodeId, ShardRoot, TOTAL_SHARDS};

    fn slots(suspects: &[u8]) -> Vec<Slot> {
        SlotIndex::all()
            .map(|slot| Slot {
                slot,
                node: NodeId(u32::from(slot.get())),
                account: AccountId::from([0; 32]),
                peer_key: [0; 32],
                root: ShardRoot::default(),
                state: if suspects.contains(&slot.get()) {
                    NodeState::Suspect { missed_in_a_row: 1 }
                } else {
                    NodeState::Active
                },
            })
            .collect()
    }

    fn slot(index: u8) -> SlotIndex {
        SlotIndex::new(index).unwrap()
    }

    #[test]
    fn healthy_data_comes_first_and_suspects_last() {
        let order = ask_order(&slots(&[2, 12]), SlotSet::ALL, &mut rand::thread_rng());
        let order: Vec<u8> = order.into_iter().map(SlotIndex::get).collect();
        assert!(order[..9].iter().all(|slot| *slot < 10 && *slot != 2));
        assert!(order[9..13].iter().all(|slot| *slot >= 10 && *slot != 12));
        assert_eq!(order[13..], [2, 12]);
    }

    #[test]
    fn a_range_asks_those_who_hold_it_first() {
        let wanted = SlotSet::from_bits(0b0110_0000);
        for _ in 0..20 {
            let order = ask_order(&slots(&[]), wanted, &mut rand::thread_rng());
            let first: SlotSet = order.into_iter().take(2).collect();
            assert_eq!(first, wanted);
        }
    }

    #[test]
    fn readers_do_not_all_ask_the_same_nodes() {
        let mut rng = rand::thread_rng();
        let parity = |rng: &mut _| ask_order(&slots(&[]), SlotSet::ALL, rng)[10];
        let seen: SlotSet = (0..100).map(|_| parity(&mut rng)).collect();
        assert!(seen.len() > 1);
    }

    #[test]
    fn a_failure_is_replaced_and_a_loser_is_a_spare_again() {
        let mut race = Race::new(SlotIndex::all().collect());
        for _ in 0..12 {
            race.start_next(SlotSet::EMPTY).unwrap();
        }
        race.failed(slot(3), "refused".into(), 1);
        assert_eq!(race.start_next(SlotSet::EMPTY), Some(slot(12)));
        race.let_go(slot(7));
        let rest: Vec<_> = std::iter::from_fn(|| race.start_next(SlotSet::EMPTY)).collect();
        assert_eq!(rest, [slot(13), slot(14), slot(7)]);
        assert_eq!(race.running().len(), TOTAL_SHARDS - 1);
        assert_eq!(
            race.second_chance(),
            None,
            "a refusal for good gets no second chance"
        );
    }

    #[test]
    fn a_passing_failure_gets_a_second_chance_but_not_for_ever() {
        let mut race = Race::new([slot(0)].into());
        for tries in 1..3 {
            assert!(race.start_next(SlotSet::EMPTY).is_some());
            race.failed(slot(0), "busy".into(), 3);
            assert_eq!(race.second_chance(), Some(tries));
            assert!(race.faults().is_empty());
        }
        race.start_next(SlotSet::EMPTY);
        race.failed(slot(0), "busy".into(), 3);
        assert_eq!(race.second_chance(), None);
        assert_eq!(race.faults()[&slot(0)].reason, "busy");
    }

    #[test]
    fn an_answer_forgives_earlier_failures() {
        let mut race = Race::new([slot(0)].into());
        for _ in 0..10 {
            race.start_next(SlotSet::EMPTY);
            race.failed(slot(0), "broken".into(), 3);
            assert!(race.second_chance().is_some());
            race.answered(slot(0));
        }
    }
}
