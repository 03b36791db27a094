#!/usr/bin/env bash
# The gate: every rule that a change must keep. Without words all stages run; with words those, as in
# `scripts/test.sh docs rust`. Prints how long each took.
set -uo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

# Formatting is as rustfmt has it.
stage_format() { cargo fmt --all --check; }

# Everything compiles, linted on the way: a warning is an error.
stage_build() { cargo build --workspace --all-targets; }

# What is depended on: licences, sources, and libraries that only one crate may know (deny.toml).
stage_licences() { "$(scripts/cargo-deny.sh)" --log-level error check --hide-inclusion-graph bans licenses sources; }

# All tests but those over whole networks; the rules of scripts/gate are among them.
stage_rust() {
  if command -v cargo-nextest >/dev/null; then
    cargo nextest run --workspace --profile ci -E 'not binary_id(neurostore-localnet::network)'
  else
    cargo test --workspace --tests --exclude neurostore-localnet &&
      cargo test -p neurostore-localnet --lib --bins
  fi
}

# The pages of every crate, with broken links as errors, and every example in them.
stage_docs() { RUSTDOC="$PWD/scripts/rustdoc.sh" cargo test --workspace --doc --quiet; }

# The fuzz targets compile. They are a workspace of their own, and linted as the rest.
stage_fuzz() {
  CARGO_TARGET_DIR="$CARGO_TARGET_DIR/fuzz-check" cargo check --manifest-path zk-circuits/fuzz/Cargo.toml --all-targets
}

# The runtime compiles with the hooks that check its state before and after an upgrade, and with the
# benchmarks of the SDK's pallets. Selected by its test, so that the features of all else, and with
# them what is built already, stay as they are.
stage_features() {
  SKIP_WASM_BUILD=1 cargo build --workspace --test wasm \
    --features neurostore-runtime/try-runtime,neurostore-runtime/runtime-benchmarks
}

# The object format compiles for WASM, as a browser needs it, without std and without C.
stage_wasm32() {
  local toolchain=()
  [ -z "${WASM_BUILD_TOOLCHAIN:-}" ] || toolchain=(rustup run "$WASM_BUILD_TOOLCHAIN")
  RUSTC_WORKSPACE_WRAPPER='' "${toolchain[@]}" cargo build -p neurostore-format --no-default-features --target wasm32v1-none
}

# The contracts on Base, with Foundry and solc from npm.
stage_contracts() { bridge-base/contracts/test.sh; }

# Whole networks of processes, which need both cores for themselves.
stage_network() { scripts/test-network.sh; }

all=(format build licences rust docs fuzz features wasm32 contracts network)
if [ $# -gt 0 ]; then chosen=("$@"); else chosen=("${all[@]}"); fi
for name in "${chosen[@]}"; do
  if ! declare -F "stage_$name" >/dev/null; then
    printf 'there is no stage %s; there are: %s\n' "$name" "${all[*]}" >&2
    exit 2
  fi
done

began=$SECONDS
lines=()
report() {
  printf '\n== stages\n'
  printf '%s\n' "${lines[@]}"
  printf '%-12s %5d s\n' total $((SECONDS - began))
}
for name in "${chosen[@]}"; do
  begin=$SECONDS
  printf '\n== %s\n' "$name"
  if ! "stage_$name"; then
    lines+=("$(printf '%-12s %5d s  FAILED' "$name" $((SECONDS - begin)))")
    report
    exit 1
  fi
  lines+=("$(printf '%-12s %5d s' "$name" $((SECONDS - begin)))")
done
report
