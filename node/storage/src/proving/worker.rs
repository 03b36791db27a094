//! The worker that follows the chain and keeps the answer to the open challenge moving.
//!
//! What it does in each round follows from the chain's present word alone: a fork that changes the
//! statement, a restart in the middle of a window and a proof that a fork threw away are all the
//! same to it.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use neurostore_chain::{CallName, ChainError, SpacetimeError};
use neurostore_primitives::{ChallengeInfo, CircuitId, NodeId, WindowIndex, WindowOutcome};
use rand::Rng;
use tokio::{task::JoinHandle, time::Instant};

use super::{
    answer::{answer, Answer},
    error::AnswerError,
    keys::Provers,
};
use crate::{chain_access::ChainAccess, context::Context, status::WindowState};

/// Pause between rounds where no block comes.
const TICK: Duration = Duration::from_secs(3);
/// First pause after a failure; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// Longest pause after a failure: two blocks, so that an answer period of five leaves tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(12);
/// After an accepted proof the window may still look open from a block before it.
const SETTLING_PAUSE: Duration = Duration::from_secs(18);
/// Blocks after a deadline in which the chain should know how the window ended.
const OUTCOME_BLOCKS: u32 = 10;

/// The longest wait for a block with the proof, four blocks: a lost one is signed anew while there
/// is time to answer. One that arrived nevertheless is found by the refusal of the second.
const INCLUSION_PATIENCE: Duration = Duration::from_secs(24);

/// Windows that are asked for after a time without the chain.
const MOST_OVERLOOKED: u32 = 32;

/// Refusals after which the same bytes are not sent again: they would be refused again, and another
/// fork needs another proof.
const FRUITLESS: [SpacetimeError; 4] = [
    SpacetimeError::OtherChallenge,
    SpacetimeError::ProofRejected,
    SpacetimeError::ProofMalformed,
    SpacetimeError::ProofLength,
];
/// Refusals of an answer that arrived on another way: it is as good as this one.
const ARRIVED: [SpacetimeError; 2] = [
    SpacetimeError::AlreadyProven,
    SpacetimeError::AlreadyAnswered,
];

/// The work on one challenge.
struct Job {
    challenge: ChallengeInfo,
    answer: Option<Answer>,
    proving: Option<JoinHandle<Result<Answer, AnswerError>>>,
    submitting: Option<JoinHandle<Result<(), ChainError>>>,
    not_before: Instant,
    failures: u32,
}

impl Job {
    fn new(challenge: ChallengeInfo) -> Self {
        Self {
            challenge,
            answer: None,
            proving: None,
            submitting: None,
            not_before: Instant::now(),
            failures: 0,
        }
    }

    /// Waits longer after each failure, and never as long as another node that failed with us.
    fn back_off(&mut self) {
        let doubled = FIRST_PAUSE.saturating_mul(1 << self.failures.min(4));
        let jitter = rand::thread_rng().gen_range(0.5..1.0);
        self.not_before = Instant::now() + doubled.min(LONGEST_PAUSE).mul_f64(jitter);
        self.failures = self.failures.saturating_add(1);
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        // A proof under way runs to its end and is thrown away; the rest stops here.
        for task in [
            self.proving.as_ref().map(JoinHandle::abort_handle),
            self.submitting.as_ref().map(JoinHandle::abort_handle),
        ]
        .into_iter()
        .flatten()
        {
            task.abort();
        }
    }
}

struct Worker {
    context: Arc<Context>,
    chain: Arc<dyn ChainAccess>,
    provers: Arc<Provers>,
    warmed_up: Option<CircuitId>,
    job: Option<Job>,
    /// The window of the latest challenge that was heard of, open or announced.
    latest: Option<WindowIndex>,
    /// Windows that went by unheard of, oldest first, until the chain says how they ended.
    overlooked: VecDeque<ChallengeInfo>,
}

/// What ended while the worker waited.
enum Woken {
    Tick,
    Proving(Result<Answer, AnswerError>),
    Submitting(Result<(), ChainError>),
}

/// Answers challenges for ever.
pub(crate) async fn run(context: Arc<Context>) {
    let Some(chain) = context.wait_for_chain().await else {
        return;
    };
    let key_dir = context.options.proving_key_dir.clone();
    let key_dir = key_dir.unwrap_or_else(|| context.options.path.join("proving-keys"));
    let mut worker = Worker {
        provers: Provers::new(key_dir),
        chain,
        warmed_up: None,
        job: None,
        latest: None,
        overlooked: VecDeque::new(),
        context: Arc::clone(&context),
    };
    let mut blocks = context.blocks();
    loop {
        if let Err(error) = worker.round().await {
            context.chain_failed("asking for challenges", &error);
        }
        let woken = tokio::select! {
            _ = blocks.changed() => Woken::Tick,
            woken = worker.task_ended() => woken,
            () = tokio::time::sleep(TICK) => Woken::Tick,
        };
        worker.take(woken);
    }
}

