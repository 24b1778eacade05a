#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# A real ZooKeeper for the tests: one server on a free port of 127.0.0.1, everything in one folder.
#   zookeeper.sh start DIR   starts, waits until it answers, prints exports
#   zookeeper.sh stop DIR    ends it and waits; the data stays, so that `start DIR` is a restart
# Needs the packages zookeeper and libslf4j-java (its jars) and a Java runtime. OFFSETSTORE_JUTE_MAXBUFFER: the most
# bytes of one request and of one node, where a test needs larger ones.
set -euo pipefail

# shellcheck source=tests/services/common.sh
. "$(dirname "$0")/common.sh"

jars=/usr/share/java

# Short ticks, so that a session may end after 300 ms.
write_config() {
  local dir=$1 port=$2
  mkdir -p "$dir/data"
  cat >"$dir/zoo.cfg" <<CONFIG
dataDir=$dir/data
clientPort=$port
clientPortAddress=127.0.0.1
tickTime=100
minSessionTimeout=300
maxSessionTimeout=60000
maxClientCnxns=0
admin.enableServer=false
4lw.commands.whitelist=ruok,srvr
CONFIG
  echo "$port" >"$dir/port"
}

launch() {
  local dir=$1
  setsid nohup java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    "-Djute.maxbuffer=${OFFSETSTORE_JUTE_MAXBUFFER:-1048575}" \
    -cp "$jars/zookeeper.jar:$jars/slf4j-simple.jar" -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
    org.apache.zookeeper.server.ZooKeeperServerMain "$dir/zoo.cfg" \
    </dev/null >>"$dir/server.log" 2>&1 &
  echo $! >"$dir/pid"
}

answers() {
  local reply
  exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
  printf ruok >&3
  read -r -t 5 -N 4 reply <&3 || reply=""
  exec 3>&- 3<&-
  [ "$reply" = imok ]
}

# Returns 1 when the process ended (for instance because the port was taken).
wait_until_up() {
  local dir=$1 waited=0
  until answers "$(cat "$dir/port")" 2>/dev/null; do
    kill -0 "$(cat "$dir/pid")" 2>/dev/null || return 1
    [ "$waited" -lt 600 ] || die "not up after 60 s; see $dir/server.log"
    sleep 0.1
    waited=$((waited + 1))
  done
}

start() {
  local dir=$1 attempt fresh=no
  need java default-jre-headless
  [ -e "$jars/zookeeper.jar" ] || die "no $jars/zookeeper.jar: apt-get install zookeeper"
  [ -e "$jars/slf4j-simple.jar" ] || die "no $jars/slf4j-simple.jar: apt-get install libslf4j-java"
  [ -e "$dir/port" ] || fresh=yes
  for attempt in 1 2 3 4 5; do
    if [ "$fresh" = yes ]; then
      rm -rf "$dir/data"
      write_config "$dir" "$(free_port)"
    fi
    launch "$dir"
    if wait_until_up "$dir"; then
      echo "export OFFSETSTORE_TEST_ZOOKEEPER=zookeeper://127.0.0.1:$(cat "$dir/port")"
      echo "export OFFSETSTORE_TEST_ZOOKEEPER_PID=$(cat "$dir/pid")"
      return
    fi
    [ "$fresh" = yes ] || break
    echo "zookeeper.sh: attempt $attempt failed, trying another port" >&2
  done
  die "cannot start: $(tail -n 3 "$dir/server.log")"
}

dispatch "$@"
