#!/usr/bin/env bash
# Tests over whole networks of processes: the story of a file, polkadot.js, faults, the manual's
# commands. In one process, since most of them share a network; words are names, or parts of names,
# of those to run.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh
exec cargo test --workspace --test network -- "$@"
