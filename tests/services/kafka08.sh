#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# A real Kafka 0.8.2.2 for the tests, with the ZooKeeper that keeps its consumers' offsets: the chroot /kafka08.
#   kafka08.sh start DIR   fetches the jars (once), starts both on free ports, waits, prints exports
#   kafka08.sh stop DIR    ends both and waits; the data stays, so that `start DIR` is a restart
# Needs maven, a Java runtime of 17 or newer, and what zookeeper.sh needs. The jars are kept in
# ${OFFSETSTORE_CACHE:-~/.cache/offsetstore}. Its tools: java -cp "$OFFSETSTORE_TEST_KAFKA08_JARS/*" kafka.tools....
set -euo pipefail

# shellcheck source=tests/services/common.sh
. "$(dirname "$0")/common.sh"

zookeeper=$(dirname "$0")/zookeeper.sh
jars=${OFFSETSTORE_CACHE:-$HOME/.cache/offsetstore}/kafka-0.8.2.2

write_config() {
  local dir=$1 port=$2 server=$3
  cat >"$dir/server.properties" <<CONFIG
broker.id=1
host.name=127.0.0.1
port=$port
log.dirs=$dir/data
zookeeper.connect=${server#zookeeper://}/kafka08
zookeeper.session.timeout.ms=6000
num.partitions=3
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
log.cleaner.enable=false
CONFIG
  cat >"$dir/log4j.properties" <<CONFIG
log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %c %m%n
CONFIG
  echo "$port" >"$dir/port"
}

launch() {
  local dir=$1
  : >"$dir/server.log"
  setsid nohup java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --add-opens java.base/sun.nio.ch=ALL-UNNAMED \
    "-Dlog4j.configuration=file:$dir/log4j.properties" -cp "$jars/*" kafka.Kafka "$dir/server.properties" </dev/null >>"$dir/server.log" 2>&1 9>&- &
  echo $! >"$dir/pid"
}

# It says so once it has registered itself, after it listens.
wait_until_up() {
  local dir=$1 waited=0
  until grep -q 'KafkaServer .*, started$' "$dir/server.log"; do
    kill -0 "$(cat "$dir/pid")" 2>/dev/null || return 1
    [ "$waited" -lt 600 ] || die "not up after 60 s; see $dir/server.log"
    sleep 0.1
    waited=$((waited + 1))
  done
}

start() {
  local dir=$1 server attempt fresh=no
  need java default-jre-headless
  fetch_jars "$jars" org.apache.kafka:kafka_2.11:0.8.2.2 org.slf4j:slf4j-simple:1.7.36
  "$zookeeper" start "$dir/zookeeper" >"$dir/zookeeper.env"
  server=$(sed -n 's/^export OFFSETSTORE_TEST_ZOOKEEPER=//p' "$dir/zookeeper.env")
  [ -e "$dir/port" ] || fresh=yes
  for attempt in 1 2 3; do
    [ "$fresh" = no ] || write_config "$dir" "$(free_port)" "$server"
    launch "$dir"
    if wait_until_up "$dir"; then
      echo "export OFFSETSTORE_TEST_KAFKA08=$server/kafka08"
      echo "export OFFSETSTORE_TEST_KAFKA08_BROKER=127.0.0.1:$(cat "$dir/port")"
      echo "export OFFSETSTORE_TEST_KAFKA08_JARS=$jars"
      echo "export OFFSETSTORE_TEST_KAFKA08_PID=$(cat "$dir/pid")"
      return
    fi
    [ "$fresh" = yes ] || break
    echo "kafka08.sh: attempt $attempt failed, trying another port" >&2
  done
  "$zookeeper" stop "$dir/zookeeper"
  die "cannot start: $(grep -m 1 -E 'Exception|ERROR|FATAL' "$dir/server.log" || tail -n 1 "$dir/server.log")"
}

if [ "${1:-}" = stop ] && [ $# -eq 2 ] && [ -d "$2" ]; then
  stop "$2"
  "$zookeeper" stop "$2/zookeeper"
else
  dispatch "$@"
fi
