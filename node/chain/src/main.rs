//! The NeuroStore validator and full node; with `--storage-path` also a storage node.

mod chain_spec;
mod cli;
mod command;
mod rpc;
mod service;
mod storage;

fn main() -> sc_cli::Result<()> {
    command::run()
}
