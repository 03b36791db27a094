#!/usr/bin/env bash
# Installs the pinned tools and libraries of the contracts. Does nothing when they are there already.
set -euo pipefail
cd "$(dirname "$0")"

stamp=node_modules/.installed-from
if [ -f "$stamp" ] && cmp -s package-lock.json "$stamp"; then
    exit 0
fi
# No install script is run: forge, anvil and cast are called by the path of their binary.
npm ci --ignore-scripts --no-audit --no-fund
cp package-lock.json "$stamp"
echo "bridge contracts: $(npm_config_loglevel=error ./tools/forge --version | head -1), solc $(./tools/solc --version | tail -1)"
