#!/usr/bin/env bash
# The tests of all crates, then those over whole networks of processes, which need both cores for
# themselves and npm. Prints how long each part took.
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
  part rust cargo test --workspace --exclude neurostore-localnet
fi
part network scripts/test-network.sh

printf '\n== parts\n'
printf '%s\n' "${parts[@]}"
