# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# Generates RegisterBuiltinBackends from the backends that were built, and checks that every name
# in OFFSETSTORE_BACKENDS is one that exists.
get_property(known GLOBAL PROPERTY OFFSETSTORE_KNOWN_BACKENDS)
get_property(built GLOBAL PROPERTY OFFSETSTORE_BUILT_BACKENDS)
get_property(schemes GLOBAL PROPERTY OFFSETSTORE_KNOWN_SCHEMES)
get_property(functions GLOBAL PROPERTY OFFSETSTORE_REGISTER_FUNCTIONS)

if(NOT OFFSETSTORE_BACKENDS STREQUAL "AUTO" AND NOT OFFSETSTORE_BACKENDS STREQUAL "ALL")
  foreach(name IN LISTS OFFSETSTORE_BACKENDS)
    if(NOT name IN_LIST known)
      list(JOIN known ", " known_list)
      message(FATAL_ERROR "offsetstore: unknown backend '${name}' in OFFSETSTORE_BACKENDS (known: ${known_list})")
    endif()
  endforeach()
endif()

set(includes "")
set(calls "")
set(missing "")
set(libraries "")
foreach(name function IN ZIP_LISTS built functions)
  string(APPEND includes "#include \"offsetstore/backends/${name}.h\"\n")
  string(APPEND calls "  OS_RETURN_IF_ERROR(${function}(registry));\n")
  list(APPEND libraries offsetstore::${name})
endforeach()
foreach(pair IN LISTS schemes)
  string(REPLACE ":" ";" pair "${pair}")
  list(GET pair 0 name)
  list(GET pair 1 scheme)
  if(NOT name IN_LIST built)
    string(APPEND missing "  OS_RETURN_IF_ERROR(registry.Add({\"${name}\", {\"${scheme}\"}, \"not built\", \"\", nullptr}));\n")
  endif()
endforeach()
configure_file(${CMAKE_CURRENT_SOURCE_DIR}/builtin.cc.in ${CMAKE_CURRENT_BINARY_DIR}/builtin.cc @ONLY)
offsetstore_add_library(NAME builtin SOURCES ${CMAKE_CURRENT_BINARY_DIR}/builtin.cc
  LIBRARIES offsetstore::core ${libraries})
