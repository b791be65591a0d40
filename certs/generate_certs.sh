#!/usr/bin/env bash
# Makes certificates for tests and for `jetstream demo`. TEST ONLY: trust them nowhere else.
#
# Usage: certs/generate_certs.sh [--localhost] [DIRECTORY]     (default: certs/generated, which git ignores)
#
#   ca.crt              the issuer that both sides of a test trust; its key is deleted once it has signed
#   server.crt .key     server: localhost, 127.0.0.1, ::1
#   client.crt .key     client
#   client2.crt .key    another client of the same issuer
#   stranger-ca.crt, stranger.crt .key   a client of another issuer, to be refused
#
# With --localhost only ca.crt and server.crt .key: for a server on this machine that asks for no certificates
# (default: certs/generated/localhost).
#
# r[impl security.1.8] r[impl security.1.11] r[impl security.1.30]
# A complete set that is good for another day stays as it is; else the whole set is made anew.
set -euo pipefail
umask 077

certificates=(ca server client client2 stranger-ca stranger)
keys=(server client client2 stranger)
readonly marker=TEST-ONLY.txt
readonly warning='TEST ONLY: these certificates and keys secure nothing. Do not trust them outside of tests.'
readonly days=14
readonly day=86400

say() {
  printf '%s\n' "$*" >&2
}

fail() {
  say "generate_certs.sh: $*"
  exit 1
}

if ! command -v openssl > /dev/null; then
  fail "openssl is missing: install it (Debian, Ubuntu: apt install openssl; Fedora: dnf install openssl; macOS: brew install openssl)."
fi

usage="Usage: ${0##*/} [--localhost] [DIRECTORY]"
dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)/generated
localhost=false
if [[ ${1-} == --localhost ]]; then
  localhost=true
  dir=$dir/localhost
  certificates=(ca server)
  keys=(server)
  shift
fi
case $#:${1-} in
  0:) ;;
  1:--help | 1:-h)
    say "$usage"
    exit 0
    ;;
  1:[!-]*) dir=$1 ;;
  *)
    say "$usage"
    exit 2
    ;;
esac
readonly certificates keys localhost
while [[ $dir == ?*/ ]]; do
  dir=${dir%/}
done
[[ $dir == /* ]] || dir=$PWD/$dir

# Whether the set is complete, belongs together, and is good for another day.
is_good() {
  local name issuer
  for name in "${certificates[@]}"; do
    openssl x509 -in "$dir/$name.crt" -noout -checkend "$day" &> /dev/null || return 1
  done
  for name in "${keys[@]}"; do
    [[ $(openssl pkey -in "$dir/$name.key" -pubout 2> /dev/null) == \
      $(openssl x509 -in "$dir/$name.crt" -noout -pubkey) ]] || return 1
    issuer=ca
    [[ $name != stranger ]] || issuer=stranger-ca
    openssl verify -CAfile "$dir/$issuer.crt" "$dir/$name.crt" &> /dev/null || return 1
  done
}

# Replaces nothing that this script did not make.
check_ours() {
  [[ -e $dir || -L $dir ]] || return 0
  [[ -d $dir ]] || fail "$dir is not a folder."
  [[ -e $dir/$marker || -z $(ls -A -- "$dir") ]] ||
    fail "$dir has files that this script did not make: name a new or an empty folder."
}

# Usage: extensions ca|server|client
extensions() {
  case $1 in
    ca) printf '%s\n' 'basicConstraints=critical,CA:TRUE,pathlen:0' 'keyUsage=critical,keyCertSign,cRLSign' ;;
    server)
      printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' \
        'extendedKeyUsage=serverAuth' 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'
      ;;
    client)
      printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' 'extendedKeyUsage=clientAuth'
      ;;
  esac
  printf '%s\n' 'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid'
}

# Runs openssl quietly; shows what it says when it fails.
run() {
  openssl "$@" &> log || fail "openssl $1 failed: $(tail -n 3 log)"
}

# Usage: request NAME SUBJECT
request() {
  run genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve -out "$1.key"
  run req -new -sha256 -config request.cnf -key "$1.key" -subj "/O=JetStream TEST ONLY/CN=$2" -out "$1.csr"
}

# Usage: issuer NAME SUBJECT
issuer() {
  request "$1" "$2"
  extensions ca > "$1.ext"
  run x509 -req -sha256 -in "$1.csr" -signkey "$1.key" -days "$days" \
    -set_serial "0x$(openssl rand -hex 16)" -extfile "$1.ext" -out "$1.crt"
}

# Usage: leaf NAME SUBJECT server|client ISSUER
leaf() {
  request "$1" "$2"
  extensions "$3" > "$1.ext"
  run x509 -req -sha256 -in "$1.csr" -CA "$4.crt" -CAkey "$4.key" -days "$days" \
    -set_serial "0x$(openssl rand -hex 16)" -extfile "$1.ext" -out "$1.crt"
}

make_set() {
  cd -- "$1"
  # Not the system's file, which may ask questions or add extensions.
  printf '%s\n' '[req]' 'distinguished_name=name' 'prompt=no' '[name]' 'CN=TEST ONLY' > request.cnf
  issuer ca 'JetStream test CA TEST ONLY'
  leaf server 'JetStream test server TEST ONLY' server ca
  if ! $localhost; then
    leaf client 'JetStream test client TEST ONLY' client ca
    leaf client2 'JetStream second test client TEST ONLY' client ca
    issuer stranger-ca 'JetStream stranger CA TEST ONLY'
    leaf stranger 'JetStream stranger TEST ONLY' client stranger-ca
  fi
  rm -f ca.key stranger-ca.key ./*.csr ./*.ext request.cnf log
  printf '%s\n' "$warning" 'Made by certs/generate_certs.sh; delete them at will.' > "$marker"
  chmod 600 ./*
}

# Two that start at once make one set.
lock() {
  local holder
  until (set -o noclobber && echo $$ > "$lock") 2> /dev/null; do
    holder=$(cat -- "$lock" 2> /dev/null || true)
    if [[ -n $holder ]] && ! kill -0 "$holder" 2> /dev/null; then
      rm -f -- "$lock" # its process was killed
    elif [[ -z $holder ]] && ((++failures > 20)); then
      [[ -s $lock ]] || rm -f -- "$lock" # nobody's: made where there was no room to write into it
      fail "$lock cannot be written."
    else
      sleep 0.1
    fi
  done
  locked=true
}

clean() {
  [[ -z $work ]] || rm -rf -- "$work"
  ! $locked || rm -f -- "$lock"
}

check_ours
if is_good; then
  say "$dir has certificates that are still good. $warning"
  exit 0
fi

mkdir -p -- "$(dirname -- "$dir")" || fail "$(dirname -- "$dir") cannot be made."
lock=$dir.lock work='' locked=false failures=0
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
lock
check_ours
if is_good; then # meanwhile made by another one
  exit 0
fi
work=$(mktemp -d "$dir.new.XXXXXX")
mkdir -m 700 "$work/set"
(make_set "$work/set")
if [[ -e $dir ]]; then
  mv -- "$dir" "$work/old"
fi
mv -- "$work/set" "$dir"
say "Made certificates for $days days in $dir. $warning"
