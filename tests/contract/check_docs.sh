#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# check_docs.sh BACKEND...: every rule of docs/contract.md has a case and every case a rule; each
# backend has a contract test and a page.
set -euo pipefail
cd "$(dirname "$0")/../.."

status=0
fail() {
  echo "$*" >&2
  status=1
}

rules=$(sed -n 's/^| \(C[0-9][0-9]\) |.*/\1/p' docs/contract.md)
cases=$(grep -o '"C[0-9][0-9] ' tests/contract/include/offsetstore/testing/contract_cases.h |
  tr -d '" ' | sort -u)
[ -n "$rules" ] || fail "no rule found in docs/contract.md"
[ "$rules" = "$(sort -u <<<"$rules")" ] || fail "the rules are not in order, or one stands twice"
difference=$(diff <(echo "$rules") <(echo "$cases")) ||
  fail "rules of docs/contract.md (<) and of the cases (>) differ:" "$difference"
for backend in "$@"; do
  [ -f "tests/contract/${backend}_contract_test.cc" ] ||
    fail "backend $backend has no tests/contract/${backend}_contract_test.cc"
  [ -f "docs/backends/$backend.md" ] || fail "backend $backend has no docs/backends/$backend.md"
done
exit "$status"
