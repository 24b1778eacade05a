#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# Prints a folder that holds a newer librdkafka.so.1 than the system's, for LD_LIBRARY_PATH. It comes from
# PyPI's confluent-kafka wheel and is kept in ${OFFSETSTORE_CACHE:-~/.cache/offsetstore}. Needs python3 with
# pip, or python3-venv.
set -euo pipefail

version=${OFFSETSTORE_CONFLUENT_KAFKA_VERSION:-2.16.1}
folder=${OFFSETSTORE_CACHE:-$HOME/.cache/offsetstore}/librdkafka-$version

die() {
  echo "librdkafka-new.sh: $*" >&2
  exit 1
}

# Prints a Python that has pip: the system's, or one of a throw-away environment.
python_with_pip() {
  if python3 -m pip --version >/dev/null 2>&1; then
    echo python3
    return
  fi
  python3 -m venv "$1/venv" >&2 || die "no pip: apt-get install python3-venv"
  echo "$1/venv/bin/python3"
}

if [ ! -d "$folder" ]; then
  mkdir -p "$(dirname "$folder")"
  exec 9>"$folder.lock"
  flock 9
  if [ ! -d "$folder" ]; then
    work=$(mktemp -d "$folder.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    python=$(python_with_pip "$work")
    "$python" -m pip download -q --no-deps --only-binary=:all: -d "$work" "confluent-kafka==$version" >&2 ||
      die "cannot fetch confluent-kafka $version from PyPI"
    python3 -m zipfile -e "$work"/confluent_kafka-*.whl "$work/wheel"
    library=$(find "$work/wheel/confluent_kafka.libs" -name 'librdkafka*.so.1' -print -quit)
    [ -n "$library" ] || die "the wheel holds no librdkafka"
    # The other libraries of the wheel are found beside it by its own run path.
    mv "$library" "$work/wheel/confluent_kafka.libs/librdkafka.so.1"
    mv "$work/wheel/confluent_kafka.libs" "$folder"
  fi
fi
echo "$folder"
