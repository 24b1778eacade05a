# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0

# What a test may be labelled. tests/run.sh chooses by label what runs again under the sanitizers,
# what needs a server and what is too long for every day; a label nobody knows would choose nothing.
set(OFFSETSTORE_TEST_LABELS
  unit contract fault server cli package integration torture concurrent long bench examples mounts)

# `cmake --build DIR --target offsetstore_tests_<label>` builds the tests of one label.
foreach(label IN LISTS OFFSETSTORE_TEST_LABELS)
  add_custom_target(offsetstore_tests_${label})
endforeach()

# offsetstore_label_test(name LABELS ... [TARGETS ...] [SERVER kafka ...])
# For tests that are no doctest executable: sets the labels and what each label must build.
function(offsetstore_label_test name)
  cmake_parse_arguments(arg "" "" "LABELS;TARGETS;SERVER" ${ARGN})
  foreach(label IN LISTS arg_LABELS)
    if(NOT label IN_LIST OFFSETSTORE_TEST_LABELS)
      list(JOIN OFFSETSTORE_TEST_LABELS ", " known)
      message(FATAL_ERROR "offsetstore: test ${name} has the unknown label '${label}' (known: ${known})")
    endif()
    # The thread sanitizer, which "concurrent" is for, meets no server in tests/run.sh.
    if(arg_TARGETS AND NOT (label STREQUAL "concurrent" AND "server" IN_LIST arg_LABELS))
      add_dependencies(offsetstore_tests_${label} ${arg_TARGETS})
    endif()
  endforeach()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}")
  if("server" IN_LIST arg_LABELS)
    # One server and its timings: the tests of a server run one after the other, beside all others.
    if(NOT arg_SERVER)
      set(arg_SERVER kafka)
    endif()
    list(TRANSFORM arg_SERVER PREPEND offsetstore_)
    set_tests_properties(${name} PROPERTIES RESOURCE_LOCK "${arg_SERVER}")
  endif()
endfunction()

# offsetstore_add_test(NAME unit_core SOURCES ... [LIBRARIES ...] [LABELS unit|contract|concurrent|server|long ...]
#                      [SERVER kafka|postgres|... ...] [TIMEOUT seconds] [CASES pattern ...])
# One doctest executable whose main() counts cases and fails where none ran. An executable that
# exits 77 needs a server that is not there: ctest shows it as skipped, CI forbids that. CASES: only
# those, and others by offsetstore_add_run.
function(offsetstore_add_test)
  cmake_parse_arguments(arg "" "NAME;TIMEOUT" "SOURCES;LIBRARIES;LABELS;SERVER;CASES" ${ARGN})
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_link_libraries(${arg_NAME} PRIVATE ${arg_LIBRARIES} offsetstore_test_support offsetstore_build)
  offsetstore_add_run(NAME ${arg_NAME} OF ${arg_NAME} LABELS ${arg_LABELS} SERVER ${arg_SERVER}
    TIMEOUT ${arg_TIMEOUT} CASES ${arg_CASES})
endfunction()

# offsetstore_add_run(NAME unit_core_some OF unit_core [CASES pattern ...] [ENVIRONMENT NAME=value ...]
#                     [LABELS ...] [SERVER ...] [TIMEOUT seconds])
# One more test by an executable of offsetstore_add_test. doctest splits a pattern at commas.
function(offsetstore_add_run)
  cmake_parse_arguments(arg "" "NAME;OF;TIMEOUT" "CASES;ENVIRONMENT;LABELS;SERVER" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set(cases "")
  if(arg_CASES)
    list(JOIN arg_CASES "," patterns)
    set(cases "--test-case=${patterns}")
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${arg_OF} ${cases})
  set_tests_properties(${arg_NAME} PROPERTIES
    SKIP_RETURN_CODE 77 TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "${arg_ENVIRONMENT}")
  offsetstore_label_test(${arg_NAME} LABELS ${arg_LABELS} TARGETS ${arg_OF} SERVER ${arg_SERVER})
endfunction()
