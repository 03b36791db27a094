#!/usr/bin/env bash
# Everything that proofs cost, in one run: committing bytes, proving, verifying natively and in the
# WASM runtime, and a block full of proofs. Each figure stands beside its yardstick, each goal
# beside whether it holds.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

# With the features of the whole workspace, so that nothing is compiled twice.
bench() {
  printf '\n=== %s\n' "$1"
  cargo bench --quiet --workspace --profile dev --bench "$2"
}

bench 'committing bytes' commitment
bench 'proving' proofs
bench 'verifying, native' verification
bench 'verifying, WASM runtime' wasm_verification
bench 'a block full of proofs, WASM runtime' full_block
