# SPDX-FileCopyrightText: The offsetstore authors
# SPDX-License-Identifier: Apache-2.0
#
# One helper per kind of target, so that warnings, visibility, sanitizers and install rules are
# written once.

# What every target of ours is compiled with; not passed on to users.
add_library(offsetstore_build INTERFACE)
target_compile_features(offsetstore_build INTERFACE cxx_std_20)
target_compile_options(offsetstore_build INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  $<$<BOOL:${OFFSETSTORE_WERROR}>:-Werror>)
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # It takes a source that a unity build includes for a header.
  target_compile_options(offsetstore_build INTERFACE -Wno-subobject-linkage)
endif()
if(OFFSETSTORE_SANITIZE)
  target_compile_options(offsetstore_build INTERFACE
    -fsanitize=${OFFSETSTORE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(offsetstore_build INTERFACE -fsanitize=${OFFSETSTORE_SANITIZE})
endif()

# What every library of ours has in common, also one that only other libraries of ours are made of.
function(offsetstore_set_up_library target)
  set_target_properties(${target} PROPERTIES
    POSITION_INDEPENDENT_CODE ON
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    CXX_EXTENSIONS OFF
    # No define for shared builds alone: static and shared objects compile alike, and cache alike.
    DEFINE_SYMBOL "")
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PRIVATE src ${PROJECT_SOURCE_DIR}/core/src)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:offsetstore_build>)
endfunction()

# offsetstore_add_library(NAME core SOURCES ... [LIBRARIES public...] [PRIVATE_LIBRARIES ...])
# Makes the target offsetstore_<name>, its alias offsetstore::<name>, and installs it with the
# public headers in include/ as component <name>.
function(offsetstore_add_library)
  cmake_parse_arguments(arg "" "NAME" "SOURCES;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  set(target offsetstore_${arg_NAME})
  add_library(${target} ${arg_SOURCES})
  add_library(offsetstore::${arg_NAME} ALIAS ${target})
  offsetstore_set_up_library(${target})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${arg_NAME}
    OUTPUT_NAME offsetstore-${arg_NAME}
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PUBLIC ${arg_LIBRARIES} PRIVATE ${arg_PRIVATE_LIBRARIES})
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "SHARED_LIBRARY")
    # What a static client library brings along stays inside; our libraries find each other anywhere.
    target_link_options(${target} PRIVATE LINKER:--exclude-libs,ALL)
    set_target_properties(${target} PROPERTIES INSTALL_RPATH $ORIGIN)
  endif()
  set_property(GLOBAL APPEND PROPERTY OFFSETSTORE_INSTALL_TARGETS ${target})
  if(OFFSETSTORE_INSTALL AND EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/include)
    install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT ${arg_NAME})
  endif()
endfunction()

# offsetstore_add_backend(NAME sqlite SOURCES ... [PRIVATE_LIBRARIES ...] [REQUIRES found-variables...]
#                         [HINT "apt-get install ..."])
# A backend that was asked for by name and cannot be built is an error; under AUTO it is left out
# and said. Its header is include/offsetstore/backends/<name>.h and declares
# Register<Name>Backend(BackendRegistry&).
function(offsetstore_add_backend)
  cmake_parse_arguments(arg "" "NAME;REGISTER;HINT" "SCHEMES;SOURCES;LIBRARIES;PRIVATE_LIBRARIES;REQUIRES" ${ARGN})
  set_property(GLOBAL APPEND PROPERTY OFFSETSTORE_KNOWN_BACKENDS ${arg_NAME})
  foreach(scheme IN LISTS arg_SCHEMES)
    set_property(GLOBAL APPEND PROPERTY OFFSETSTORE_KNOWN_SCHEMES "${arg_NAME}:${scheme}")
  endforeach()
  set(wanted FALSE)
  if(OFFSETSTORE_BACKENDS STREQUAL "AUTO" OR OFFSETSTORE_BACKENDS STREQUAL "ALL"
     OR "${arg_NAME}" IN_LIST OFFSETSTORE_BACKENDS)
    set(wanted TRUE)
  endif()
  if(NOT wanted)
    return()
  endif()
  foreach(requirement IN LISTS arg_REQUIRES)
    if(NOT ${requirement})
      if(OFFSETSTORE_BACKENDS STREQUAL "AUTO")
        message(STATUS "offsetstore: backend ${arg_NAME} is left out (${arg_HINT})")
        return()
      endif()
      message(FATAL_ERROR "offsetstore: backend ${arg_NAME} cannot be built: ${arg_HINT}")
    endif()
  endforeach()
  offsetstore_add_library(NAME ${arg_NAME} SOURCES ${arg_SOURCES}
    LIBRARIES offsetstore::core ${arg_LIBRARIES} PRIVATE_LIBRARIES ${arg_PRIVATE_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY OFFSETSTORE_BUILT_BACKENDS ${arg_NAME})
  set_property(GLOBAL APPEND PROPERTY OFFSETSTORE_REGISTER_FUNCTIONS ${arg_REGISTER})
  message(STATUS "offsetstore: backend ${arg_NAME}")
endfunction()
