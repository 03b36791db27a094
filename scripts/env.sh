# Sourced by the Makefile and by people: where things are built, with which WASM compiler, and that
# our crates are linted while they are compiled. Every value can be set beforehand.

neurostore_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# One target directory for all checkouts: dependencies are built once on a machine.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/neurostore/target}"
# The runtime's WASM build looks for the workspace from the target directory otherwise.
export WASM_BUILD_WORKSPACE_HINT="${WASM_BUILD_WORKSPACE_HINT:-$neurostore_root}"
# Vectorised coding for CPUs since 2013 instead of the build machine's own.
export RUST_REED_SOLOMON_ERASURE_ARCH="${RUST_REED_SOLOMON_ERASURE_ARCH:-haswell}"

# Lints come with the build instead of with a second compilation of everything; any of them is an
# error. Set to nothing, the compiler itself builds: what benches and releases do.
export RUSTC_WORKSPACE_WRAPPER="${RUSTC_WORKSPACE_WRAPPER-clippy-driver}"
export CLIPPY_ARGS="${CLIPPY_ARGS--D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__}"

# The toolchain that `scripts/setup.sh` made where rustup could not fetch the WASM target.
if [ -z "${WASM_BUILD_TOOLCHAIN:-}" ] && rustup toolchain list 2>/dev/null | grep -q '^neurostore-wasm'; then
  export WASM_BUILD_TOOLCHAIN=neurostore-wasm
fi

# Where the programs are once they are built.
export NEUROSTORE_BIN="$CARGO_TARGET_DIR/debug"
