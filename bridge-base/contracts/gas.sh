#!/usr/bin/env bash
# Measures gas as the receipt's gasUsed on anvil under Base's rules, beside the goals. Fails when a goal is missed.
set -euo pipefail
cd "$(dirname "$0")"
./setup.sh

port=${GAS_PORT:-18545}
log=$(mktemp)
./tools/anvil --port "$port" --chain-id 8453 --hardfork osaka --enable-tx-gas-limit --silent >"$log" 2>&1 &
anvil=$!
trap 'kill "$anvil" 2>/dev/null; rm -f "$log"' EXIT

rpc=http://127.0.0.1:$port
for _ in $(seq 50); do
    ./tools/cast chain-id --rpc-url "$rpc" >/dev/null 2>&1 && break
    sleep 0.2
done
# Each block comes 12 seconds after the one before, so that every claim has a tick to pay.
./tools/cast rpc --rpc-url "$rpc" anvil_setBlockTimestampInterval 12 >/dev/null

# The first of anvil's well-known accounts: worth nothing anywhere else.
key=0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80
./tools/forge script script/Gas.s.sol --sig 'measure()' --rpc-url "$rpc" --private-key "$key" \
    --broadcast --slow --gas-estimate-multiplier 300 >"$log" 2>&1 || { tail -40 "$log"; exit 1; }
node tools/gas-table.js "$@"
