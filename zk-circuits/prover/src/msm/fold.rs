//! Adding up entries with equal keys.

use super::adder::{add_exactly, look_up, Adder, Pair, Reference};

/// A point under a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// What it is added up under.
    pub(crate) key: u32,
    /// The point.
    pub(crate) point: Reference,
}

/// Entries, and the memory that adding them up takes.
#[derive(Debug)]
pub(crate) struct Fold<P> {
    /// Ascending by key.
    pub(crate) entries: Vec<Entry>,
    next: Vec<Entry>,
    pairs: Vec<Pair>,
    computed: Vec<P>,
}

impl<P: Copy + Default + PartialEq> Fold<P> {
    pub(crate) fn new() -> Self {
        Self {
            entries: Vec::new(),
            next: Vec::new(),
            pairs: Vec::new(),
            computed: Vec::new(),
        }
    }

    /// Forgets everything but the memory.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.computed.clear();
    }

    /// Adds neighbours with equal keys until every key has one entry, or none where its points
    /// cancel out.
    pub(crate) fn all<A: Adder<Point = P>>(&mut self, adder: A, known: &[P]) {
        while self.once(adder, known) {}
    }

    /// Adds each two neighbours with equal keys; false where there are none.
    pub(crate) fn once<A: Adder<Point = P>>(&mut self, adder: A, known: &[P]) -> bool {
        self.pairs.clear();
        self.next.clear();
        let mut free = known.len().saturating_add(self.computed.len());
        let mut entries = self.entries.iter().copied().peekable();
        while let Some(entry) = entries.next() {
            let Some(other) = entries.next_if(|other| other.key == entry.key) else {
                self.next.push(entry);
                continue;
            };
            self.pairs.push([entry.point, other.point]);
            self.next.push(Entry {
                key: entry.key,
                point: Reference::new(free, false),
            });
            free = free.saturating_add(1);
        }
        if self.pairs.is_empty() {
            return false;
        }
        for pairs in self.pairs.chunks(BATCH) {
            if !adder.add(known, &mut self.computed, pairs) {
                add_exactly(adder, known, &mut self.computed, pairs);
                let computed = &self.computed;
                self.next.retain(|entry| {
                    // What this round has not yet computed is not at infinity for all we know.
                    look_up(known, computed, entry.point).is_none_or(|point| *point != P::default())
                });
            }
        }
        std::mem::swap(&mut self.entries, &mut self.next);
        true
    }

    /// The point of an entry.
    pub(crate) fn point<A: Adder<Point = P>>(&self, adder: A, known: &[P], entry: &Entry) -> P {
        let found = look_up(known, &self.computed, entry.point);
        let point = found.copied().unwrap_or_default();
        if entry.point.is_opposite() {
            adder.enter(&-adder.leave(&point))
        } else {
            point
        }
    }
}

/// Pairs that share an inversion: so many that it does not count, so few that what is kept of
/// each, some 300 bytes, stays in a core's cache.
const BATCH: usize = 1 << 11;
