#!/usr/bin/env bash
# Builds the Rust half for the platform that it runs on.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
. "$root/scripts/lib.sh"

usage() {
  cat << 'END'
Usage: ./build-native.sh [--test-hooks | --instrumented]

Builds native/ with cargo and lays the shared library and its SHA-256 into
native/target/lib/META-INF/native/<platform>/, where the jar of bindings picks it up.
Does nothing where nothing changed. CARGO_TARGET_DIR and cargo's own settings count.

  --test-hooks            also build the library with panics on demand, for tests,
                          into native/target/lib-test-hooks/
  --instrumented          build only the library that benchmarks/profile counts with,
                          into native/target/lib-instrumented/
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

# Prints the setting of cargo that gives rustc option $1, within quotes as in TOML.
rustc_option() {
  local option=${1//\\/\\\\}
  printf 'target.%s.rustflags = ["%s"]' "$(rustc_says host)" "${option//\"/\\\"}"
}

# Prints what rustc says of itself under name $1.
rustc_says() {
  rustc -vV | sed -n "s/^$1: //p"
}

# Sets `options` so that rustc optimizes by what ran often when benchmarks/profile was run (docs/adr/0015). A profile is of
# one platform and one rustc, which both are part of the names of functions; others do without.
use_profile() {
  local name profile
  name=$(rustc_says host)-$(rustc_says release)
  profile=$root/native/profile/$name.profdata
  options=()
  if [[ -r $profile ]]; then
    options=(--config "$(rustc_option "-Cprofile-use=$profile")")
  else
    say "The library is optimized without a profile, as there is none for $name (docs/adr/0015-optimized-by-a-profile.md)."
  fi
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

# Whether the library in directory $1 is newer than all that it is made of. Cargo keeps one of the libraries and compiles
# our crate anew when it is asked for another, so it is asked only where this fails.
is_fresh() {
  [[ -s $1/$library.sha256 && -z $(find_newer "$1/$library") ]]
}

# Makes a library in directory $1 with the options that follow.
make_library() {
  local built dir=$1
  shift
  mkdir -p "$dir"
  touch "$dir/started"
  built=$(build "$@")
  install_library "$built" "$dir"
  touch -r "$dir/started" "$dir/$library"
  rm "$dir/started"
}

# Prints what is newer than file $1, of all that the library is made of.
find_newer() {
  local inputs=(src profile Cargo.toml Cargo.lock ../build-native.sh)
  if [[ -e $root/native/build.rs ]]; then
    inputs+=(build.rs)
  fi
  (cd "$root/native" && find "${inputs[@]}" -newer "$1")
}

test_hooks=false instrumented=false
for argument; do
  case $argument in
    --test-hooks) test_hooks=true ;;
    --instrumented) instrumented=true ;;
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
if $instrumented; then
  # What cargo itself runs is instrumented too: what that counts is thrown away.
  export LLVM_PROFILE_FILE=/dev/null
  make_library "$root/native/target/lib-instrumented" --config "$(rustc_option -Cprofile-generate)"
  exit
fi
if $test_hooks && ! is_fresh "$root/native/target/lib-test-hooks"; then
  make_library "$root/native/target/lib-test-hooks" --features test-hooks
fi
released=$root/native/target/lib/META-INF/native/$classifier
if ! is_fresh "$released"; then
  use_profile
  make_library "$released" ${options[@]+"${options[@]}"}
fi
