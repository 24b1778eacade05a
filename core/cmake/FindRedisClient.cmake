# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# Finds hiredis, the C client of Redis, whose own CMake files differ from release to release.
# Defines the target RedisClient::hiredis, RedisClient_FOUND and RedisClient_VERSION, and RedisClient::tls
# where hiredis has its TLS part (1.0 or newer) and OpenSSL is there. Installed
# beside the package's configuration, so that users find what we found.
find_path(RedisClient_INCLUDE_DIR hiredis/hiredis.h)
find_library(RedisClient_LIBRARY hiredis)
set(RedisClient_VERSION "")
if(RedisClient_INCLUDE_DIR)
  foreach(part IN ITEMS MAJOR MINOR PATCH)
    file(STRINGS "${RedisClient_INCLUDE_DIR}/hiredis/hiredis.h" RedisClient_line
      REGEX "^#define HIREDIS_${part} [0-9]+")
    if(RedisClient_line MATCHES "([0-9]+)$")
      list(APPEND RedisClient_VERSION ${CMAKE_MATCH_1})
    endif()
  endforeach()
  list(JOIN RedisClient_VERSION "." RedisClient_VERSION)
  unset(RedisClient_line)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RedisClient
  REQUIRED_VARS RedisClient_LIBRARY RedisClient_INCLUDE_DIR VERSION_VAR RedisClient_VERSION)
mark_as_advanced(RedisClient_INCLUDE_DIR RedisClient_LIBRARY)

if(RedisClient_FOUND AND NOT TARGET RedisClient::hiredis)
  add_library(RedisClient::hiredis UNKNOWN IMPORTED)
  set_target_properties(RedisClient::hiredis PROPERTIES
    IMPORTED_LOCATION "${RedisClient_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${RedisClient_INCLUDE_DIR}")
endif()

if(RedisClient_FOUND AND NOT RedisClient_VERSION VERSION_LESS 1.0)
  find_path(RedisClient_TLS_INCLUDE_DIR hiredis/hiredis_ssl.h HINTS ${RedisClient_INCLUDE_DIR})
  find_library(RedisClient_TLS_LIBRARY hiredis_ssl)
  find_package(OpenSSL 1.1 QUIET)
  mark_as_advanced(RedisClient_TLS_INCLUDE_DIR RedisClient_TLS_LIBRARY)
  if(RedisClient_TLS_INCLUDE_DIR AND RedisClient_TLS_LIBRARY AND OpenSSL_FOUND
     AND NOT TARGET RedisClient::tls)
    add_library(RedisClient::tls UNKNOWN IMPORTED)
    set_target_properties(RedisClient::tls PROPERTIES
      IMPORTED_LOCATION "${RedisClient_TLS_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${RedisClient_TLS_INCLUDE_DIR}"
      INTERFACE_LINK_LIBRARIES "RedisClient::hiredis;OpenSSL::SSL;OpenSSL::Crypto")
  endif()
endif()
