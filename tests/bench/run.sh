#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# tests/bench/run.sh [--markdown] [--pairs=N] [FILTER]: builds offsetstore_bench as a release, starts the servers
# of tests/services, runs it (docs/benchmarks.md) and ends them. What is not the result goes to stderr.
# tests/bench/run.sh --migration [linear|memory|tool]...: the same for what is no comparison in pairs.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly servers=(kafka postgres redis zookeeper)
folder=$(mktemp -d "${TMPDIR:-/tmp}/offsetstore-bench.XXXXXX")

finish() {
  local server
  for server in "${servers[@]}"; do
    [ -d "$folder/$server" ] || continue
    # One that does not end must not keep the others running.
    tests/services/"$server".sh stop "$folder/$server" >&2 || echo "bench: $server did not end" >&2
  done
  rm -rf "$folder"
}
trap finish EXIT

targets=(offsetstore_bench)
command=(build/release/bin/offsetstore_bench "$@")
if [ "${1:-}" = --migration ]; then
  targets=(offsetstore_migration_figures offsetctl)
  command=(build/release/bin/offsetstore_migration_figures build/release/bin/offsetctl "${@:2}")
fi
cmake --preset release -DOFFSETSTORE_BENCH=ON -DOFFSETSTORE_TESTS=ON >&2
cmake --build --preset release --target "${targets[@]}" >&2
for server in "${servers[@]}"; do
  tests/services/"$server".sh start "$folder/$server" >"$folder/$server.env"
  # shellcheck source=/dev/null
  . "$folder/$server.env"
done
"${command[@]}"
