#!/usr/bin/env bash
# Runs the tests of the contracts. Arguments go to forge test; FOUNDRY_PROFILE=deep is the long campaign.
# What is drawn comes of SEED: the same in every short run, another in every long one.
# The last line is `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")"
./setup.sh || exit 1

seed=${SEED:-0x4e4555524f}
if [ "${FOUNDRY_PROFILE:-}" = deep ]; then
    seed=${SEED:-0x$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')}
    echo "SEED=$seed"
fi

out=$(mktemp)
trap 'rm -f "$out"' EXIT
./tools/forge test --fuzz-seed "$seed" "$@" 2>&1 | tee "$out"
status=${PIPESTATUS[0]}

# Forge closes with `Ran 9 test suites in 1s: 80 tests passed, 0 failed, 0 skipped (80 total tests)`.
line=$(sed 's/\x1b\[[0-9;]*m//g' "$out" | grep -E '^Ran [0-9]+ test suites? in .* tests passed' | tail -1)
passed=$(sed -E 's/.*: ([0-9]+) tests passed, ([0-9]+) failed.*/\1/' <<<"$line")
failed=$(sed -E 's/.*: ([0-9]+) tests passed, ([0-9]+) failed.*/\2/' <<<"$line")
if [ -z "$line" ] || [ "$passed" = 0 ]; then
    echo "no test of the contracts was run"
    exit 1
fi
if ! node tools/interface.js --check; then
    echo "run interface.sh and look at what changed"
    failed=$((failed + 1)) status=1
fi
echo "$passed passed, $failed failed"
exit "$status"
