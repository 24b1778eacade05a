#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# A real PostgreSQL for the tests: a cluster on a free port of 127.0.0.1 and on a Unix socket, everything in one
# folder.
#   postgres.sh start DIR   makes the cluster (once), starts, waits, prints exports
#   postgres.sh stop DIR    ends it and waits; the data stays, so that `start DIR` is a restart
# The superuser `offsetstore` needs no password. Everybody else does: the role `app` has `app-secret`.
# A DIR/extra.conf is read at each start, after all else. As root, the server runs as the user `postgres`.
set -euo pipefail

# shellcheck source=tests/services/common.sh
. "$(dirname "$0")/common.sh"

# Ends sessions instead of waiting for them.
export STOP_SIGNAL=INT

find_programs() {
  local folder
  for folder in /usr/lib/postgresql/*/bin; do
    [ -x "$folder/initdb" ] && PATH=$folder:$PATH
  done
  need initdb postgresql
}

# The server refuses to be root. Its user may not be able to see DIR, below root's home: he gets the one
# capability that he needs, where we have it to give.
as_server() {
  if [ "$(id -u)" = 0 ]; then
    local as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    local seeing=("${as[@]}" --inh-caps=+dac_override --ambient-caps=+dac_override)
    if "${seeing[@]}" true 2>/dev/null; then as=("${seeing[@]}"); fi
    "${as[@]}" env HOME=/ "$@"
  else
    "$@"
  fi
}

make_cluster() {
  local dir=$1
  if [ "$(id -u)" = 0 ]; then
    chmod go+x "$dir"
    install -d -o postgres -g postgres -m 700 "$dir/data"
    install -d -o postgres -g postgres -m 755 "$dir/socket"
  else
    mkdir -p "$dir/data" "$dir/socket"
  fi
  # In a folder that the server's user can see.
  (cd / && as_server initdb -D "$dir/data" -U offsetstore -A trust -E UTF8 --no-locale --no-sync) \
    >"$dir/initdb.log" 2>&1 || die "initdb: $(tail -n 3 "$dir/initdb.log")"
  as_server tee "$dir/data/pg_hba.conf" >/dev/null <<HBA
local all offsetstore trust
host  all offsetstore 127.0.0.1/32 trust
local replication offsetstore trust
host  replication offsetstore 127.0.0.1/32 trust
local all all scram-sha-256
host  all all 127.0.0.1/32 scram-sha-256
HBA
  as_server tee "$dir/data/offsetstore.conf" >/dev/null <<CONFIG
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir/socket'
shared_buffers = 64MB
max_connections = 200
autovacuum_naptime = 10s
log_line_prefix = '%m %p %u '
include_if_exists '$dir/extra.conf'
CONFIG
  echo "include 'offsetstore.conf'" | as_server tee -a "$dir/data/postgresql.conf" >/dev/null
}

launch() {
  local dir=$1
  (cd / && as_server setsid nohup postgres -D "$dir/data" -p "$(cat "$dir/port")") \
    </dev/null >>"$dir/server.log" 2>&1 &
  wait_for_pid "$dir" "$!"
}

# The server writes its own process id down, which is not the one of the shell that launched it.
wait_for_pid() {
  local dir=$1 launcher=$2 waited=0 pid
  until pid=$(as_server head -n 1 "$dir/data/postmaster.pid" 2>/dev/null) && is_ours "$pid" "$dir"; do
    kill -0 "$launcher" 2>/dev/null || return 1
    [ "$waited" -lt 300 ] || die "no process after 30 s; see $dir/server.log"
    sleep 0.1
    waited=$((waited + 1))
  done
  echo "$pid" >"$dir/pid"
}

sql() {
  local dir=$1 database=$2
  shift 2
  (cd / && psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$(cat "$dir/port")" -U offsetstore -d "$database" "$@")
}

wait_until_up() {
  local dir=$1 waited=0
  until sql "$dir" postgres -c 'SELECT 1' >/dev/null 2>&1; do
    is_running "$dir" || return 1
    [ "$waited" -lt 600 ] || die "not up after 60 s; see $dir/server.log"
    sleep 0.1
    waited=$((waited + 1))
  done
}

fill_cluster() {
  sql "$1" postgres -c "CREATE ROLE app LOGIN PASSWORD 'app-secret'" -c 'CREATE DATABASE offsetstore' \
    >/dev/null || die "cannot make the role and the database"
}

print_exports() {
  local dir=$1
  echo "export OFFSETSTORE_TEST_POSTGRES=postgresql://offsetstore@127.0.0.1:$(cat "$dir/port")/offsetstore"
  echo "export OFFSETSTORE_TEST_POSTGRES_PID=$(cat "$dir/pid")"
  echo "export OFFSETSTORE_TEST_POSTGRES_SOCKET=$dir/socket"
}

start() {
  local dir=$1 attempt fresh=no
  find_programs
  [ -e "$dir/ready" ] || fresh=yes
  if [ "$fresh" = yes ]; then
    rm -rf "$dir/data"
    make_cluster "$dir"
  fi
  for attempt in 1 2 3 4 5 6 7 8; do
    [ "$fresh" = no ] || free_port >"$dir/port"
    if launch "$dir" && wait_until_up "$dir"; then
      [ "$fresh" = no ] || fill_cluster "$dir"
      touch "$dir/ready"
      print_exports "$dir"
      return
    fi
    # A port that is taken, or the last processes of a server that was killed.
    echo "postgres.sh: attempt $attempt failed" >&2
    sleep 0.3
  done
  die "cannot start: $(grep -E 'FATAL|PANIC' "$dir/server.log" | tail -n 1)"
}

dispatch "$@"
