# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# Names that a source takes by `using a::b;` or `namespace a = b;` and never says again: clang-tidy looks
# for them in main files only, and the sources of a bundle (lint.sh) are none.
function tell(   name, words, n) {
  for (name in taken) {
    n = 0
    words = text
    while (match(words, "(^|[^A-Za-z0-9_])" name "([^A-Za-z0-9_]|$)")) {
      n++
      words = substr(words, RSTART + RLENGTH - 1)
    }
    if (n < 2) print taken[name] ": " name " is taken and never used"
  }
  delete taken
  text = ""
}
FNR == 1 { tell() }
{ line = $0; sub(/\/\/.*/, "", line); text = text "\n" line }
line ~ /^ *using [A-Za-z0-9_:]+::[A-Za-z0-9_]+;/ {
  name = line; sub(/;.*/, "", name); sub(/.*::/, "", name); taken[name] = FILENAME ":" FNR
}
line ~ /^ *namespace [a-z0-9_]+ = / { split(line, part, " "); taken[part[2]] = FILENAME ":" FNR }
END { tell() }
