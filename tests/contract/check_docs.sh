#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# check_docs.sh BACKEND...: every rule of docs/contract.md has a case and every case a rule; each
# backend has a contract test and a page with something in it.
set -euo pipefail
cd "$(dirname "$0")/../.."

status=0
fail() {
  echo "$*" >&2
  status=1
}

# check_page FILE: a title, how far one may rely on the store, and what every page tells.
check_page() {
  local section
  if [ ! -f "$1" ]; then
    fail "there is no $1"
    return
  fi
  head -n 1 "$1" | grep -q '^# .' || fail "$1 does not begin with a title"
  grep -q 'Stability: [a-z]' "$1" || fail "$1 does not say its stability"
  for section in "What it can do" "What can go wrong"; do
    awk -v title="## $section" '
      /^## / { inside = ($0 == title); next }
      inside && NF { found = 1 }
      END { exit !found }' "$1" || fail "$1 says nothing under '## $section'"
  done
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
  check_page "docs/backends/$backend.md"
done
exit "$status"
