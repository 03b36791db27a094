//! Answering challenges: one proof for each window, in time, whatever the chain does meanwhile.

mod answer;
mod error;
mod keys;
mod samples;
mod verdict;
mod worker;

pub(crate) use self::worker::run;
