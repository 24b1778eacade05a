# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the scripts that start a server for the tests have in common; sourced by each. A script defines
# `start DIR`, and `is_ours PID DIR` where the process' command line does not hold DIR itself, and ends with
# `dispatch "$@"`. A server keeps everything in its DIR, with its process id in DIR/pid.

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# need COMMAND PACKAGE: says what to install where a command is missing.
need() {
  command -v "$1" >/dev/null || die "'$1' is missing: apt-get install $2"
}

# A port below the kernel's range for outgoing connections that nobody listens on now.
free_port() {
  local port
  while true; do
    port=$((RANDOM % 12000 + 20000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
}

# Fetches jars by Maven once: fetch_jars FOLDER GROUP:ARTIFACT:VERSION... It fetches into a folder beside the
# final one and renames it: a cache that exists is complete.
fetch_jars() {
  local jars=$1 work coordinates dependencies=""
  shift
  [ -d "$jars" ] && return
  need mvn "maven default-jre-headless ca-certificates-java"
  for coordinates in "$@"; do
    dependencies+=$(awk -F: '{ print "<dependency><groupId>" $1 "</groupId><artifactId>" $2 "</artifactId><version>" $3 "</version></dependency>" }' <<<"$coordinates")
  done
  mkdir -p "$(dirname "$jars")"
  exec 9>"$jars.lock"
  flock 9
  if [ ! -d "$jars" ]; then
    work=$(mktemp -d "$jars.XXXXXX")
    cat >"$work/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>offsetstore</groupId><artifactId>jars-for-tests</artifactId><version>1</version>
  <dependencies>$dependencies</dependencies>
</project>
POM
    mvn -q -B -f "$work/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/lib" >&2 ||
      die "Maven could not fetch $* (see above)"
    # Two logging backends on one class path make Kafka print pages of warnings, or refuse to start.
    rm -f "$work"/lib/log4j-slf4j-impl-*.jar "$work"/lib/slf4j-log4j12-*.jar
    mv "$work/lib" "$jars"
    rm -r "$work"
  fi
  exec 9>&-
}

# Whether process PID is the server of this folder, and not a later one with its pid.
is_ours() {
  tr '\0' '\n' 2>/dev/null <"/proc/$1/cmdline" | grep -qF -- "$2/"
}

is_running() {
  local dir=$1 pid
  pid=$(cat "$dir/pid" 2>/dev/null) || return 1
  is_ours "$pid" "$dir"
}

# Ends the server and waits; a stopped (SIGSTOP) one too. STOP_SIGNAL chooses the polite signal.
stop() {
  local dir pid waited=0
  dir=$(cd "$1" && pwd) || die "no such folder: $1"
  is_running "$dir" || { rm -f "$dir/pid"; return; }
  pid=$(cat "$dir/pid")
  kill -CONT "$pid"
  kill "-${STOP_SIGNAL:-TERM}" "$pid"
  while is_running "$dir"; do
    if [ "$waited" -eq 150 ]; then kill -KILL "$pid"; fi
    [ "$waited" -lt 200 ] || die "process $pid does not end"
    sleep 0.1
    waited=$((waited + 1))
  done
  rm -f "$dir/pid"
}

dispatch() {
  [ $# -eq 2 ] || die "usage: $(basename "$0") start|stop DIR"
  case $1 in
    start)
      local dir
      mkdir -p "$2"
      dir=$(cd "$2" && pwd)
      is_running "$dir" && die "already running in $dir"
      start "$dir"
      ;;
    stop) stop "$2" ;;
    *) die "usage: $(basename "$0") start|stop DIR" ;;
  esac
}
