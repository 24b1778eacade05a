# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# Finds ZooKeeper's C client, multi-threaded, which ships neither a pkg-config nor a CMake file.
# Defines the target ZooKeeper::zookeeper_mt, ZooKeeper_FOUND, ZooKeeper_VERSION and ZooKeeper_TLS
# (whether the library was built with TLS). Installed beside the package's configuration, so that
# users find what we found.
find_path(ZooKeeper_INCLUDE_DIR zookeeper/zookeeper.h)
find_library(ZooKeeper_LIBRARY zookeeper_mt)

if(ZooKeeper_INCLUDE_DIR)
  set(ZooKeeper_VERSION "")
  file(STRINGS "${ZooKeeper_INCLUDE_DIR}/zookeeper/zookeeper_version.h" ZooKeeper_version_lines
    REGEX "^#define ZOO_(MAJOR|MINOR|PATCH)_VERSION +[0-9]+|^#define ZOO_VERSION +\"")
  foreach(line IN LISTS ZooKeeper_version_lines)
    if(line MATCHES "ZOO_VERSION +\"([0-9.]+)")
      set(ZooKeeper_VERSION ${CMAKE_MATCH_1})
    elseif(line MATCHES "_VERSION +([0-9]+)")
      list(APPEND ZooKeeper_VERSION ${CMAKE_MATCH_1})
    endif()
  endforeach()
  list(JOIN ZooKeeper_VERSION "." ZooKeeper_VERSION)
  unset(ZooKeeper_version_lines)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ZooKeeper
  REQUIRED_VARS ZooKeeper_LIBRARY ZooKeeper_INCLUDE_DIR VERSION_VAR ZooKeeper_VERSION)
mark_as_advanced(ZooKeeper_INCLUDE_DIR ZooKeeper_LIBRARY)

if(ZooKeeper_FOUND)
  include(CheckLibraryExists)
  check_library_exists("${ZooKeeper_LIBRARY}" zookeeper_init_ssl "" ZooKeeper_TLS)
endif()
if(ZooKeeper_FOUND AND NOT TARGET ZooKeeper::zookeeper_mt)
  add_library(ZooKeeper::zookeeper_mt UNKNOWN IMPORTED)
  set_target_properties(ZooKeeper::zookeeper_mt PROPERTIES
    IMPORTED_LOCATION "${ZooKeeper_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${ZooKeeper_INCLUDE_DIR}"
    # The synchronous half of the header, and with it the right layout, exists only so.
    INTERFACE_COMPILE_DEFINITIONS THREADED)
endif()
