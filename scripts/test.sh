#!/usr/bin/env bash
# The tests of all crates. Prints how long each part took. Whole networks of processes have their
# own script, `scripts/test-network.sh`: they need both cores for themselves and npm.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

parts=()
part() {
  local name=$1 begin=$SECONDS; shift
  printf '\n== %s\n' "$name"
  "$@"
  parts+=("$(printf '%-16s %4d s' "$name" $((SECONDS - begin)))")
}

if command -v cargo-nextest >/dev/null; then
  part rust cargo nextest run --workspace --profile ci \
    -E 'not binary_id(neurostore-localnet::network)'
else
  part rust cargo test --workspace --lib --bins
fi

printf '\n== parts\n'
printf '%s\n' "${parts[@]}"
