//! Nonces for several transactions in flight from one account.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::AccountId;

/// How long our own count outweighs the chain's. The pool counts a transaction from the moment it
/// took it; ours only bridges the short time in which a fork switch makes it forget.
const TRUST_OWN_COUNT: Duration = Duration::from_secs(12);

type SharedCounter = Arc<tokio::sync::Mutex<Counter>>;

/// One counter for each account of this process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nonces {
    accounts: Arc<Mutex<HashMap<[u8; 32], SharedCounter>>>,
}

impl Nonces {
    /// The counter of `account`. Hold its lock from reading the nonce until the pool has taken
    /// the transaction: so no two transactions get the same number and none is skipped.
    pub(crate) fn of(&self, account: &AccountId) -> Arc<tokio::sync::Mutex<Counter>> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(accounts.entry(account.0).or_default())
    }
}

/// The next nonce of an account as far as this process knows.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    next: Option<(u64, Instant)>,
}

impl Counter {
    /// The nonce to use, where the chain and its pool say `chain_next`.
    pub(crate) fn choose(&self, chain_next: u64, now: Instant) -> u64 {
        match self.next {
            Some((own, at)) if now.saturating_duration_since(at) < TRUST_OWN_COUNT => {
                own.max(chain_next)
            }
            _ => chain_next,
        }
    }

    /// The pool took a transaction with `nonce`.
    pub(crate) fn taken(&mut self, nonce: u64, now: Instant) {
        self.next = Some((nonce.saturating_add(1), now));
    }

    /// A transaction was refused or lost: only the chain's count is right now.
    pub(crate) fn forget(&mut self) {
        self.next = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_transaction_gets_the_next_number_though_the_chain_still_says_the_old_one() {
        let (mut counter, now) = (Counter::default(), Instant::now());
        assert_eq!(counter.choose(4, now), 4);
        counter.taken(4, now);
        assert_eq!(counter.choose(4, now), 5);
        assert_eq!(
            counter.choose(9, now),
            9,
            "another process used the account"
        );
    }

    #[test]
    fn a_lost_or_old_count_gives_way_to_the_chain() {
        let (mut counter, now) = (Counter::default(), Instant::now());
        counter.taken(7, now);
        assert_eq!(counter.choose(3, now + TRUST_OWN_COUNT), 3);
        counter.forget();
        assert_eq!(counter.choose(3, now), 3);
    }

    #[test]
    fn accounts_do_not_share_counters() {
        let nonces = Nonces::default();
        let (a, b) = (AccountId::from([1; 32]), AccountId::from([2; 32]));
        assert!(Arc::ptr_eq(&nonces.of(&a), &nonces.of(&a)));
        assert!(!Arc::ptr_eq(&nonces.of(&a), &nonces.of(&b)));
    }
}
