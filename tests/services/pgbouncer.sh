#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# A real pgbouncer for the tests, in transaction mode, before the server that OFFSETSTORE_TEST_POSTGRES names: two
# sessions of the server for all clients, which need no password.
#   pgbouncer.sh start DIR   starts, waits, prints exports
#   pgbouncer.sh stop DIR    ends it and waits
set -euo pipefail

# shellcheck source=tests/services/common.sh
. "$(dirname "$0")/common.sh"

export STOP_SIGNAL=INT

write_config() {
  local dir=$1 server=${OFFSETSTORE_TEST_POSTGRES:?names no server} port
  port=${server#*@*:}
  port=${port%%/*}
  [ -e "$dir/port" ] || free_port >"$dir/port"
  cat >"$dir/pgbouncer.ini" <<CONFIG
[databases]
offsetstore = host=127.0.0.1 port=$port user=offsetstore
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $(cat "$dir/port")
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
CONFIG
}

# It refuses to be root. Takes the place of the shell, so that the process id is its own.
become() {
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
  else
    exec "$@"
  fi
}

start() {
  local dir=$1 attempt waited
  PATH=$PATH:/usr/sbin
  need pgbouncer pgbouncer
  chmod go+x "$dir"
  for attempt in 1 2 3 4 5; do
    write_config "$dir"
    chmod go+r "$dir/pgbouncer.ini"
    become setsid nohup pgbouncer "$dir/pgbouncer.ini" </dev/null >>"$dir/server.log" 2>&1 &
    echo $! >"$dir/pid"
    waited=0
    until (exec 3<>"/dev/tcp/127.0.0.1/$(cat "$dir/port")") 2>/dev/null; do
      kill -0 "$(cat "$dir/pid")" 2>/dev/null || break
      [ "$waited" -lt 100 ] || die "not up after 10 s; see $dir/server.log"
      sleep 0.1
      waited=$((waited + 1))
    done
    if is_running "$dir"; then
      echo "export OFFSETSTORE_TEST_PGBOUNCER=postgresql://offsetstore@127.0.0.1:$(cat "$dir/port")/offsetstore"
      echo "export OFFSETSTORE_TEST_PGBOUNCER_PID=$(cat "$dir/pid")"
      return
    fi
    echo "pgbouncer.sh: attempt $attempt failed, trying another port" >&2
    rm -f "$dir/port"
  done
  die "cannot start: $(tail -n 1 "$dir/server.log")"
}

dispatch "$@"
