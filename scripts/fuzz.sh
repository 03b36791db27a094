#!/usr/bin/env bash
# Fuzzes every decoder of the proofs for some seconds each (60, or the first argument).
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh
seconds=${1:-60}

command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz

folder=zk-circuits/fuzz
# Its own: everything is compiled with instrumentation.
export CARGO_TARGET_DIR="$CARGO_TARGET_DIR-fuzz"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
summary=()
targets=$(cargo fuzz list --fuzz-dir "$folder")
[ -n "$targets" ]
for target in $targets; do
  printf '\n== %s, %s s\n' "$target" "$seconds"
  # Without a sanitizer: all code is safe Rust, and stable compilers have none.
  cargo fuzz run --fuzz-dir "$folder" --sanitizer none "$target" -- \
    -max_total_time="$seconds" -timeout=25 -print_final_stats=1 2>&1 | tee "$log" | tail -n 8
  runs=$(grep -oE 'stat::number_of_executed_units: *[0-9]+' "$log" | grep -oE '[0-9]+$')
  summary+=("$(printf '%-16s %10s runs, no crash' "$target" "$runs")")
done
printf '\n== fuzzed\n'
printf '%s\n' "${summary[@]}"
