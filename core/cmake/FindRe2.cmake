# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# Finds RE2, which ships CMake files in some releases and a pkg-config file only in Debian's. Defines the
# target Re2::re2 and Re2_FOUND.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  # Newer releases stand on Abseil, whose libraries only pkg-config knows.
  pkg_check_modules(PC_Re2 QUIET IMPORTED_TARGET re2)
endif()

find_path(Re2_INCLUDE_DIR re2/re2.h HINTS ${PC_Re2_INCLUDE_DIRS})
find_library(Re2_LIBRARY re2 HINTS ${PC_Re2_LIBRARY_DIRS})

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Re2 REQUIRED_VARS Re2_LIBRARY Re2_INCLUDE_DIR)
mark_as_advanced(Re2_INCLUDE_DIR Re2_LIBRARY)

if(Re2_FOUND AND NOT TARGET Re2::re2)
  add_library(Re2::re2 UNKNOWN IMPORTED)
  set_target_properties(Re2::re2 PROPERTIES
    IMPORTED_LOCATION "${Re2_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Re2_INCLUDE_DIR}")
  if(TARGET PkgConfig::PC_Re2)
    set_target_properties(Re2::re2 PROPERTIES INTERFACE_LINK_LIBRARIES PkgConfig::PC_Re2)
  endif()
endif()
