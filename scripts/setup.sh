#!/usr/bin/env bash
# Installs what a Debian 12 machine with rustup lacks to build NeuroStore. Run again at will: what
# is there is left alone.
set -euo pipefail

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

command -v rustup >/dev/null || fail "rustup is missing: install it first (https://rustup.rs)"
command -v cargo >/dev/null || fail "cargo is missing: rustup toolchain install stable"

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "not root and no sudo: run as root: $*"
  fi
}

install_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} = 0 ]; then say "packages: all there"; return; fi
  say "packages: installing ${missing[*]}"
  as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# What the build needs: protoc for the network messages, clang and cmake for C and C++ libraries.
install_packages protobuf-compiler clang libclang-dev cmake pkg-config make g++ git ca-certificates

# What the networks of the tests stand on: namespaces of their own, disks that fill and fail, clocks
# that are wrong.
install_packages iproute2 mount btrfs-progs libfaketime

# What the tests against polkadot.js and snarkjs need.
command -v npm >/dev/null || install_packages nodejs npm

has_wasm_target() { rustc --print target-libdir --target wasm32v1-none 2>/dev/null | xargs -r ls 2>/dev/null | grep -q '^libcore'; }

# The runtime is compiled to WASM. The ordinary way is a target of rustup.
if has_wasm_target; then
  say "WASM: target wasm32v1-none is there"; exit 0
fi
if rustup toolchain list | grep -q '^neurostore-wasm' \
  && ls "$(rustup run neurostore-wasm rustc --print sysroot)"/lib/rustlib/wasm32v1-none/lib/libcore-*.rlib >/dev/null 2>&1; then
  say "WASM: toolchain neurostore-wasm is there"; exit 0
fi
say "WASM: rustup target add wasm32v1-none"
if timeout 120 rustup target add wasm32v1-none >/dev/null 2>&1 && has_wasm_target; then
  say "WASM: target wasm32v1-none added"; exit 0
fi

# Where rustup cannot download: Debian's compiler, with core and alloc built for the target. They
# must carry LLVM bitcode, or the link-time optimisation of the runtime fails.
say "WASM: rustup could not fetch the target; building it from Debian's rust-web packages"
install_packages rustc-web cargo-web rust-web-src lld
rustup toolchain link neurostore-wasm /usr
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/src"
printf '[package]\nname = "wasm-core"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' > "$work/Cargo.toml"
printf '#![no_std]\n' > "$work/src/lib.rs"
(cd "$work" && env -u CARGO_TARGET_DIR RUSTFLAGS=-Cembed-bitcode=yes RUSTC_BOOTSTRAP=1 \
  rustup run neurostore-wasm cargo build --quiet --release --target wasm32v1-none \
  -Z build-std=core,alloc -Z build-std-features=compiler-builtins-mem)
libraries=/usr/lib/rustlib/wasm32v1-none/lib
as_root mkdir -p "$libraries" /usr/lib/rustlib/x86_64-unknown-linux-gnu/bin
as_root cp "$work"/target/wasm32v1-none/release/deps/lib{core,alloc,compiler_builtins}-*.rlib "$libraries/"
as_root ln -sf "$(rustc --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld" \
  /usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld
# A runtime built against older libraries must not be mixed with these.
target="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/neurostore/target}"
rm -rf "$target/debug/wbuild" "$target/release/wbuild"
say "WASM: toolchain neurostore-wasm made"
