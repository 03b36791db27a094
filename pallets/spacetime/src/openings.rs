//! The opening of windows: at the end of a block, over the state that this block leaves behind.
//!
//! Nothing changes holdings after this hook, so the state of the opening block is exactly the one
//! the samples were drawn from, and anybody who reads it draws the same.

use alloc::vec::Vec;
use frame_support::traits::Randomness;
use neurostore_poseidon::statement;
use neurostore_primitives::{
    challenge_seed, draw_samples, statement_context, CircuitId, Holdings, NodeId, SampleInfo,
    WindowIndex, WindowLedger,
};
use sp_core::H256;
use sp_runtime::traits::Zero;

use crate::{pallet::*, Challenge, Cohort};

/// Keep this use of the chain's randomness apart from every other one.
const FRESH_SUBJECT: &[u8] = b"neurostore/challenge/fresh/1";
const SETTLED_SUBJECT: &[u8] = b"neurostore/challenge/settled/1";

/// What every challenge of one block is drawn from.
struct Source {
    fresh: H256,
    settled: H256,
    genesis: H256,
    circuit: CircuitId,
}

impl<T: Config> Pallet<T> {
    /// Opens the windows of this block.
    pub(crate) fn open_windows(now: u32) {
        let window = Self::window_at(now);
        let active = ActiveCircuit::<T>::get();
        let is_suspended = active.is_some_and(Self::is_suspended);
        // Nobody is asked for what could not be checked. A key that is being prepared is there long
        // before the deadline: the clock stands still until then.
        let source = active
            .filter(|circuit| !is_suspended && !Self::is_lost(*circuit))
            .and_then(Self::source);
        let mut cohort = Cohort {
            full_before: FullBlocks::<T>::get(),
            nodes: Default::default(),
        };
        for node in Members::<T>::get(Self::offset_of_block(now)) {
            Self::settle_deferred(node);
            if T::Holdings::counts(node).total_shards() == 0 {
                continue;
            }
            T::Ledger::opened(node, window);
            let challenge = source
                .as_ref()
                .and_then(|source| Self::form(now, node, window, source));
            // The cohort has the bound of the members it is taken from.
            match challenge.filter(|_| cohort.nodes.try_push(node).is_ok()) {
                Some(challenge) => {
                    Challenges::<T>::insert(node, challenge);
                    Self::deposit_event(Event::ChallengeOpened {
                        node,
                        window,
                        deadline: Self::deadline(now, &cohort),
                    });
                }
                None if is_suspended => Self::defer(node, window),
                None => {
                    T::Ledger::missed(node, window);
                    Self::deposit_event(Event::ChallengeUnavailable { node, window });
                }
            }
        }
        if !cohort.nodes.is_empty() {
            Cohorts::<T>::insert(now, cohort);
        }
    }

    /// Randomness as it stands now; `None` in a block that carries none.
    fn source(circuit: CircuitId) -> Option<Source> {
        let (fresh, _) = T::FreshRandomness::random(FRESH_SUBJECT);
        let (settled, _) = T::SettledRandomness::random(SETTLED_SUBJECT);
        Some(Source {
            fresh: fresh?,
            settled,
            genesis: frame_system::Pallet::<T>::block_hash(
                frame_system::pallet_prelude::BlockNumberFor::<T>::zero(),
            ),
            circuit,
        })
    }

    fn form(
        opened_at: u32,
        node: NodeId,
        window: WindowIndex,
        source: &Source,
    ) -> Option<Challenge> {
        let seed = source.seed(node, window);
        let samples = Self::draw(node, &seed, source.circuit)?;
        let circuit = source.circuit;
        let context = statement_context(&source.genesis.0, node, window, &seed, circuit);
        let roots: Vec<_> = samples.iter().map(|sample| sample.root).collect();
        let leaves: Vec<_> = samples.iter().map(|sample| sample.leaf).collect();
        Some(Challenge {
            window,
            opened_at,
            circuit,
            statement: statement(&context, &roots, &leaves)?,
            context,
            refused: 0,
            answered: false,
        })
    }

    /// The samples of a seed over what `node` holds now.
    fn draw(node: NodeId, seed: &[u8; 32], circuit: CircuitId) -> Option<Vec<SampleInfo>> {
        draw_samples(seed, &T::Holdings::counts(node), circuit.0)
            .into_iter()
            .map(|draw| {
                let held = T::Holdings::shard_at(node, draw.class, draw.position)?;
                Some(SampleInfo {
                    segment: held.segment,
                    slot: held.slot,
                    class: draw.class,
                    root: held.root,
                    leaf: draw.leaf,
                })
            })
            .collect()
    }

    /// Answers `SpacetimeApi::samples`: draws again from the present state, and answers only where
    /// that gives the stored statement, which is in the state of the opening block.
    pub fn samples(node: NodeId, window: WindowIndex) -> Option<Vec<SampleInfo>> {
        let stored = Challenges::<T>::get(node).filter(|stored| stored.window == window)?;
        let source = Self::source(stored.circuit)?;
        let again = Self::form(stored.opened_at, node, window, &source)?;
        if again.statement != stored.statement {
            return None;
        }
        Self::draw(node, &source.seed(node, window), stored.circuit)
    }
}

impl Source {
    fn seed(&self, node: NodeId, window: WindowIndex) -> [u8; 32] {
        challenge_seed(
            &self.fresh.0,
            &self.settled.0,
            &self.genesis.0,
            node,
            window,
        )
    }
}
