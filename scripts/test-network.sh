#!/usr/bin/env bash
# Tests over whole networks of processes: the story of a file, polkadot.js, faults, the manual's
# commands. In one process, since most of them share a network; words are names, or parts of names,
# of those to run.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh
# The programs of which networks are made are built with the test, or it would run those of before.
cargo build --workspace --bins --test network
exec cargo test --workspace --test network -- "$@"
