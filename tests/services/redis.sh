#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# redis.sh start DIR: a Redis on a free port of 127.0.0.1, and on DIR/redis.sock, that syncs every write;
# prints the variables that tests read. start DIR again: the same port and data. stop DIR ends it.
# OFFSETSTORE_REDIS_CONFIG: more lines for a new DIR's configuration. OFFSETSTORE_REDIS_ARGUMENTS: of the
# command, such as --sentinel.
set -euo pipefail
# shellcheck source=tests/services/common.sh
. "$(dirname "$0")/common.sh"

# The server overwrites its command line, but works in its folder.
is_ours() {
  [ "$(readlink "/proc/$1/cwd" 2>/dev/null)" = "$2/data" ]
}

write_config() {
  local dir=$1 port=$2
  cat >"$dir/redis.conf" <<CONFIG
bind 127.0.0.1
port $port
unixsocket $dir/redis.sock
dir $dir/data
save ""
appendonly yes
appendfsync always
${OFFSETSTORE_REDIS_CONFIG:-}
CONFIG
  echo "$port" >"$dir/port"
}

launch() {
  local dir=$1
  local arguments=()
  read -ra arguments <<<"${OFFSETSTORE_REDIS_ARGUMENTS:-}"
  setsid nohup redis-server "$dir/redis.conf" "${arguments[@]}" </dev/null >>"$dir/server.log" 2>&1 &
  echo $! >"$dir/pid"
}

# Returns 0 when it answers, 1 when the process ended (for instance because a port was taken).
wait_until_up() {
  local dir=$1 waited=0
  # A server that asks for a password answers too.
  until redis-cli -s "$dir/redis.sock" ping 2>/dev/null | grep -qE '^(PONG|NOAUTH)'; do
    kill -0 "$(cat "$dir/pid")" 2>/dev/null || return 1
    [ "$waited" -lt 600 ] || die "not up after 30 s; see $dir/server.log"
    sleep 0.05
    waited=$((waited + 1))
  done
}

print_exports() {
  local dir=$1
  echo "export OFFSETSTORE_TEST_REDIS=redis://127.0.0.1:$(cat "$dir/port")"
  echo "export OFFSETSTORE_TEST_REDIS_PID=$(cat "$dir/pid")"
  echo "export OFFSETSTORE_TEST_REDIS_SOCKET=$dir/redis.sock"
}

start() {
  local dir=$1 fresh=no
  need redis-server redis-server
  need redis-cli redis-tools
  [ -e "$dir/port" ] || fresh=yes
  mkdir -p "$dir/data"
  for _ in 1 2 3 4 5; do
    [ "$fresh" = no ] || write_config "$dir" "$(free_port)"
    launch "$dir"
    if wait_until_up "$dir"; then
      print_exports "$dir"
      return
    fi
    [ "$fresh" = yes ] || break
  done
  die "cannot start: $(tail -n 2 "$dir/server.log")"
}

dispatch "$@"
