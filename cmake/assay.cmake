# How every target of this tree is built: language level, warnings, sanitizers, ccache, where programs land, and
# the one shape a host folder has: assay_folder(NAME DEPS ...) = every *.cpp is library assay_NAME, every *_test.cpp
# is program assay_NAME_test, whose cases ctest lists one by one.
set(CMAKE_C_STANDARD 99)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

option(ASSAY_BUILD_TESTS "Build the tests" ON)
option(ASSAY_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
set(ASSAY_BIN_DIR "${CMAKE_SOURCE_DIR}/build/bin" CACHE PATH "Where programs land")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${ASSAY_BIN_DIR})

# Designated initialisers leave members out on purpose.
add_compile_options(-Wall -Wextra -Werror -Wno-missing-field-initializers)
# GCC 12 sees uninitialised values in its own <optional>, <regex> and <functional>, and overlaps in its own <string>, when
# optimising or instrumenting.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-maybe-uninitialized $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()

option(ASSAY_PCH "Precompiled headers" OFF)
find_program(CCACHE ccache)
if(CCACHE)
  # Paths relative to the tree, so that two clones share the cache; the sloppiness is what ccache asks of precompiled headers.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
if(ASSAY_PCH)
  # Without its time in the file, the same header gives the same precompiled header, and ccache a hit.
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()

# assay_pch(TARGET HEADER): precompiles HEADER for TARGET and for those that name TARGET in assay_reuse_pch.
function(assay_pch TARGET HEADER)
  if(ASSAY_PCH)
    target_precompile_headers(${TARGET} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch/${HEADER})
  endif()
endfunction()
function(assay_reuse_pch TARGET FROM)
  if(ASSAY_PCH AND TARGET ${FROM})
    target_precompile_headers(${TARGET} REUSE_FROM ${FROM})
    target_link_libraries(${TARGET} ${ARGN} assay_json)
  endif()
endfunction()

if(ASSAY_SANITIZE)
  # -O0: at -O1 instrumented code takes twice as long to compile, and compiling is most of a test run. The engine, where
  # time goes when whole datasets run, asks for -O2 itself.
  add_compile_options(-O0 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()

option(ASSAY_COVERAGE "Count which lines and branches the tests reach (clang)" OFF)
if(ASSAY_COVERAGE)
  add_compile_options(-O0 -fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()

function(assay_folder NAME)
  cmake_parse_arguments(ARG "" "" "DEPS;TEST_DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  add_library(assay_${NAME} STATIC ${sources})
  target_include_directories(assay_${NAME} PUBLIC ${CMAKE_SOURCE_DIR}/host)
  target_link_libraries(assay_${NAME} PUBLIC ${ARG_DEPS})
  assay_reuse_pch(assay_${NAME} assay_json PUBLIC)
  if(ASSAY_BUILD_TESTS AND tests)
    assay_test(assay_${NAME}_test SOURCES ${tests} DEPS assay_${NAME} ${ARG_TEST_DEPS})
  endif()
endfunction()

# One Catch2 program; each TEST_CASE is one ctest test named "<program>: <case>".
function(assay_test NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE ${ARG_DEPS} assay_catch)
  assay_reuse_pch(${NAME} assay_catch PRIVATE)
  # Tests find fixtures and profiles in the source tree, programs beside themselves.
  target_compile_definitions(${NAME} PRIVATE ASSAY_SOURCE_DIR="${CMAKE_SOURCE_DIR}" ASSAY_BIN_DIR="${ASSAY_BIN_DIR}")
  string(REGEX REPLACE "^assay_|_test$" "" prefix ${NAME})
  # A case that lacks something says "skipped: ..." and passes; it counts as skipped, unless something else failed.
  # A name that finds no case (one with a semicolon is cut there) fails instead of passing with nothing run.
  catch_discover_tests(${NAME} TEST_PREFIX "${prefix}: " EXTRA_ARGS --warn NoTests PROPERTIES TIMEOUT 240
    SKIP_REGULAR_EXPRESSION "skipped: .*(All tests passed|assertions: - none -)")
endfunction()

# assay_protobuf(TARGET ROOT a/x.proto ...): C++ of protos, named relative to ROOT and included as "a/x.pb.h".
function(assay_protobuf TARGET ROOT)
  set(generated)
  foreach(proto ${ARGN})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(outputs ${CMAKE_BINARY_DIR}/proto/${stem}.pb.cc ${CMAKE_BINARY_DIR}/proto/${stem}.pb.h)
    add_custom_command(OUTPUT ${outputs}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/proto
      COMMAND protobuf::protoc -I ${ROOT} --cpp_out ${CMAKE_BINARY_DIR}/proto ${ROOT}/${proto}
      DEPENDS ${ROOT}/${proto} VERBATIM)
    list(APPEND generated ${outputs})
  endforeach()
  add_library(${TARGET} STATIC ${generated})
  target_include_directories(${TARGET} SYSTEM PUBLIC ${CMAKE_BINARY_DIR}/proto)
  target_link_libraries(${TARGET} PUBLIC protobuf::libprotobuf)
endfunction()
