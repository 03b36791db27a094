#!/usr/bin/env bash
# Deploys the plan in deployments/NAME.plan.json. No secret is an argument: the key is in a keystore file, its password
# in another, and the endpoint, whose address may hold a token, in the environment.
#
#   ETH_RPC_URL=... ./deploy.sh NAME KEYSTORE_FILE PASSWORD_FILE
#
# `ETH_RPC_URL=... ./deploy.sh gateway KEYSTORE_FILE` says where the gateway will stand: set it on NeuroStore first.
set -euo pipefail
cd "$(dirname "$0")"
die() { echo "$1" >&2; exit 1; }
usage="usage: ETH_RPC_URL=... deploy.sh NAME KEYSTORE_FILE PASSWORD_FILE | deploy.sh gateway KEYSTORE_FILE"
[ -n "${ETH_RPC_URL:-}" ] && [ $# -ge 2 ] && [ -f "$2" ] || die "$usage"
export ETH_RPC_URL
./setup.sh

for file in "$2" "${3:-$2}"; do
    [ -f "$file" ] || die "$file is not there"
    case $(stat -c %a "$file") in 600 | 400) ;; *) die "$file may be read by others: chmod 600 $file" ;; esac
done
sender=0x$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).address.replace(/^0x/, "")' "$2")

if [ "$1" = gateway ]; then
    ./tools/forge script script/Deploy.s.sol --sig 'gatewayOf(address)' "$sender"
    exit
fi
[ $# -eq 3 ] || die "$usage"
[ -f "deployments/$1.plan.json" ] || die "deployments/$1.plan.json is not there"
./tools/forge script script/Deploy.s.sol --sig 'run(string)' "deployments/$1.plan.json" --sender "$sender" \
    --keystore "$2" --password-file "$3" --broadcast --slow
