#!/usr/bin/env bash
# Formats the Java sources, or checks that they are formatted; run by Maven:
#   mvn -N verify -Dformat=apply
# Usage: format.sh check|apply <class path of google-java-format>
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
. "$root/scripts/lib.sh"

case $1 in
  check) options=(--dry-run --set-exit-if-changed) ;;
  apply) options=(--replace) ;;
  *) say "-Dformat=$1 is neither check nor apply." && exit 2 ;;
esac
java=${TOOLCHAIN_JAVA_HOME:+$TOOLCHAIN_JAVA_HOME/bin/java}
if [[ -z $java ]]; then
  check_jdk
  java=$JDK/bin/java
fi
exports=()
for package in api code file parser tree util; do
  exports+=("--add-exports=jdk.compiler/com.sun.tools.javac.$package=ALL-UNNAMED")
done

# What jextract wrote stays as jextract wrote it.
cd "$root"
if ! find . \( -name target -o -name '.?*' -o -path '*/rs/jetstream/ffi/raw' \) -prune -o -name '*.java' -print0 |
  xargs -0 "$java" "${exports[@]}" -cp "$2" com.google.googlejavaformat.java.Main "${options[@]}"; then
  if [[ $1 == check ]]; then
    say "The Java files above are not formatted: run \`mvn -N verify -Dformat=apply\`."
  fi
  exit 1
fi