impl Worker {
    /// Resolves when a task of the job ends; never where there is none.
    async fn task_ended(&mut self) -> Woken {
        let Some(job) = &mut self.job else {
            return std::future::pending().await;
        };
        if let Some(task) = &mut job.proving {
            let ended = task.await.unwrap_or(Err(AnswerError::Thread));
            job.proving = None;
            return Woken::Proving(ended);
        }
        if let Some(task) = &mut job.submitting {
            let ended = task.await.unwrap_or(Ok(()));
            job.submitting = None;
            return Woken::Submitting(ended);
        }
        std::future::pending().await
    }

    fn take(&mut self, woken: Woken) {
        let Some(job) = &mut self.job else { return };
        let challenge = job.challenge;
        let window = challenge.window;
        match woken {
            Woken::Tick => {}
            Woken::Proving(Ok(answer)) => {
                tracing::info!(%window, seconds = answer.took.as_secs_f32(), "proof made");
                let mut board = self.context.board();
                let note = board.window(&challenge);
                note.proving_ms = u64::try_from(answer.took.as_millis()).ok();
                note.trouble = None;
                board.other_key = None;
                job.answer = Some(answer);
                job.failures = 0;
                job.not_before = Instant::now();
            }
            Woken::Proving(Err(error)) => {
                let said = error.to_string();
                let mut board = self.context.board();
                // A key that is not the chain's is asked about again and again, and said once.
                if board.other_key.as_ref() != Some(&said) {
                    let deadline = challenge.deadline;
                    tracing::error!(%window, deadline, %error, "no proof yet");
                }
                if matches!(error, AnswerError::OtherKey { .. }) {
                    board.other_key = Some(said.clone());
                }
                board.window(&challenge).trouble = Some(said);
                job.back_off();
            }
            Woken::Submitting(Ok(())) => {
                tracing::debug!(%window, "the proof is in a block");
                job.failures = 0;
                job.not_before = Instant::now() + SETTLING_PAUSE;
            }
            Woken::Submitting(Err(error)) => {
                if !ARRIVED.iter().any(|refusal| error.is_refusal(*refusal)) {
                    tracing::warn!(
                        %window, deadline = challenge.deadline, %error,
                        "the chain did not take the proof; trying again until the deadline"
                    );
                    self.context.board().window(&challenge).trouble = Some(error.to_string());
                }
                if FRUITLESS.iter().any(|refusal| error.is_refusal(*refusal)) {
                    job.answer = None;
                }
                job.back_off();
            }
        }
    }

    async fn round(&mut self) -> Result<(), ChainError> {
        let Some(node) = self.context.node_id() else {
            self.job = None;
            return Ok(());
        };
        let challenge = self.chain.next_challenge(node).await?;
        self.context.board().challenge = challenge;
        match challenge {
            Some(challenge) if challenge.open => self.work_on(challenge),
            Some(challenge) => {
                self.job = None;
                if self.warmed_up != Some(challenge.circuit) {
                    self.warmed_up = Some(challenge.circuit);
                    // While there is time: the first key has to be derived.
                    self.provers.warm_up(challenge.circuit).await;
                }
            }
            None => self.job = None,
        }
        if let Some(challenge) = challenge {
            self.note_overlooked(&challenge).await?;
        }
        self.settle_overlooked(node).await?;
        self.settle(node).await
    }

    fn work_on(&mut self, challenge: ChallengeInfo) {
        let is_same = |job: &Job| {
            job.challenge.window == challenge.window
                && job.challenge.statement == challenge.statement
        };
        if !self.job.as_ref().is_some_and(is_same) {
            match &self.job {
                Some(job) if job.challenge.window == challenge.window => tracing::warn!(
                    window = %challenge.window,
                    "the chain went over to another fork with another challenge; proving anew"
                ),
                _ => tracing::info!(
                    window = %challenge.window, opened_at = challenge.opens_at,
                    deadline = challenge.deadline, samples = challenge.samples,
                    "a challenge is open"
                ),
            }
            self.job = Some(Job::new(challenge));
        }
        let Some(job) = &mut self.job else { return };
        // Full blocks move the deadline.
        job.challenge.deadline = challenge.deadline;
        let is_idle = job.proving.is_none() && job.submitting.is_none();
        if !is_idle || Instant::now() < job.not_before {
            return;
        }
        let state = match job.answer {
            None => {
                job.proving = Some(tokio::spawn(answer(
                    Arc::clone(&self.context),
                    Arc::clone(&self.chain),
                    Arc::clone(&self.provers),
                    challenge,
                )));
                WindowState::Proving
            }
            Some(answer) => {
                let (chain, context) = (Arc::clone(&self.chain), Arc::clone(&self.context));
                job.submitting = Some(tokio::spawn(async move {
                    let account = &context.keys.account;
                    let (window, statement) = (challenge.window, challenge.statement);
                    let sending = chain.submit_proof(account, window, statement, &answer.proof);
                    tokio::time::timeout(INCLUSION_PATIENCE, sending)
                        .await
                        .unwrap_or_else(|_| {
                            Err(ChainError::NotIncluded {
                                call: CallName::SubmitProof,
                                seconds: INCLUSION_PATIENCE.as_secs(),
                            })
                        })
                }));
                WindowState::Submitting
            }
        };
        let mut board = self.context.board();
        let note = board.window(&challenge);
        note.deadline = challenge.deadline;
        note.state = state;
    }

