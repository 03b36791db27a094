//! What became of a window, in words that a person can act on.

use alloc::{format, string::String, vec::Vec};
use neurostore_primitives::{FaultReason, NodeId, WindowIndex, WindowOutcome};

use crate::{
    pallet::*,
    types::{MOST_REFUSED_ANSWERS, OUTCOMES_KEPT},
    QueuedProof,
};

impl<T: Config> Pallet<T> {
    /// Answers `SpacetimeApi::explain`.
    pub fn explain(node: NodeId, window: WindowIndex) -> Vec<u8> {
        Self::explanation(node, window).into_bytes()
    }

    fn explanation(node: NodeId, window: WindowIndex) -> String {
        let Some(offset) = Offsets::<T>::get(node) else {
            return format!(
                "Node {node} is not registered on this chain. Register it with its operator's \
                 account first."
            );
        };
        if let Some(outcome) = Self::outcome(node, window) {
            return Self::explain_outcome(offset, window, outcome);
        }
        let is_asked = |queued: &QueuedProof| queued.node == node && queued.window == window;
        if Queue::<T>::iter_values().any(|queued| is_asked(&queued)) {
            return format!(
                "Window {window} of node {node} was answered in time. A proof of that block was \
                 invalid or the chain's key for it is being prepared, so its proofs are checked \
                 one by one; {} wait. There is nothing to do.",
                Self::queued()
            );
        }
        if Deferred::<T>::get(node).contains(&window) {
            return format!(
                "Window {window} of node {node} could not be proven, because the circuit was \
                 suspended. Nobody is blamed: its rent waits, and is credited once the node has \
                 proven a later window. There is nothing to do."
            );
        }
        if let Some(text) = Self::explain_open(node, window) {
            return text;
        }
        let now = Self::now();
        let opens_at = Self::opening_of(window, offset);
        if opens_at > now {
            return format!(
                "Window {window} of node {node} has not opened yet. It opens in block {opens_at}; \
                 the chain is at block {now}."
            );
        }
        format!(
            "Nothing is known of window {window} of node {node}, which opened in block \
             {opens_at}. Either the node held no shards then and had nothing to prove, or the \
             window is older than the {OUTCOMES_KEPT} that the chain remembers, or the chain could \
             form no challenge: look for the event ChallengeUnavailable in that block. Where it \
             could not check the answer, the event WindowExcused came later; the node is not \
             blamed for either."
        )
    }

    fn explain_outcome(offset: u32, window: WindowIndex, outcome: WindowOutcome) -> String {
        let next = Self::next_opening(Self::now(), offset);
        match outcome {
            WindowOutcome::Proven { at } => format!(
                "Window {window} is proven: the proof was accepted in block {at}. Its rent \
                 streams out over the {} blocks after that. The next window opens in block {next}.",
                WindowBlocks::<T>::get()
            ),
            WindowOutcome::Missed {
                at,
                reason: FaultReason::NoAnswer,
            } => format!(
                "Window {window} is missed: no answer came until block {at}, so it earned \
                 nothing. Check that the storage service runs and reaches the chain, that its \
                 prover keeps up, and that the node's account can pay the fee that an accepted \
                 proof gets back. The next window opens in block {next}."
            ),
            WindowOutcome::Missed {
                at,
                reason: FaultReason::InvalidAnswer,
            } => format!(
                "Window {window} is missed: answers came until block {at}, and none was valid, so \
                 it earned nothing. Check that the shards on disk are whole and that the proving \
                 key is the one of the active circuit. The next window opens in block {next}."
            ),
        }
    }

    fn explain_open(node: NodeId, window: WindowIndex) -> Option<String> {
        let challenge = Challenges::<T>::get(node).filter(|open| open.window == window)?;
        let deadline = Self::deadline_of(&challenge)?;
        let now = Self::now();
        let opened_at = challenge.opened_at;
        let circuit = challenge.circuit;
        if Self::is_suspended(circuit) {
            return Some(format!(
                "Window {window} of node {node} cannot be proven at present: circuit {circuit} is \
                 suspended. It is not missed for that, and its rent waits for the next window that \
                 the node proves. There is nothing to do."
            ));
        }
        if now >= deadline {
            let end = if Self::was_suspended_since(circuit, opened_at) {
                "is not held against the node, because the circuit was suspended meanwhile"
            } else {
                "counts as missed from the next block on"
            };
            return Some(format!(
                "Window {window} of node {node} was not answered until block {deadline} and {end}."
            ));
        }
        if challenge.refused >= MOST_REFUSED_ANSWERS {
            return Some(format!(
                "Window {window} of node {node} takes no more answers: {MOST_REFUSED_ANSWERS} came \
                 that were not valid. Check that the shards on disk are whole and that the proving \
                 key is the one of circuit {circuit}."
            ));
        }
        let left = deadline.saturating_sub(now);
        let refused = if challenge.refused > 0 {
            " An answer that came was not valid: check that the shards on disk are whole and that \
             the proving key is the one of this circuit."
        } else {
            ""
        };
        Some(format!(
            "Window {window} of node {node} is open since block {opened_at} and waits for a proof \
             of circuit {circuit}. An answer counts until block {deadline}: {left} blocks are \
             left.{refused}"
        ))
    }
}
