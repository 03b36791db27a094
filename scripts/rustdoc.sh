#!/usr/bin/env bash
# Stands in for rustdoc while cargo runs doctests (`RUSTDOC=scripts/rustdoc.sh cargo test --doc`):
# first writes the crate's pages, private items included, with broken links as errors, then runs its
# examples. `cargo doc` would compile every dependency once more to get there.
set -euo pipefail

case " $* " in
  *" --test "*) ;;
  *) exec rustdoc "$@" ;;
esac

pages=()
skip_next=
for argument in "$@"; do
  if [ -n "$skip_next" ]; then skip_next=; continue; fi
  case $argument in
    --test | --no-run | --nocapture | --no-capture) ;;
    --test-run-directory | --test-args | --test-runtool | --test-runtool-arg | --persist-doctests) skip_next=1 ;;
    --test-run-directory=* | --test-args=* | --test-runtool=* | --test-runtool-arg=* | --persist-doctests=*) ;;
    *) pages+=("$argument") ;;
  esac
done
rustdoc "${pages[@]}" -D warnings --document-private-items --out-dir "$CARGO_TARGET_DIR/doc"
exec rustdoc "$@"
