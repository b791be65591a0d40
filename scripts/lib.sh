# Sourced by the scripts of this project: what must be installed, and where it is.
# Understood by bash 3.2, which is what macOS has.

RUST_AT_LEAST=1.95
JDK_AT_LEAST=22

say() {
  printf '%s\n' "$*" >&2
}

# Sets REPLY to the feature version of the JDK in directory $1, to 0 when there is none.
jdk_version() {
  local line
  REPLY=0
  [[ -x $1/bin/java && -x $1/bin/javac && -r $1/release ]] || return 0
  while IFS= read -r line; do
    if [[ $line =~ ^JAVA_VERSION=\"([0-9]+) ]]; then
      REPLY=${BASH_REMATCH[1]}
    fi
  done < "$1/release"
}

# Sets JDK to a JDK that is new enough, or fails. Looks where Maven's toolchain discovery looks too: the JDK that Maven
# runs on (JAVA_HOME, else the java on PATH), every JAVA*_HOME, then the newest one that is installed in the usual places.
find_jdk() {
  local home java version=0
  local homes=()
  if [[ -n ${JAVA_HOME:-} ]]; then
    homes+=("$JAVA_HOME")
  elif java=$(command -v java); then
    java=$(readlink -f -- "$java")
    homes+=("${java%/bin/java}")
  fi
  while IFS= read -r home; do
    homes+=("${!home}")
  done < <(compgen -e | grep -E '^JAVA.*_HOME$' || true)
  for home in ${homes[@]+"${homes[@]}"}; do
    jdk_version "$home"
    if ((REPLY >= JDK_AT_LEAST)); then
      JDK=$home
      return 0
    fi
  done
  for home in /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /usr/local/java/* /opt/java/* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.gradle/jdks/* "$HOME"/.asdf/installs/java/* \
    "$HOME"/.local/share/mise/installs/java/* \
    {,"$HOME"}/Library/Java/JavaVirtualMachines/*/Contents/Home; do
    jdk_version "$home"
    if ((REPLY >= JDK_AT_LEAST && REPLY > version)); then
      JDK=$home
      version=$REPLY
    fi
  done
  ((version > 0))
}

# Whether version $1 is at least version $2, both "major.minor".
at_least() {
  local major=${1%%.*} minor=${1#*.}
  ((major > ${2%%.*} || (major == ${2%%.*} && ${minor%%.*} >= ${2#*.})))
}

# Says in one sentence each what is missing of what builds the Rust half; fails when something is.
check_native_prerequisites() {
  local found missing=0
  if ! command -v cargo > /dev/null || ! command -v rustc > /dev/null; then
    say "Rust is missing (cargo, rustc): install Rust $RUST_AT_LEAST or newer from https://rustup.rs and put ~/.cargo/bin on PATH."
    missing=1
  elif ! found=$(rustc --version) || [[ ! $found =~ ^rustc\ ([0-9]+\.[0-9]+) ]] || ! at_least "${BASH_REMATCH[1]}" "$RUST_AT_LEAST"; then
    say "Rust is too old (${found:-rustc does not start}): $RUST_AT_LEAST or newer is needed; with rustup, run \`rustup update stable\`."
    missing=1
  fi
  if ! command -v "${CC:-cc}" > /dev/null; then
    say "A C compiler is missing (${CC:-cc}): install gcc or clang (Debian, Ubuntu: apt install build-essential; Fedora: dnf install gcc; macOS: xcode-select --install)."
    missing=1
  fi
  if ! command -v openssl > /dev/null; then
    say "openssl is missing: install it (Debian, Ubuntu: apt install openssl; Fedora: dnf install openssl; macOS: brew install openssl)."
    missing=1
  fi
  if ! command -v cmake > /dev/null; then
    say "cmake is missing: install it (Debian, Ubuntu: apt install cmake; Fedora: dnf install cmake; macOS: brew install cmake)."
    missing=1
  fi
  ((missing == 0))
}

check_jdk() {
  if ! find_jdk; then
    say "A JDK $JDK_AT_LEAST or newer is missing: install one (for example Temurin 25 from https://adoptium.net) in the usual place, or point JAVA_HOME to it."
    return 1
  fi
}

check_maven() {
  if ! command -v mvn > /dev/null; then
    say "Maven is missing (mvn): install Maven 3.8 or newer (Debian, Ubuntu: apt install maven; Fedora: dnf install maven; macOS: brew install maven)."
    return 1
  fi
}