    /// Notes the windows between the latest one heard of and the one of `challenge`.
    async fn note_overlooked(&mut self, challenge: &ChallengeInfo) -> Result<(), ChainError> {
        let now = challenge.window.0;
        let latest = self.latest.map_or(now, |latest| latest.0);
        if latest < now {
            let (window_blocks, _) = self.chain.window_blocks().await?;
            let board = self.context.board();
            for window in latest.max(now.saturating_sub(MOST_OVERLOOKED))..now {
                if board.windows.iter().any(|note| note.window.0 == window) {
                    continue;
                }
                let blocks = now.saturating_sub(window).saturating_mul(window_blocks);
                self.overlooked.push_back(ChallengeInfo {
                    window: WindowIndex(window),
                    opens_at: challenge.opens_at.saturating_sub(blocks),
                    deadline: challenge.deadline.saturating_sub(blocks),
                    ..*challenge
                });
            }
        }
        self.latest = Some(WindowIndex(latest.max(now)));
        Ok(())
    }

    /// Asks how the windows ended that were overlooked. Where the chain does not know an end in
    /// time, the window asked for nothing.
    async fn settle_overlooked(&mut self, node: NodeId) -> Result<(), ChainError> {
        let best = self.context.best().map_or(0, |(number, _)| number);
        while let Some(challenge) = self.overlooked.front().copied() {
            let outcome = self.chain.outcome(node, challenge.window).await?;
            let Some(state) = state_of(outcome, challenge.deadline, best) else {
                break;
            };
            if state != WindowState::Unknown {
                self.tell(challenge.window, state);
                self.context.board().window(&challenge).state = state;
            }
            self.overlooked.pop_front();
        }
        Ok(())
    }

    /// Counts and logs how a window ended.
    fn tell(&self, window: WindowIndex, state: WindowState) {
        match state {
            WindowState::Accepted => {
                self.context.metrics.proofs_accepted.inc();
                tracing::info!(%window, "proof accepted: the window is proven");
            }
            WindowState::Missed => {
                self.context.metrics.windows_missed.inc();
                tracing::error!(
                    %window,
                    "the window was missed; 'neuro-node explain {window}' says why"
                );
            }
            _ => tracing::warn!(%window, "the chain does not say how the window ended"),
        }
    }

    /// Asks how the windows ended that were worked on.
    async fn settle(&self, node: NodeId) -> Result<(), ChainError> {
        let waiting: Vec<(WindowIndex, u32)> = {
            let board = self.context.board();
            let at_work = self.job.as_ref().map(|job| job.challenge.window);
            let open = board.windows.iter().filter(|note| !note.is_closed());
            open.filter(|note| Some(note.window) != at_work)
                .map(|note| (note.window, note.deadline))
                .collect()
        };
        let best = self.context.best().map_or(0, |(number, _)| number);
        for (window, deadline) in waiting {
            let outcome = self.chain.outcome(node, window).await?;
            let Some(state) = state_of(outcome, deadline, best) else {
                continue;
            };
            self.tell(window, state);
            let mut board = self.context.board();
            if let Some(note) = board.windows.iter_mut().find(|note| note.window == window) {
                note.state = state;
            }
        }
        Ok(())
    }
}

/// How a window ended, as far as the chain says at block `best`; `None` while it may still say.
fn state_of(outcome: Option<WindowOutcome>, deadline: u32, best: u32) -> Option<WindowState> {
    match outcome {
        Some(WindowOutcome::Proven { .. }) => Some(WindowState::Accepted),
        Some(WindowOutcome::Missed { .. }) => Some(WindowState::Missed),
        None if best > deadline.saturating_add(OUTCOME_BLOCKS) => Some(WindowState::Unknown),
        None => None,
    }
}
