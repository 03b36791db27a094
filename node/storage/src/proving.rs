//! Answering challenges: one proof for each window, in time, whatever the chain does meanwhile.

mod answer;
mod keys;
mod note;
mod worker;

pub use self::note::{WindowNote, WindowState};
pub(crate) use self::worker::run;
