# Counts the tests of one ctest run: `awk -f count.awk JUNIT.xml` prints "PASSED FAILED SKIPPED".
# A test that ends with doctest's summary counts by its cases, any other as one. One that failed
# without a failed case (a crash, a timeout, a check at its end) counts as one more failure. Skipped is
# only what asked for it; what could not run (no executable, a failed fixture) has failed.
function finish() {
  if (name == "") return
  if (status == "run") {
    if (cases) { passed += case_passed } else { passed += 1 }
  } else if (status == "fail") {
    if (cases) { passed += case_passed }
    failed += (case_failed > 0) ? case_failed : 1
  } else if (asked) {
    skipped += 1
  } else {
    failed += 1
  }
  name = ""
}
/<testcase / {
  finish()
  name = "?"
  cases = 0; case_passed = 0; case_failed = 0; asked = 0
  status = $0
  sub(/.*status="/, "", status)
  sub(/".*/, "", status)
}
/<skipped message="SKIP_RETURN_CODE/ { asked = 1 }
/\[doctest\] test cases:/ {
  line = $0
  gsub(/[^0-9|]/, "", line)
  split(line, part, "|")
  cases = 1; case_passed = part[2] + 0; case_failed = part[3] + 0
}
END {
  finish()
  printf "%d %d %d\n", passed, failed, skipped
}
