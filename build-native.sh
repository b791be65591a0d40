#!/usr/bin/env bash
# Builds the Rust half for the platform that it runs on.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
. "$root/scripts/lib.sh"

usage() {
  cat << 'END'
Usage: ./build-native.sh [--test-hooks]

Builds native/ with cargo and lays the shared library and its SHA-256 into
native/target/lib/META-INF/native/<platform>/, where the jar of bindings picks it up.
Does nothing where nothing changed. CARGO_TARGET_DIR and cargo's own settings count.

  --test-hooks            also build the library with panics on demand, for tests,
                          into native/target/lib-test-hooks/
  --check-prerequisites   only look whether all that the whole build needs is installed
  --help                  this text
END
}

# The name of this platform, as os-maven-plugin spells it, and of a shared library on it.
platform() {
  local os arch
  case $(uname -s) in
    Linux) os=linux library=libjetstream_native.so ;;
    Darwin) os=osx library=libjetstream_native.dylib ;;
    *) say "JetStream is built on Linux and macOS, not on $(uname -s)." && exit 1 ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) arch=x86_64 ;;
    aarch64 | arm64) arch=aarch_64 ;;
    *) say "JetStream is built for x86_64 and aarch64, not for $(uname -m)." && exit 1 ;;
  esac
  classifier=$os-$arch
}

# Prints the path of the library that cargo built with the options given, wherever cargo was told to put it.
# Optimized as a whole (docs/adr/0005): cargo does that only where nothing but the shared library is made.
build() {
  (cd "$root/native" && cargo rustc --release --locked --lib --crate-type cdylib \
    --config 'profile.release.lto="fat"' --config profile.release.codegen-units=1 \
    --message-format=json-render-diagnostics "$@") |
    sed -nE 's|.*"([^"]*/'"$library"')".*|\1|p' | tail -n 1
}

# Copies file $1 into directory $2, with its digest. A JVM may have the old one mapped: it is replaced, not overwritten.
install_library() {
  mkdir -p "$2"
  if ! cmp -s "$1" "$2/$library" || [[ ! -s $2/$library.sha256 ]]; then
    cp "$1" "$2/$library.new"
    mv -f "$2/$library.new" "$2/$library"
    if command -v sha256sum > /dev/null; then
      (cd "$2" && sha256sum "$library" > "$library.sha256")
    else
      (cd "$2" && shasum -a 256 "$library" > "$library.sha256")
    fi
  fi
}

# Makes a library in directory $1 with the options that follow. Cargo keeps one of the two libraries and compiles our
# crate anew when it is asked for the other, so it is asked only when a source is newer.
make_library() {
  local built dir=$1
  shift
  if [[ -s $dir/$library.sha256 && -z $(find_newer "$dir/$library") ]]; then
    return 0
  fi
  mkdir -p "$dir"
  touch "$dir/started"
  built=$(build "$@")
  install_library "$built" "$dir"
  touch -r "$dir/started" "$dir/$library"
  rm "$dir/started"
}

# Prints what is newer than file $1, of all that the library is made of.
find_newer() {
  local inputs=(src Cargo.toml Cargo.lock ../build-native.sh)
  if [[ -e $root/native/build.rs ]]; then
    inputs+=(build.rs)
  fi
  (cd "$root/native" && find "${inputs[@]}" -newer "$1")
}

test_hooks=false
for argument; do
  case $argument in
    --test-hooks) test_hooks=true ;;
    --check-prerequisites)
      complete=true
      check_native_prerequisites || complete=false
      check_jdk || complete=false
      $complete
      exit
      ;;
    --help | -h)
      usage
      exit
      ;;
    *)
      say "Unknown option: $argument"
      usage >&2
      exit 2
      ;;
  esac
done

check_native_prerequisites
platform
if $test_hooks; then
  make_library "$root/native/target/lib-test-hooks" --features test-hooks
fi
make_library "$root/native/target/lib/META-INF/native/$classifier"
