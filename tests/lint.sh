#!/usr/bin/env bash
# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# lint.sh format            clang-format, shellcheck and names in vain, on every file
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

# Changed .cc files, and for each changed header the .cc files of one compilation that includes it (the
# compiler's own list), so that the header is looked at.
changed_sources() {
  local build=$1 base=$2 changed header entry
  changed=$(git diff --name-only --diff-filter=d "$base" -- '*.h' '*.cc'
    git ls-files --others --exclude-standard -- '*.h' '*.cc')
  sed -n '/\.cc$/p' <<<"$changed"
  sed -n '/\.h$/p' <<<"$changed" | while read -r header; do
    entry=$(ninja -C "$build" -t deps 2>/dev/null | awk -v header="/$header" '
      /^[^ ]/ { source = ""; next }
      source == "" { source = $1 }
      substr($1, length($1) - length(header) + 1) == header { print source; exit }')
    [ -z "$entry" ] || sources_of "$(cd "$build" && realpath "$entry")"
  done
}

# The files of ours that one entry of compile_commands.json compiles: where many are compiled as one,
# those that the entry includes.
sources_of() {
  case $1 in
    */Unity/unity_*) sed -n 's/^#include "\(.*\)"$/\1/p' "$1" ;;
    *) echo "$1" ;;
  esac | sed -n "s,^$PWD/,,p" | sed '/^build\//d'
}

# "SOURCE ENTRY" for all that the build compiles and is ours, each source once: generated files are not.
compiled_sources() {
  local entry
  jq -r '.[].file' "$1/compile_commands.json" | while read -r entry; do
    sources_of "$entry" | sed "s,\$, $entry,"
  done | sort -u -k1,1
}

tidy() {
  local build=$1 all=${2:-} base="" sources
  [ "$all" = --all ] || base=$(base_of_change)
  sources=$(compiled_sources "$build")
  if [ -n "$base" ]; then
    sources=$(join <(echo "$sources") <(changed_sources "$build" "$base" | sort -u))
    echo "clang-tidy: $(sed '/^$/d' <<<"$sources" | wc -l) files changed since $base"
  else
    echo "clang-tidy: all $(wc -l <<<"$sources") files"
  fi
  [ -n "$sources" ] || return 0
  rm -rf build/tidy
  mkdir -p build/tidy
  bundle "$build" "$sources"
  # The largest first, so that no core idles at the end; each bundle's findings come in one piece.
  find build/tidy -name '*.cc' | while read -r file; do
    echo "$(sed -n 's/^#include "\(.*\)"$/\1/p' "$file" | xargs cat | wc -c) $file"
  done | sort -rn | cut -d' ' -f2 | xargs -d '\n' -P "$(nproc)" -n 1 "$self" tidy-one
}

# Most of a look is spent on the headers of the libraries, so those sources that the build compiles as
# one are looked at as one, without those that did not change. A bundle lies in a folder that has the
# settings of its sources.
bundle() {
  local build=$1 source entry place file number=0
  local -A bundles=()
  while read -r source entry; do
    place=$(settings_of "$source")
    if [ -z "${bundles[$place $entry]:-}" ]; then
      number=$((number + 1))
      bundles[$place $entry]=build/tidy/$place/$number.cc
      mkdir -p "build/tidy/$place"
      [ ! -e "$place/.clang-tidy" ] || cp "$place/.clang-tidy" "build/tidy/$place/"
    fi
    file=${bundles[$place $entry]}
    echo "#include \"$PWD/$source\"" >>"$file"
    echo "$file $entry"
  done <<<"$2" | sort -u | jq -R --arg root "$PWD/" --slurpfile database "$build/compile_commands.json" '
      split(" ") as [$file, $entry]
      | first($database[0][] | select(.file == $entry))
      | .command = (.command | split(" -o ")[0]) + " -Wno-unknown-warning-option -c " + $root + $file | .file = $root + $file' |
    jq -s . >build/tidy/commands.json
  mv build/tidy/commands.json build/tidy/compile_commands.json
}

settings_of() {
  case $1 in
    tests/*) echo tests ;;
    docs/examples/*) echo docs/examples ;;
    *) echo other ;;
  esac
}

# What decides about a bundle: all that the compiler sees of it (wherever the folder is), and the judge.
fingerprint() {
  local file=$PWD/$1 root=$PWD directory command
  {
    read -r directory
    read -r command
  } < <(jq -r --arg file "$file" 'map(select(.file == $file))[0] | .directory, .command' build/tidy/compile_commands.json)
  {
    clang-tidy-14 --version
    cat .clang-tidy tests/.clang-tidy docs/examples/.clang-tidy
    (cd "$directory" && bash -c "${command% -c *} -E -P -o - '$file'") | sed "s#$root/##g"
  } | sha256sum | cut -d' ' -f1
}

# Quiet about a clean bundle; the count of suppressed warnings is no finding. What was clean is not
# looked at again until something changes that it is made of.
tidy_one() {
  local file=$1 out clean=${OFFSETSTORE_CACHE:-$HOME/.cache/offsetstore}/tidy
  mkdir -p "$clean"
  clean+=/$(fingerprint "$file")
  [ ! -e "$clean" ] || return 0
  if ! out=$(timeout 600 clang-tidy-14 --quiet -p build/tidy --checks=-bugprone-suspicious-include "$file" 2>&1); then
    echo "$out" | grep -vE '^[0-9]+ warnings? generated|^[0-9]+ warnings? treated as error'
    echo "clang-tidy: a file of $file failed"
    return 1
  fi
  : >"$clean"
}

format() {
  local failed=0 unformatted unused
  # One line a file: what to do about it is the same everywhere.
  unformatted=$(files '*.h' '*.cc' | xargs -d '\n' clang-format-14 --dry-run 2>&1 |
    sed -n 's/:[0-9]*:[0-9]*: warning:.*//p' | sort -u)
  if [ -n "$unformatted" ]; then
    echo "not formatted; run clang-format-14 -i on:"
    echo "$unformatted"
    failed=1
  fi
  unused=$(files '*.cc' | xargs -d '\n' awk -f tests/unused_names.awk)
  if [ -n "$unused" ]; then
    echo "$unused"
    failed=1
  fi
  files '*.sh' '.ci/run' | xargs -d '\n' shellcheck || failed=1
  return $failed
}

case ${1:-} in
  format) format ;;
  tidy) tidy "$2" "${3:-}" ;;
  tidy-one) tidy_one "$2" ;;
  *) sed -n '5,9p' "$self" | cut -c3-; exit 2 ;;
esac
