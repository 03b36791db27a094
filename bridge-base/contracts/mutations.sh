#!/usr/bin/env bash
# Shows that each incident test guards something: in a copy of the sources, one patch of `mutations/` at a time takes a
# guard away, and the test with the name of the patch must then fail. `mutations.sh NAME` tries those whose name
# contains NAME. The last line is `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")"
./setup.sh || exit 1

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r src script abi tools foundry.toml "$copy"
mkdir "$copy/test"
cp -r test/builder test/incidents "$copy/test"
ln -s "$PWD/node_modules" "$copy/node_modules"
mutations=$PWD/mutations
cd "$copy" || exit 1
# What is measured elsewhere needs no compiling here, and nothing is deployed.
rm script/Gas.s.sol

# Tests do not carry the code they deploy, and nothing is optimised: a patch then compiles in seconds.
export FOUNDRY_DYNAMIC_TEST_LINKING=true FOUNDRY_OPTIMIZER=false
run() { ./tools/forge test --match-test "$1" 2>&1 | sed 's/\x1b\[[0-9;]*m//g'; }

all=$(run '.*')
if ! grep -qE '^Ran .* tests passed, 0 failed' <<<"$all"; then
    echo "$all" | tail -40
    echo "the incidents fail without a patch"
    exit 1
fi

passed=0 failed=0
verdict() {
    if [ "$1" = passed ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    printf '%-6s %s%s\n' "$1" "$2" "${3:+: $3}"
}

for patch in "$mutations"/*"${1:-}"*.patch; do
    name=$(basename "$patch" .patch)
    if ! patch -p1 --silent --no-backup-if-mismatch <"$patch"; then
        verdict failed "$name" "the patch does not apply"
        exit 1
    fi
    out=$(run "^test_$name\\(")
    # A patch that does not compile shows nothing, so the test itself must say that it failed.
    if grep -qE "^\[FAIL.*\] test_$name\(\)" <<<"$out"; then
        verdict passed "$name"
    else
        verdict failed "$name" "$(grep -m1 -E "^\[PASS\]|^Error|No tests" <<<"$out")"
    fi
    patch -p1 --silent --reverse --no-backup-if-mismatch <"$patch"
done

# Every incident has its patch.
for name in $(grep -rhoE 'function test_\w+' test/incidents | sed 's/function test_//'); do
    [ -f "$mutations/$name.patch" ] || verdict failed "$name" "no patch"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
