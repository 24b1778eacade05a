# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# Installs every library as a component of its own: an export set, a pkg-config file, and its part
# of the package configuration. What a component needs is read off its link libraries, once, here.
# Included last by the top folder, when all targets are known.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/offsetstore)

# What a target of somebody else means to find_package, to pkg-config and to a reader in need.
set(package_of_Threads::Threads Threads)
set(pc_libs_of_Threads::Threads -pthread)
set(package_of_SQLite::SQLite3 SQLite3)
set(pc_requires_of_SQLite::SQLite3 sqlite3)
set(package_of_SQLiteCpp SQLiteCpp)
set(pc_requires_of_SQLiteCpp sqlite3)
set(pc_libs_of_SQLiteCpp -lSQLiteCpp)
set(package_of_RdKafka::rdkafka RdKafka)
set(pc_requires_of_RdKafka::rdkafka rdkafka)
set(package_of_RedisClient::hiredis RedisClient)
set(pc_requires_of_RedisClient::hiredis hiredis)
set(package_of_RedisClient::tls RedisClient)
set(pc_requires_of_RedisClient::tls hiredis_ssl)
set(package_of_PostgreSQL::PostgreSQL PostgreSQL)
set(pc_requires_of_PostgreSQL::PostgreSQL libpq)
set(package_of_ZooKeeper::zookeeper_mt ZooKeeper)
set(pc_libs_of_ZooKeeper::zookeeper_mt -lzookeeper_mt)
set(package_of_prometheus-cpp::core prometheus-cpp)
set(pc_requires_of_prometheus-cpp::core prometheus-cpp-core)
set(package_of_doctest::doctest doctest)
set(apt_of_SQLite3 libsqlite3-dev)
set(apt_of_SQLiteCpp libsqlitecpp-dev)
set(apt_of_RdKafka librdkafka-dev)
set(apt_of_RedisClient libhiredis-dev)
set(apt_of_PostgreSQL libpq-dev)
set(apt_of_ZooKeeper libzookeeper-mt-dev)
set(apt_of_prometheus-cpp prometheus-cpp-dev)
set(apt_of_doctest doctest-dev)

get_property(components GLOBAL PROPERTY OFFSETSTORE_INSTALL_TARGETS)
list(TRANSFORM components REPLACE "^offsetstore_" "")

# What users of a component must link as well: of a static library everything, of a shared one what
# its interface names. `$<BUILD_INTERFACE:...>` stays behind.
function(offsetstore_link_needs out target)
  get_target_property(interface ${target} INTERFACE_LINK_LIBRARIES)
  set(items "")
  foreach(item IN LISTS interface)
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" item "${item}")
    if(item AND NOT item MATCHES "BUILD_INTERFACE")
      string(REGEX REPLACE "^offsetstore_" "offsetstore::" item "${item}")
      list(APPEND items "${item}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES items)
  set(${out} "${items}" PARENT_SCOPE)
endfunction()

# The components that `name` needs, itself last, and the packages and pkg-config words of all that
# is not ours.
function(offsetstore_resolve name)
  offsetstore_link_needs(needs offsetstore_${name})
  set(ours "")
  set(closure "")
  set(packages "")
  set(pc_requires "")
  set(pc_libs "")
  foreach(item IN LISTS needs)
    if(item MATCHES "^offsetstore::(.*)$")
      set(other ${CMAKE_MATCH_1})
      if(NOT DEFINED closure_of_${other})
        message(FATAL_ERROR "offsetstore: ${name} links ${item}, which is not a library added before it")
      endif()
      list(APPEND ours ${other})
      list(APPEND closure ${closure_of_${other}})
      list(APPEND packages ${packages_of_${other}})
    elseif(DEFINED "package_of_${item}")
      list(APPEND packages ${package_of_${item}})
      list(APPEND pc_requires ${pc_requires_of_${item}})
      list(APPEND pc_libs ${pc_libs_of_${item}})
    else()
      message(FATAL_ERROR "offsetstore: ${name} links ${item}: say in OffsetStoreInstall.cmake which package that is")
    endif()
  endforeach()
  list(APPEND closure ${name})
  foreach(list IN ITEMS closure packages pc_requires pc_libs)
    list(REMOVE_DUPLICATES ${list})
    set(${list}_of_${name} "${${list}}" PARENT_SCOPE)
  endforeach()
  set(ours_of_${name} "${ours}" PARENT_SCOPE)
endfunction()

foreach(name IN LISTS components)
  offsetstore_resolve(${name})
endforeach()

set(description_lines "")
set(used_packages "")
# The way from the folder of the .pc files back to the prefix, so that a tree can be moved.
cmake_path(SET pc_dir NORMALIZE "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
if(IS_ABSOLUTE "${pc_dir}")
  set(pc_prefix "${CMAKE_INSTALL_PREFIX}")
  set(pc_libdir "${CMAKE_INSTALL_LIBDIR}")
else()
  string(REGEX REPLACE "[^/]+" ".." pc_up "${pc_dir}")
  set(pc_prefix "\${pcfiledir}/${pc_up}")
  set(pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
endif()
if(IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(pc_includedir "${CMAKE_INSTALL_INCLUDEDIR}")
else()
  set(pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()

foreach(name IN LISTS components)
  set(target offsetstore_${name})
  install(TARGETS ${target} EXPORT offsetstore-${name}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${name}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${name})
  install(EXPORT offsetstore-${name} FILE offsetstore-${name}-targets.cmake
    NAMESPACE offsetstore:: DESTINATION ${package_dir} COMPONENT ${name})

  string(APPEND description_lines
    "set(offsetstore_closure_${name} \"${closure_of_${name}}\")\n"
    "set(offsetstore_packages_${name} \"${packages_of_${name}}\")\n")
  list(APPEND used_packages ${packages_of_${name}})

  list(TRANSFORM ours_of_${name} PREPEND "offsetstore-" OUTPUT_VARIABLE pc_needed)
  list(JOIN pc_needed " " pc_needed)
  list(JOIN pc_requires_of_${name} " " pc_foreign)
  list(JOIN pc_libs_of_${name} " " pc_extra)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/offsetstore.pc.in
    ${CMAKE_CURRENT_BINARY_DIR}/pkgconfig/offsetstore-${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pkgconfig/offsetstore-${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT ${name})
endforeach()

list(REMOVE_DUPLICATES used_packages)
foreach(package IN LISTS used_packages)
  if(DEFINED apt_of_${package})
    string(APPEND description_lines "set(offsetstore_apt_${package} \"${apt_of_${package}}\")\n")
  endif()
endforeach()
list(JOIN components " " components_line)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/offsetstoreConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/offsetstoreConfig.cmake INSTALL_DESTINATION ${package_dir}
  NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 a minor version may break its users (docs/versions.md).
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/offsetstoreConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
    ${CMAKE_CURRENT_BINARY_DIR}/offsetstoreConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/offsetstoreConfigVersion.cmake
    ${CMAKE_CURRENT_LIST_DIR}/FindRdKafka.cmake
    ${CMAKE_CURRENT_LIST_DIR}/FindRedisClient.cmake
    ${CMAKE_CURRENT_LIST_DIR}/FindZooKeeper.cmake
  DESTINATION ${package_dir} COMPONENT core)

if(TARGET offsetctl)
  install(TARGETS offsetctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT cli)
  get_target_property(manual offsetctl OFFSETCTL_MANUAL)
  if(manual)
    install(DIRECTORY ${manual}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT cli)
    install(FILES ${manual}/offsetctl.bash RENAME offsetctl
      DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT cli)
  endif()
endif()
