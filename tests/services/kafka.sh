#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# A real Kafka for the tests: one KRaft process on free ports of 127.0.0.1, everything in one folder.
#   kafka.sh start DIR   fetches the jars (once), formats DIR (once), starts, waits, prints exports
#   kafka.sh stop DIR    ends it and waits; the data stays, so that `start DIR` is a restart
# Needs maven and a Java runtime of 17 or newer. The jars are kept in ${OFFSETSTORE_CACHE:-~/.cache/offsetstore}.
set -euo pipefail

# shellcheck source=tests/services/common.sh
. "$(dirname "$0")/common.sh"

version=${OFFSETSTORE_KAFKA_VERSION:-4.1.1}
jars=${OFFSETSTORE_CACHE:-$HOME/.cache/offsetstore}/kafka-$version

# The timings are the shortest that Kafka takes, so that a killed member costs a test one second.
# Authentication has a listener of its own: user `app`, password `app-secret`, may do everything; user `guest`,
# password `guest-secret`, and all others may not use what has an access list that does not name them.
# Who asks the listener BEHIND is sent to a port where nobody listens but a test's proxy.
write_config() {
  local dir=$1 plain=$2 controller=$3 sasl=$4 behind=$5 proxy=$6
  cat >"$dir/server.properties" <<CONFIG
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$plain,SASL://127.0.0.1:$sasl,BEHIND://127.0.0.1:$behind,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$plain,SASL://127.0.0.1:$sasl,BEHIND://127.0.0.1:$proxy
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,BEHIND:PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_app="app-secret" user_guest="guest-secret";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:app
allow.everyone.if.no.acl.found=true
log.dirs=$dir/data
num.partitions=1
auto.create.topics.enable=false
delete.topic.enable=true
log.cleaner.dedupe.buffer.size=4194304
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.abort.timed.out.transaction.cleanup.interval.ms=200
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.consumer.session.timeout.ms=1000
group.consumer.min.session.timeout.ms=1000
group.consumer.heartbeat.interval.ms=300
group.consumer.min.heartbeat.interval.ms=300
CONFIG
  printf '%s %s %s %s\n' "$plain" "$sasl" "$behind" "$proxy" >"$dir/ports"
}

format() {
  local dir=$1 id
  id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c1-22)
  # An id that starts with a dash is read as an option.
  java -cp "$jars/*" kafka.tools.StorageTool format -t "A${id:1}" -c "$dir/server.properties" \
    >"$dir/format.log" 2>&1 || die "cannot format $dir: $(tail -n 3 "$dir/format.log")"
}

launch() {
  local dir=$1
  : >"$dir/server.log"
  setsid nohup java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -Dorg.slf4j.simpleLogger.showDateTime=true \
    -cp "$jars/*" kafka.Kafka "$dir/server.properties" \
    </dev/null >>"$dir/server.log" 2>&1 9>&- &
  echo $! >"$dir/pid"
}

# Returns 0 when it answers, 1 when the process ended (for instance because a port was taken).
wait_until_up() {
  local dir=$1 waited=0
  until grep -q 'Kafka Server started' "$dir/server.log"; do
    kill -0 "$(cat "$dir/pid")" 2>/dev/null || return 1
    [ "$waited" -lt 600 ] || die "not up after 60 s; see $dir/server.log"
    sleep 0.1
    waited=$((waited + 1))
  done
}

print_exports() {
  local dir=$1 plain sasl behind proxy
  read -r plain sasl behind proxy <"$dir/ports"
  echo "export OFFSETSTORE_TEST_KAFKA=127.0.0.1:$plain"
  echo "export OFFSETSTORE_TEST_KAFKA_SASL=127.0.0.1:$sasl"
  echo "export OFFSETSTORE_TEST_KAFKA_BEHIND=127.0.0.1:$behind"
  echo "export OFFSETSTORE_TEST_KAFKA_PROXY=127.0.0.1:$proxy"
  echo "export OFFSETSTORE_TEST_KAFKA_PID=$(cat "$dir/pid")"
  echo "export OFFSETSTORE_TEST_KAFKA_JARS=$jars"
}

start() {
  local dir=$1 attempt fresh=no
  need java default-jre-headless
  fetch_jars "$jars" "org.apache.kafka:kafka_2.13:$version" "org.apache.kafka:kafka-tools:$version" \
    org.slf4j:slf4j-simple:1.7.36
  [ -e "$dir/ports" ] || fresh=yes
  for attempt in 1 2 3 4 5; do
    if [ "$fresh" = yes ]; then
      rm -rf "$dir/data"
      write_config "$dir" "$(free_port)" "$(free_port)" "$(free_port)" "$(free_port)" "$(free_port)"
      format "$dir"
    fi
    launch "$dir"
    if wait_until_up "$dir"; then
      print_exports "$dir"
      return
    fi
    [ "$fresh" = yes ] || break
    echo "kafka.sh: attempt $attempt failed, trying other ports" >&2
  done
  die "cannot start: $(grep -m 1 -E 'Exception|ERROR' "$dir/server.log" || tail -n 1 "$dir/server.log")"
}

dispatch "$@"
