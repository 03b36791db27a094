//! The NeuroStore validator and full node; with `--storage-path` also a storage node.
#![allow(clippy::result_large_err)] // The errors of sc-cli and sc-service, handled once at the start.

mod chain_spec;
mod cli;
mod command;
mod package;
mod service;
mod storage;

fn main() -> sc_cli::Result<()> {
    command::run()
}
