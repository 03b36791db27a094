#!/usr/bin/env bash
# Builds the three programs as users run them (release profile) and puts them below a prefix, with
# completions and man pages: scripts/install.sh PREFIX. Respects DESTDIR, as packagers expect.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh
prefix=${1:?where to: scripts/install.sh PREFIX}
case $prefix in /*) ;; *) prefix="$PWD/$prefix" ;; esac
root="${DESTDIR:-}$prefix"

# Linting belongs to the gate; what is shipped comes from the compiler alone.
RUSTC_WORKSPACE_WRAPPER='' cargo build --release --locked -p neuro-cli -p neuro-node -p neurostore-node

built="$CARGO_TARGET_DIR/release"
install -d "$root/bin" "$root/share/man/man1" "$root/share/bash-completion/completions" \
  "$root/share/zsh/site-functions" "$root/share/fish/vendor_completions.d"
for program in neuro neuro-node neurostore-node; do
  install -m 755 "$built/$program" "$root/bin/$program"
  "$built/$program" completions bash > "$root/share/bash-completion/completions/$program"
  "$built/$program" completions zsh > "$root/share/zsh/site-functions/_$program"
  "$built/$program" completions fish > "$root/share/fish/vendor_completions.d/$program.fish"
  "$built/$program" man "$root/share/man/man1"
done
printf 'installed below %s:\n' "$root"
(cd "$root" && find bin share -newer "$built/neuro" -type f \( -name 'neuro*' -o -name '_neuro*' \) | sort)
case ":$PATH:" in *":$prefix/bin:"*) ;; *) printf 'add %s/bin to your PATH\n' "$prefix" ;; esac
