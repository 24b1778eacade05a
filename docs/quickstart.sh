#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# On Debian 12, as root or with sudo: installs by apt what the demo needs, builds offsetctl, and runs
# `offsetctl demo` with its positions in a SQLite database. Run it again as often as you like; what is
# already there is not done twice. Options go to the demo: docs/quickstart.sh --records 20000 --kills 5
set -euo pipefail
cd "$(dirname "$0")/.."

readonly log=$PWD/build/quickstart.log
mkdir -p build
: >"$log"

say() { printf '\n==> [%d s] %s\n' "$SECONDS" "$*"; }

# Runs a command quietly; where it fails, shows the end of what it said.
quietly() {
  if ! "$@" >>"$log" 2>&1 </dev/null; then
    echo "This failed: $*" >&2
    tail -n 40 "$log" >&2
    exit 1
  fi
}

install_packages() {
  local package missing=() root=()
  for package in g++ cmake ninja-build pkg-config librdkafka-dev libsqlitecpp-dev libsqlite3-dev \
    libcli11-dev nlohmann-json3-dev libre2-dev; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    root=(sudo)
    if ! command -v sudo >/dev/null; then
      echo "Run this as root, or install sudo, or install by hand: apt-get install ${missing[*]}" >&2
      exit 1
    fi
  fi
  say "Installing from Debian: ${missing[*]}"
  quietly "${root[@]}" apt-get update
  quietly "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

install_packages

say "Building offsetctl (file, SQLite, Kafka) into build/release"
quietly cmake --preset release -DOFFSETSTORE_BACKENDS="memory;file;sqlite;kafka" -DOFFSETSTORE_TESTS=OFF
quietly cmake --build --preset release --target offsetctl

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say "A consumer that is killed again and again, its positions kept in SQLite"
build/release/bin/offsetctl demo --store "sqlite://$work/offsets.db" "$@"
say "Done. Next: build/release/bin/offsetctl --help, README.md"
