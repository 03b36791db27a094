//! What workers write down for people to read.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use neurostore_primitives::{ChallengeInfo, ShardRoot};

use crate::status::{Earned, MissingShard, Stage, WindowNote};

/// Windows that the status shows.
const WINDOWS_SHOWN: usize = 32;
/// Missing shards that the status names; all are counted.
const MISSING_SHOWN: usize = 64;

/// The notes of all workers.
#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) stage: Stage,
    pub(crate) message: String,
    pub(crate) last_block: Option<Instant>,
    pub(crate) challenge: Option<ChallengeInfo>,
    pub(crate) windows: VecDeque<WindowNote>,
    pub(crate) missing: BTreeMap<ShardRoot, MissingShard>,
    pub(crate) earned: Option<Earned>,
    /// Why no proof is sent, until one passes the chain's check again.
    pub(crate) other_key: Option<String>,
    pub(crate) recovering: Option<(usize, usize)>,
    /// Workers that panicked since the start, and what they said last.
    pub(crate) failed_workers: BTreeMap<&'static str, String>,
}

impl Board {
    /// The board of a service that begins.
    pub(crate) fn new() -> Self {
        Self {
            stage: Stage::Starting,
            message: "starting".into(),
            last_block: None,
            challenge: None,
            windows: VecDeque::new(),
            missing: BTreeMap::new(),
            earned: None,
            other_key: None,
            recovering: None,
            failed_workers: BTreeMap::new(),
        }
    }

    /// The note of a window, made where there is none.
    pub(crate) fn window(&mut self, challenge: &ChallengeInfo) -> &mut WindowNote {
        let window = challenge.window;
        let position = self.windows.iter().position(|note| note.window == window);
        let position = position.unwrap_or_else(|| {
            if self.windows.len() >= WINDOWS_SHOWN {
                self.windows.pop_front();
            }
            let later = self
                .windows
                .iter()
                .position(|note| note.window.0 > window.0);
            let at = later.unwrap_or(self.windows.len());
            self.windows.insert(at, WindowNote::new(challenge));
            at
        });
        &mut self.windows[position]
    }

    /// Sentences for what keeps the node from earning, beside what the chain says of it.
    pub(crate) fn concerns(&self) -> Vec<String> {
        let mut concerns = Vec::new();
        for (worker, said) in &self.failed_workers {
            concerns.push(format!(
                "the {worker} worker panicked and was started again ({said}); the log says where"
            ));
        }
        if self.other_key.is_some() {
            concerns.push(
                "no window is proven: the chain refuses the proofs of the proving key that is here"
                    .into(),
            );
        }
        if let Some((done, all)) = self.recovering {
            concerns.push(format!(
                "shards that the start found unsettled are being checked ({done} of {all}): \
                 windows that sample one of the others cannot be proven before"
            ));
        }
        concerns
    }

    pub(crate) fn missing_shown(&self) -> Vec<MissingShard> {
        self.missing.values().take(MISSING_SHOWN).cloned().collect()
    }
}
