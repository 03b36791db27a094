#!/usr/bin/env bash
# Measures gas as the receipt's gasUsed on anvil under Base's rules, beside the goals. Fails when a goal is missed.
# `gas.sh --write ../../docs/bridge.md` also puts the table into the page.
set -euo pipefail
cd "$(dirname "$0")"
./setup.sh

port=${GAS_PORT:-18545}
rpc=http://127.0.0.1:$port
log=$(mktemp)
exec 3< <(exec ./tools/anvil --port "$port" --chain-id 8453 --hardfork osaka --enable-tx-gas-limit 2>&1)
anvil=$!
trap 'kill "$anvil" 2>/dev/null || true; rm -f "$log"' EXIT

# Anvil says when it listens; if it ends before, so does what it says.
listens=
while read -r line <&3; do
    case $line in *"Listening on"*) listens=yes; break ;; esac
    echo "$line" >>"$log"
done
[ -n "$listens" ] || { cat "$log"; exit 1; }
cat <&3 >/dev/null &

# Each block comes 12 seconds after the one before, so that every claim has a tick to pay.
./tools/cast rpc --rpc-url "$rpc" anvil_setBlockTimestampInterval 12 >/dev/null

# Anvil signs for its own first account: no key stands here, not even one that is worth nothing.
sender=$(./tools/cast rpc --rpc-url "$rpc" eth_accounts | tr -d '[]" ' | cut -d, -f1)
./tools/forge script script/Gas.s.sol --sig 'measure()' --rpc-url "$rpc" --unlocked --sender "$sender" \
    --broadcast --slow --gas-estimate-multiplier 300 >"$log" 2>&1 || { tail -40 "$log"; exit 1; }
node tools/gas-table.js "$@"
