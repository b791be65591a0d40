#!/usr/bin/env bash
# Writes the raw bindings (package rs.jetstream.ffi.raw) anew from native/include/jetstream.h.
#
#   bindings/generate.sh           replaces the committed bindings
#   bindings/generate.sh --check   changes nothing; exits 1 and shows the difference when they are not what jextract writes
#
# Runs the jextract named by JEXTRACT, else the one on PATH. Bindings are committed from Linux: other platforms
# name the same 64-bit layouts differently (C_LONG_LONG for C_LONG).
set -euo pipefail

readonly package=rs.jetstream.ffi.raw
readonly how_to="build https://github.com/openjdk/jextract at revision 360bdc9 and set JEXTRACT to its launcher (later revisions write code that needs JDK 23)."

fail() {
  printf 'generate.sh: %s\n' "$1" >&2
  exit 1
}

check=no
case "$#:${1-}" in
  0:) ;;
  1:--check) check=yes ;;
  *)
    echo "usage: ${0##*/} [--check]" >&2
    exit 2
    ;;
esac

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
header="$(dirname -- "$here")/native/include/jetstream.h"
raw="$here/src/main/java/${package//.//}"
[[ -f $header ]] || fail "there is no $header; build-native.sh writes it."
jextract=$(command -v -- "${JEXTRACT:-jextract}") || fail "no jextract: $how_to"
[[ $jextract == /* ]] || jextract="$PWD/$jextract"

tmp=$(mktemp -d)
trap 'rm -rf -- "$tmp"' EXIT
cd -- "$tmp" # jextract obeys a compile_flags.txt in the working directory and searches it for headers

# The system headers that ours includes declare some hundred things: ask what there is, keep what is ours.
"$jextract" --dump-includes all "$header" >log 2>&1 || { cat log >&2; fail "jextract cannot read $header."; }
readonly our_names='^--include-((function|struct|union|typedef) jetstream|constant JETSTREAM)_'
if grep -E '^--include-.*/jetstream\.h$' all | grep -vE "$our_names" >&2; then
  fail "jetstream.h declares what stands above: neither a function or type jetstream_* nor a constant JETSTREAM_*."
fi
grep -E "$our_names" all >ours || fail "$header declares nothing with the prefix jetstream_."

# No --library: the symbols come from whatever the loader has loaded into this class loader before.
"$jextract" --output out --target-package "$package" --header-class-name jetstream_h @ours "$header"
fresh="$tmp/out/${package//.//}"
if grep -rqF 'SYMBOL_LOOKUP.findOrThrow' "$fresh"; then
  fail "this jextract is too new, its output needs JDK 23: $how_to"
fi

if [[ $check == yes ]]; then
  diff -ru -- "$raw" "$fresh" || fail "the committed bindings are not what jextract writes for jetstream.h: run bindings/generate.sh."
else
  rm -rf -- "$raw"
  mkdir -p -- "$(dirname -- "$raw")"
  mv -- "$fresh" "$raw"
fi
