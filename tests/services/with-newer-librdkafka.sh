#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# Runs a program with a newer librdkafka than the one it was linked with: with-newer-librdkafka.sh PROGRAM [ARGUMENT...]
set -euo pipefail

folder=$("$(dirname "$0")/librdkafka-new.sh")
LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} exec "$@"
