#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# check_docs_test.sh: check_docs.sh refuses a page that is missing, empty or only headings.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tests"
cp -r tests/contract "$work/tests/"
cp -r docs "$work/"
page=$work/docs/backends/memory.md
check() { "$work/tests/contract/check_docs.sh" memory 2>&1; }

status=0
# refuses WHAT TEXT: the check fails, and its message holds TEXT.
refuses() {
  local said
  if said=$(check); then
    echo "not refused: $1" >&2
    status=1
  elif ! grep -qF -- "$2" <<<"$said"; then
    echo "refused $1 without saying '$2': $said" >&2
    status=1
  fi
}

check >/dev/null || { echo "the page as it is must pass" >&2; exit 1; }
whole=$(<"$page")
rm "$page"
refuses "no page" "there is no docs/backends/memory.md"
: >"$page"
refuses "an empty page" "does not begin with a title"
echo "# memory" >"$page"
refuses "a page that is only a title" "says nothing under '## What it can do'"
grep '^#' <<<"$whole" >"$page"
refuses "a page that is only headings" "says nothing under '## What can go wrong'"
grep -v '^Stability:' <<<"$whole" >"$page"
refuses "a page without its stability" "stability"
exit "$status"
