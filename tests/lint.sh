#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# lint.sh format            clang-format and shellcheck on every file
# lint.sh tidy BUILD [--all]  clang-tidy, with BUILD's compile_commands.json, on the files changed since the
#                           merge-base with main (on main: since the last tag, or in the last 30 commits
#                           where there is none); on all with --all, without git or without such a base
# Prints findings as the tools do and exits 1 where there are any.
set -euo pipefail
cd "$(dirname "$0")/.."
self=$PWD/tests/lint.sh

# What is ours: under git what it knows or would take, else everything outside build folders.
files() {
  if git rev-parse --git-dir >/dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
      [ ! -f "$file" ] || echo "$file"
    done
  else
    local pattern arguments=()
    for pattern in "$@"; do arguments+=(-o -name "$pattern"); done
    find . -path ./build -prune -o -type f \( "${arguments[@]:1}" \) -print | sed 's,^\./,,'
  fi
}

# The commit that this work started from, or nothing.
base_of_change() {
  git rev-parse --git-dir >/dev/null 2>&1 || return 0
  local branch tag main=main
  branch=$(git rev-parse --abbrev-ref HEAD)
  git rev-parse --verify -q main >/dev/null || main=origin/main
  if [ "$branch" = main ] || ! git merge-base "$main" HEAD; then
    tag=$(git tag --merged HEAD --sort=-creatordate | head -n 1)
    if [ -n "$tag" ]; then
      echo "$tag"
    elif git rev-parse --verify -q HEAD~30; then
      : # That was it. A younger history has none.
    fi
  fi
}

# Changed .cc files, and for each changed header one .cc file that includes it (the compiler's own
# list), so that the header is looked at.
changed_sources() {
  local build=$1 base=$2 changed header
  changed=$(git diff --name-only --diff-filter=d "$base" -- '*.h' '*.cc'
    git ls-files --others --exclude-standard -- '*.h' '*.cc')
  sed -n '/\.cc$/p' <<<"$changed"
  sed -n '/\.h$/p' <<<"$changed" | while read -r header; do
    ninja -C "$build" -t deps 2>/dev/null | awk -v header="/$header" -v root="$PWD/" '
      /^[^ ]/ { source = ""; next }
      source == "" { source = $1 }
      substr($1, length($1) - length(header) + 1) == header { sub(root, "", source); print source; exit }'
  done
}

# What the build compiles and is ours: generated files are not.
compiled_sources() {
  jq -r --arg root "$PWD/" '.[].file | select(startswith($root)) | ltrimstr($root)' "$1/compile_commands.json" |
    sed '/^build\//d' | sort -u
}

tidy() {
  local build=$1 all=${2:-} base="" sources
  [ "$all" = --all ] || base=$(base_of_change)
  sources=$(compiled_sources "$build")
  if [ -n "$base" ]; then
    sources=$(comm -12 <(echo "$sources") <(changed_sources "$build" "$base" | sort -u))
    echo "clang-tidy: $(sed '/^$/d' <<<"$sources" | wc -l) files changed since $base"
  else
    echo "clang-tidy: all $(wc -l <<<"$sources") files"
  fi
  [ -n "$sources" ] || return 0
  # The largest first, so that no core idles at the end; each file's findings come in one piece.
  xargs -d '\n' wc -c <<<"$sources" | awk '$2 != "total" { print }' | sort -rn | awk '{ print $2 }' |
    xargs -d '\n' -P "$(nproc)" -n 1 "$self" tidy-one "$build"
}

# What decides about a file: all that the compiler sees of it (wherever the folder is), and the judge.
fingerprint() {
  local build=$1 file=$2 command
  command=$(jq -r --arg file "$PWD/$file" 'map(select(.file == $file))[0].command' "$build/compile_commands.json")
  {
    clang-tidy-14 --version
    cat .clang-tidy tests/.clang-tidy docs/examples/.clang-tidy
    bash -c "${command% -o *} -E -P -o - '$file'" | sed "s#$PWD/##g"
  } | sha256sum | cut -d' ' -f1
}

# Quiet about a clean file; the count of suppressed warnings is no finding. A file that was clean is
# not looked at again until something changes that it is made of.
tidy_one() {
  local build=$1 file=$2 out clean=${OFFSETSTORE_CACHE:-$HOME/.cache/offsetstore}/tidy
  mkdir -p "$clean"
  clean+=/$(fingerprint "$build" "$file")
  [ ! -e "$clean" ] || return 0
  if ! out=$(timeout 300 clang-tidy-14 --quiet -p "$build" "$file" 2>&1); then
    echo "$out" | grep -vE '^[0-9]+ warnings? generated|^[0-9]+ warnings? treated as error'
    echo "clang-tidy: $file failed"
    return 1
  fi
  : >"$clean"
}

format() {
  local failed=0 unformatted
  # One line a file: what to do about it is the same everywhere.
  unformatted=$(files '*.h' '*.cc' | xargs -d '\n' clang-format-14 --dry-run 2>&1 |
    sed -n 's/:[0-9]*:[0-9]*: warning:.*//p' | sort -u)
  if [ -n "$unformatted" ]; then
    echo "not formatted; run clang-format-14 -i on:"
    echo "$unformatted"
    failed=1
  fi
  files '*.sh' '.ci/run' | xargs -d '\n' shellcheck || failed=1
  return $failed
}

case ${1:-} in
  format) format ;;
  tidy) tidy "$2" "${3:-}" ;;
  tidy-one) tidy_one "$2" "$3" ;;
  *) sed -n '5,9p' "$self" | cut -c3-; exit 2 ;;
esac
