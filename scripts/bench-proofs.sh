#!/usr/bin/env bash
# Everything that proofs cost, in one run: committing bytes, proving, verifying natively and in the
# WASM runtime, and a block full of proofs. Each figure stands beside its yardstick, each goal
# beside whether it holds.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

bench() {
  printf '\n=== %s\n' "$1"
  cargo bench --quiet --profile dev -p "$2" --bench "$3"
}

bench 'committing bytes' neurostore-poseidon commitment
bench 'proving' neurostore-prover proofs
bench 'verifying, native' neurostore-verifier verification
bench 'verifying, WASM runtime' neurostore-runtime verification
bench 'a block full of proofs, WASM runtime' neurostore-runtime load
