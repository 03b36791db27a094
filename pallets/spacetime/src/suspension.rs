//! A circuit that is broken is suspended at once, and nobody pays for the time until that is lifted.
//!
//! While it is suspended nothing is proven with it: no challenge of it is opened, no answer taken,
//! and no verdict given on one that was taken before. A window that could not be proven for that
//! reason is **deferred**: it is neither proven nor missed, and its rent stays where it was, in the
//! window, until the node proves a later one.

use frame_support::{ensure, pallet_prelude::DispatchResult};
use neurostore_primitives::{CircuitId, NodeId, WindowIndex, WindowLedger, WindowOutcome};

use crate::{pallet::*, Suspension};

/// Deferred windows that one opening settles: after a suspension of a day of hourly windows all
/// is paid three windows later, and an opening costs little more than it did.
pub(crate) const SETTLED_PER_OPENING: usize = 8;

impl<T: Config> Pallet<T> {
    pub(crate) fn do_suspend_circuit(circuit: CircuitId) -> DispatchResult {
        ensure!(
            VerifyingKeys::<T>::contains_key(circuit),
            Error::<T>::UnknownCircuit
        );
        ensure!(!Self::is_suspended(circuit), Error::<T>::CircuitSuspended);
        let suspension = Suspension {
            since: Self::now(),
            lifted_at: None,
        };
        Suspensions::<T>::insert(circuit, suspension);
        Self::deposit_event(Event::CircuitSuspended { circuit });
        Ok(())
    }

    pub(crate) fn do_resume_circuit(circuit: CircuitId) -> DispatchResult {
        let suspension = Suspensions::<T>::get(circuit)
            .filter(Suspension::is_in_force)
            .ok_or(Error::<T>::CircuitNotSuspended)?;
        let lifted = Suspension {
            lifted_at: Some(Self::now()),
            ..suspension
        };
        Suspensions::<T>::insert(circuit, lifted);
        Self::deposit_event(Event::CircuitResumed { circuit });
        Ok(())
    }

    /// Whether nothing may be proven with the circuit now.
    pub(crate) fn is_suspended(circuit: CircuitId) -> bool {
        Suspensions::<T>::get(circuit).is_some_and(|suspension| suspension.is_in_force())
    }

    /// Whether the circuit was suspended at any time since the end of block `opened_at`: time that a
    /// challenge of then lost through no fault of its node.
    pub(crate) fn was_suspended_since(circuit: CircuitId, opened_at: u32) -> bool {
        Suspensions::<T>::get(circuit)
            .is_some_and(|suspension| suspension.lifted_at.is_none_or(|block| block > opened_at))
    }

    /// The window ends without a verdict, and its rent waits for the node's next proof.
    pub(crate) fn defer(node: NodeId, window: WindowIndex) {
        Self::forget_challenge(node, window);
        Deferred::<T>::mutate(node, |windows| {
            if windows.is_full() {
                // A suspension beyond all measure: what is kept of it has a limit.
                T::Ledger::missed(node, windows.remove(0));
            }
            // The queue may give up an older window after a younger one; there is room now.
            if let Err(place) = windows.binary_search(&window) {
                let _ = windows.try_insert(place, window);
            }
        });
        Self::deposit_event(Event::WindowDeferred { node, window });
    }

    /// Pays some deferred windows of a node whose latest window is proven: it has shown that it
    /// still holds what these were to be paid for.
    pub(crate) fn settle_deferred(node: NodeId) {
        let mut windows = Deferred::<T>::get(node);
        // Nearly always there are none, and every opening asks.
        let Some(first) = windows.first().copied() else {
            return;
        };
        let Some((latest, outcome)) = Outcomes::<T>::get(node).last().copied() else {
            return;
        };
        let has_proven = matches!(outcome, WindowOutcome::Proven { .. }) && latest > first;
        if !has_proven {
            return;
        }
        let blocks = WindowBlocks::<T>::get();
        for _ in 0..SETTLED_PER_OPENING {
            match windows.first().copied() {
                Some(window) if window < latest => {
                    T::Ledger::proven(node, window, blocks);
                    windows.remove(0);
                }
                _ => break,
            }
        }
        if windows.is_empty() {
            Deferred::<T>::remove(node);
        } else {
            Deferred::<T>::insert(node, windows);
        }
    }
}
