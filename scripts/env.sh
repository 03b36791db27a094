# Sourced by the Makefile and by people: where things are built and with which WASM compiler.
# Every value can be set beforehand.

neurostore_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# One target directory for all checkouts: dependencies are built once on a machine.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/neurostore/target}"
# The runtime's WASM build looks for the workspace from the target directory otherwise.
export WASM_BUILD_WORKSPACE_HINT="${WASM_BUILD_WORKSPACE_HINT:-$neurostore_root}"
# Vectorised coding for CPUs since 2013 instead of the build machine's own.
export RUST_REED_SOLOMON_ERASURE_ARCH="${RUST_REED_SOLOMON_ERASURE_ARCH:-haswell}"

# The toolchain that `scripts/setup.sh` made where rustup could not fetch the WASM target.
if [ -z "${WASM_BUILD_TOOLCHAIN:-}" ] && rustup toolchain list 2>/dev/null | grep -q '^neurostore-wasm'; then
  export WASM_BUILD_TOOLCHAIN=neurostore-wasm
fi

# Where the programs are once they are built.
export NEUROSTORE_BIN="$CARGO_TARGET_DIR/debug"
