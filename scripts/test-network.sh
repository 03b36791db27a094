#!/usr/bin/env bash
# Tests over whole networks of processes: the story of a file, polkadot.js, processes that end.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh
cargo nextest run --workspace --profile ci -E 'binary_id(neurostore-localnet::network)'
