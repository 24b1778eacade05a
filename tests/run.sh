#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# tests/run.sh           everything a change must pass: what CI runs
# tests/run.sh --quick   the developer's loop: build, unit tests, contract of the embedded stores
# tests/run.sh --long    the tests that take more than a few minutes
# tests/run.sh --all     as without options, and clang-tidy looks at every file
#
# Installs by apt what is missing (as root or by sudo), builds under build/, starts and ends the real
# servers by itself. Logs go to build/logs. The last line is `N passed, N failed`; the exit code is 0
# only where nothing failed. With CI=true a skipped test is a failed one.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-}
case $mode in
  "" | --quick | --long | --all) ;;
  *) sed -n '5,12p' "$PWD/tests/run.sh" | cut -c3-; exit 2 ;;
esac

readonly logs=$PWD/build/logs
readonly services=$PWD/build/services
passed=0
failed=0
skipped=0
failures=()
# What tests/services/NAME.sh starts, and the process that waits for each to be up.
readonly servers=(kafka kafka08 postgres redis zookeeper)
declare -A starting=()

# Whatever a test, a server or we print must not hold these (find_secrets looks).
OFFSETSTORE_TEST_SECRET=planted-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
export OFFSETSTORE_TEST_SECRET
readonly kafka_password=app-secret
# The same files are compiled in other folders: by the package tests (package.sh says the same), and by
# CI in its clone. The sloppiness is what ccache asks for where headers are precompiled.
export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=$PWD CCACHE_SLOPPINESS=pch_defines,time_macros

say() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }

check_passed() { passed=$((passed + 1)); }
check_failed() {
  failed=$((failed + 1))
  failures+=("$1")
}

# stage NAME LIMIT COMMAND...: runs it into build/logs/NAME.log, says how long it took, and shows the
# end of the log where it failed.
stage() {
  local name=$1 limit=$2 start=$SECONDS
  shift 2
  say "$name ..."
  if timeout "$limit" "$@" >"$logs/$name.log" 2>&1 </dev/null; then
    say "$name: ok, $((SECONDS - start)) s"
    return 0
  fi
  say "$name: FAILED after $((SECONDS - start)) s; the end of build/logs/$name.log:"
  grep -v '^\[[0-9/]*\] \(Building\|Linking\|Generating\)' "$logs/$name.log" | tail -n 60
  return 1
}

# A stage that counts as one test.
check() {
  if stage "$@"; then check_passed; else check_failed "$1"; fi
}

