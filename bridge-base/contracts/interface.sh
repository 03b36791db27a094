#!/usr/bin/env bash
# Writes ABI and storage layout of the contracts into `abi/`. `--check` compares instead.
set -euo pipefail
cd "$(dirname "$0")"
./setup.sh
./tools/forge build --quiet
node tools/interface.js "$@"
