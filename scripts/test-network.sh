#!/usr/bin/env bash
# Tests over whole networks of processes: the story of a file, polkadot.js, processes that end.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh
if command -v cargo-nextest >/dev/null; then
  cargo nextest run --workspace --profile ci -E 'binary_id(neurostore-localnet::network)'
else
  cargo test -p neurostore-localnet --test network -- --test-threads 1
fi