finish() {
  stop_services
  [ ${#failures[@]} -eq 0 ] || printf 'failed: %s\n' "${failures[@]}"
  local tail=""
  [ "$skipped" -eq 0 ] || tail=", $skipped skipped"
  say "done"
  echo "$passed passed, $failed failed$tail"
  [ "$failed" -eq 0 ]
  exit
}

stop_services() {
  local name
  for name in "${servers[@]}"; do
    if [ -n "${starting[$name]:-}" ]; then
      # Still starting, and nobody waits for it any more.
      if kill "${starting[$name]}" 2>/dev/null; then say "$name: its start is broken off"; fi
      wait "${starting[$name]}" || say "$name: its start ended with code $?"
      starting[$name]=""
    fi
    if [ -d "$services/$name" ]; then
      timeout 60 "tests/services/$name.sh" stop "$services/$name" >>"$logs/$name-stop.log" 2>&1 ||
        say "$name did not end; see build/logs/$name-stop.log"
    fi
  done
}

install_packages() {
  local wanted=(g++ cmake ninja-build ccache pkg-config git jq
    librdkafka-dev libsqlitecpp-dev libsqlite3-dev libpq-dev libpqxx-dev libhiredis-dev libzookeeper-mt-dev redis-server
    prometheus-cpp-dev doctest-dev libcli11-dev nlohmann-json3-dev libre2-dev libbenchmark-dev groff-base clang-format-14 shellcheck)
  [ "$mode" = --quick ] || wanted+=(clang-tidy-14 kcat postgresql pgbouncer zookeeper
    maven default-jre-headless ca-certificates-java python3 python3-venv)
  local package missing=() root=()
  for package in "${wanted[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    root=(sudo)
    if ! command -v sudo >/dev/null; then
      say "missing, and neither root nor sudo to install it: apt-get install ${missing[*]}"
      return 1
    fi
  fi
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -o Dpkg::Use-Pty=0 -o Acquire::Retries=3)
  stage apt-update 300 "${apt[@]}" update
  stage apt-install 900 "${apt[@]}" install --no-install-recommends "${missing[@]}"
}

# In the background: a download and a start need the network and little processor.
start_services() {
  local name
  mkdir -p "$services"
  say "starting in the background: ${servers[*]}"
  for name in "${servers[@]}"; do
    timeout 600 "tests/services/$name.sh" start "$services/$name" >"$services/$name.env" \
      2>"$logs/$name-start.log" </dev/null &
    starting[$name]=$!
  done
}

await_services() {
  local name ok=yes
  say "waiting for: ${servers[*]}"
  for name in "${servers[@]}"; do
    if wait "${starting[$name]}"; then
      # shellcheck source=/dev/null
      . "$services/$name.env"
    else
      ok=no
      say "$name did not start: $(tail -n 3 "$logs/$name-start.log")"
    fi
    starting[$name]=""
  done
  # Fetched here, so that no test spends its time on it.
  if ! timeout 300 tests/services/librdkafka-new.sh >"$logs/librdkafka-new.log" 2>&1; then
    ok=no
    say "no newer librdkafka: $(tail -n 3 "$logs/librdkafka-new.log")"
  fi
  # Without them tests are skipped, which CI does not forgive; here it is said once more.
  [ $ok = yes ] || check_failed "services"
}

# build PRESET TARGET...
build() {
  local preset=$1 launcher=()
  shift
  command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  stage "configure-$preset" 300 cmake --preset "$preset" "${launcher[@]}" &&
    stage "build-$preset" 1800 cmake --build --preset "$preset" --target "$@"
}

# run_tests NAME BUILD LIMIT CTEST-ARGUMENT...: counts what ctest ran.
run_tests() {
  local name=$1 build=$2 limit=$3 start=$SECONDS code=0 counts
  shift 3
  say "$name ..."
  rm -f "$logs/$name.xml"
  timeout "$limit" "${run_as[@]}" ctest --test-dir "$build" -j2 --output-on-failure --no-tests=error \
    --test-output-size-passed 100000000 --test-output-size-failed 100000000 \
    --output-junit "$logs/$name.xml" --output-log "$logs/$name.log" "$@" </dev/null || code=$?
  [ ! -e "$build/Testing/Temporary/LastTest.log" ] || cp "$build/Testing/Temporary/LastTest.log" "$logs/$name-full.log"
  if [ ! -s "$logs/$name.xml" ]; then
    say "$name: ended without a result (code $code; 124: its limit of $limit s)"
    check_failed "$name"
    return
  fi
  counts=$(awk -f tests/count.awk "$logs/$name.xml")
  add_counts "$name" "$code" "$counts"
  say "$name: $counts (passed, failed, skipped), $((SECONDS - start)) s"
}

add_counts() {
  local name=$1 code=$2 p f s
  read -r p f s <<<"$3"
  passed=$((passed + p))
  if [ "$s" -gt 0 ] && [ "${CI:-}" = true ]; then
    failures+=("$name: $s skipped, and CI=true")
    f=$((f + s))
    s=0
  fi
  skipped=$((skipped + s))
  [ "$f" -gt 0 ] || [ "$code" -eq 0 ] || f=1
  failed=$((failed + f))
  [ "$f" -eq 0 ] || failures+=("$name: $f")
}

# gcc 12's thread sanitizer cannot live with the address layout of newer kernels.
fixed_layout() {
  run_as=()
  if setarch "$(uname -m)" -R env >/dev/null 2>&1; then run_as=(setarch "$(uname -m)" -R); fi
}

run_sanitizers() {
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
  export UBSAN_OPTIONS=print_stacktrace=1
  if build asan offsetstore_tests_unit offsetstore_tests_contract; then
    run_tests tests-asan build/asan 900 -L '^(unit|contract)$' -LE '^(long|package)$'
  else
    check_failed build-asan
  fi
  if build tsan offsetstore_tests_concurrent; then
    fixed_layout
    # A library without instrumentation looks like a race to it.
    export TSAN_OPTIONS=suppressions=$PWD/tests/support/tsan.supp:history_size=4
    run_tests tests-tsan build/tsan 900 -L '^concurrent$' -LE '^(long|package|server)$'
    run_as=()
  else
    check_failed build-tsan
  fi
}

find_secrets() {
  local found name
  for name in "${servers[@]}"; do
    if [ -e "$services/$name/server.log" ]; then cp "$services/$name/server.log" "$logs/$name-server.log"; fi
  done
  found=$(grep -rlF -e "$OFFSETSTORE_TEST_SECRET" -e "$kafka_password" "$logs") || {
    say "secrets in logs: none"
    check_passed
    return
  }
  say "secrets in logs: FOUND in"
  echo "$found"
  check_failed "secrets in logs"
}

# What no package brings: the right to mount a file system, for those tests that fill a small disk.
may_mount() {
  # shellcheck disable=SC2016
  unshare --mount --propagation unchanged sh -c 'd=$(mktemp -d) && mount -t tmpfs none "$d" && umount "$d" && rmdir "$d"' \
    >/dev/null 2>&1
}

run_all_tests() {
  local left_out='^long$'
  if [ "$mode" != --quick ] && [ "$mode" != --long ] && ! may_mount; then
    say "NOT RUN: tests labelled mounts (cli_into_root, cli_into_postgres_root, cli_migrate_root, fault_file_root, fault_sqlite_root): this machine lets nobody mount a file system"
    left_out='^(long|mounts)$'
  fi
  case $mode in
    --quick) run_tests tests build/dev 600 -L '^(unit|contract)$' -LE '^(server|long|package)$' ;;
    --long) run_tests tests-long build/dev 10800 -L '^long$' ;;
    *)
      run_tests tests build/dev 3600 -LE "$left_out"
      run_sanitizers
      ;;
  esac
}

rm -rf "$logs"
mkdir -p "$logs"
run_as=()
install_packages || { check_failed packages; finish; }
trap stop_services EXIT
[ "$mode" = --quick ] || start_services
check format 120 tests/lint.sh format
build dev all || { check_failed build; finish; }
case $mode in
  "" | --all) check clang-tidy 2700 tests/lint.sh tidy build/dev "${mode:---changed}" ;;
esac
[ "$mode" = --quick ] || await_services
run_all_tests
find_secrets
finish
