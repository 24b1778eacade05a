# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0

# What a test may be labelled. tests/run.sh chooses by label what runs again under the sanitizers,
# what needs a server and what is too long for every day; a label nobody knows would choose nothing.
set(OFFSETSTORE_TEST_LABELS
  unit contract fault server cli package integration torture concurrent long bench examples)

# `cmake --build DIR --target offsetstore_tests_<label>` builds the tests of one label.
foreach(label IN LISTS OFFSETSTORE_TEST_LABELS)
  add_custom_target(offsetstore_tests_${label})
endforeach()

# offsetstore_label_test(name LABELS ... [TARGETS ...] [SERVER kafka])
# For tests that are no doctest executable: sets the labels and what each label must build.
function(offsetstore_label_test name)
  cmake_parse_arguments(arg "" "SERVER" "LABELS;TARGETS" ${ARGN})
  foreach(label IN LISTS arg_LABELS)
    if(NOT label IN_LIST OFFSETSTORE_TEST_LABELS)
      list(JOIN OFFSETSTORE_TEST_LABELS ", " known)
      message(FATAL_ERROR "offsetstore: test ${name} has the unknown label '${label}' (known: ${known})")
    endif()
    if(arg_TARGETS)
      add_dependencies(offsetstore_tests_${label} ${arg_TARGETS})
    endif()
  endforeach()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}")
  if("server" IN_LIST arg_LABELS)
    # One server and its timings: the tests of a server run one after the other, beside all others.
    if(NOT arg_SERVER)
      set(arg_SERVER kafka)
    endif()
    set_tests_properties(${name} PROPERTIES RESOURCE_LOCK offsetstore_${arg_SERVER})
  endif()
endfunction()

# offsetstore_add_test(NAME unit_core SOURCES ... [LIBRARIES ...] [LABELS unit|contract|concurrent|server|long ...]
#                      [SERVER kafka|postgres|...] [TIMEOUT seconds])
# One doctest executable whose main() counts cases and fails where none ran. An executable that
# exits 77 needs a server that is not there: ctest shows it as skipped, CI forbids that.
function(offsetstore_add_test)
  cmake_parse_arguments(arg "" "NAME;TIMEOUT;SERVER" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_link_libraries(${arg_NAME} PRIVATE ${arg_LIBRARIES} offsetstore_test_support offsetstore_build)
  add_test(NAME ${arg_NAME} COMMAND ${arg_NAME})
  set_tests_properties(${arg_NAME} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT ${arg_TIMEOUT})
  offsetstore_label_test(${arg_NAME} LABELS ${arg_LABELS} TARGETS ${arg_NAME} SERVER ${arg_SERVER})
endfunction()
