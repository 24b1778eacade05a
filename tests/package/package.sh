#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# package.sh WAY static|shared: builds the project in outside/ against the library in one way and
# runs it on a file store and on SQLite. ctest sets the variables (CMakeLists.txt).
set -euo pipefail

way=$1
kind=$2
: "${CMAKE:?}" "${CXX:?}" "${LAUNCHER=}" "${SOURCE:?}" "${BUILD:?}" "${BUILD_TYPE?}" "${FLAGS?}" "${WORK:?}"
here=$(cd "$(dirname "$0")" && pwd)
prefix=$WORK/prefix-$kind
mkdir -p "$WORK"
# The same files are compiled again and again here, in other folders: let the cache overlook that.
export CCACHE_NOHASHDIR=1

die() {
  echo "package.sh: $*" >&2
  exit 1
}

configure() {
  local build=$1
  shift
  rm -rf "$build"
  "$CMAKE" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE="$BUILD_TYPE" -DCMAKE_CXX_COMPILER="$CXX" \
    -DCMAKE_CXX_FLAGS_DEBUG="$FLAGS" -DCMAKE_CXX_COMPILER_LAUNCHER="$LAUNCHER" "$@"
}

# Opens each store by its URI, commits, and reads back from a second process.
try() {
  local program=$1 stores
  stores=$(mktemp -d "$WORK/stores.XXXXXX")
  for uri in "file://$stores/files" "sqlite://$stores/offsets.db"; do
    "$program" "$uri" commit
    [ "$("$program" "$uri" read)" = "orders:3=42" ] || die "$uri: what was committed is not read back"
  done
  rm -rf "$stores"
}

# Builds outside/ with the given CMake arguments and tries it.
build_outside() {
  local build=$WORK/outside-$way-$kind
  configure "$build" -S "$here/outside" "$@"
  "$CMAKE" --build "$build" --target outside
  try "$build/outside"
}

# A tree that was moved after installing must work: nothing in it may name the place it was made for.
install_tree() {
  rm -rf "$prefix" "$prefix.first"
  "$CMAKE" --install "$1" --prefix "$prefix.first"
  mv "$prefix.first" "$prefix"
  if grep -rIl -e "$prefix.first" -e "$SOURCE" "$prefix"; then
    die "the files above name a folder of the build"
  fi
}

# offsetctl comes with a page for each of its commands, and with its completion.
check_manual() {
  local command commands page
  commands=$("$prefix/bin/offsetctl" --help | awk 'on && /^  [a-z]/ { print $1 } /^Subcommands:/ { on = 1 }')
  grep -qx migrate <<<"$commands" || die "offsetctl --help lists no commands"
  for command in '' $commands; do
    page=$prefix/share/man/man1/offsetctl${command:+-$command}.1
    [ "$(head -c 3 "$page")" = .TH ] || die "$page is no manual page"
  done
  bash -n "$prefix/share/bash-completion/completions/offsetctl"
  grep -q '^complete .* offsetctl$' "$prefix/share/bash-completion/completions/offsetctl" ||
    die "no completion is installed"
}

install_kind() {
  if [ "$kind" = static ]; then
    install_tree "$BUILD"
    check_manual
    return
  fi
  # Each library in one compilation, so that every smaller unity build (docs/quickstart.sh) holds too.
  configure "$WORK/shared" -S "$SOURCE" -DBUILD_SHARED_LIBS=ON -DOFFSETSTORE_TESTS=OFF \
    -DOFFSETSTORE_WERROR=OFF -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=0 \
    -DOFFSETSTORE_BACKENDS="memory;file;sqlite;kafka" -DOFFSETSTORE_PROMETHEUS=ON
  "$CMAKE" --build "$WORK/shared"
  install_tree "$WORK/shared"
  readelf -d "$(find "$prefix" -name 'liboffsetstore-core.so')" | grep -q 'SONAME.*liboffsetstore-core\.so\.[0-9]*\.[0-9]*\]' ||
    die "liboffsetstore-core.so carries no version in its soname"
}

use_pkg_config() {
  local pc flags libs
  pc=$(dirname "$(find "$prefix" -name offsetstore-core.pc)")
  export PKG_CONFIG_PATH=$pc
  local -r wanted=(offsetstore-consumer offsetstore-file offsetstore-sqlite offsetstore-prometheus)
  flags=$(pkg-config --cflags "${wanted[@]}")
  libs=$(pkg-config --libs "${wanted[@]}")
  # shellcheck disable=SC2086 # words of a command line
  "$CXX" -std=c++20 $flags "$here/outside/main.cc" -o "$WORK/outside-pc-$kind" $libs
  LD_LIBRARY_PATH=$(dirname "$pc") try "$WORK/outside-pc-$kind"
}

missing_component() {
  local log=$WORK/missing.log
  if configure "$WORK/missing" -S "$here/outside" -DCMAKE_PREFIX_PATH="$prefix" -DCOMPONENTS="consumer;nosuch" >"$log" 2>&1; then
    die "a component that does not exist was found"
  fi
  cat "$log"
  tr -s " \n" "  " <"$log" | grep -q "no component .nosuch. here (installed: .*sqlite" ||
    die "the message does not say what is missing"
}

# A shared library shows what its headers declare, and nothing of the client libraries it swallowed.
hidden_symbols() {
  local library found=0 leaked
  for library in "$prefix"/lib*/*.so "$prefix"/lib*/*/*.so; do
    [ -e "$library" ] || continue
    found=$((found + 1))
    leaked=$(nm -DC --defined-only "$library" | awk '/ [TDBR] / && !/offsetstore::/')
    [ -z "$leaked" ] || die "$library shows more than its interface:"$'\n'"$leaked"
  done
  [ "$found" -ge 5 ] || die "only $found shared libraries in $prefix"
}

case $way in
  install) install_kind ;;
  find-package) build_outside -DCMAKE_PREFIX_PATH="$prefix" ;;
  pkg-config) use_pkg_config ;;
  missing-component) missing_component ;;
  hidden-symbols) hidden_symbols ;;
  # The adapter is left out here: all would be compiled once more for it.
  add-subdirectory) build_outside -DOFFSETSTORE_SOURCE="$SOURCE" -DCOMPONENTS="file;sqlite" ;;
  *) die "unknown way '$way'" ;;
esac
