# The device half as libraries, in the host trees and in the firmware tree alike:
#   assay_add_agent(NAME [FLAGS])            the core that ships (agent/assay.h)
#   assay_add_vectors_selftest(NAME AGENT [FLAGS])   int assay_vectors_selftest(void): the wire vectors, for a test image
# FLAGS is an INTERFACE library with a board's CPU flags (assay_cpu_<board>); -Os only where code size is the point.

function(assay_add_agent NAME)
  set(ASSAY_AGENT_DIR ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../agent)
  set(ASSAY_AGENT_SOURCES dispatch.c frame.c memory.c model.c ops.c pb.c run.c session.c taps.c timings.c transfer.c)
  list(TRANSFORM ASSAY_AGENT_SOURCES PREPEND ${ASSAY_AGENT_DIR}/)
  add_library(${NAME} STATIC ${ASSAY_AGENT_SOURCES})
  target_include_directories(${NAME} PUBLIC ${ASSAY_AGENT_DIR} ${ASSAY_AGENT_DIR}/..)
  target_link_libraries(${NAME} PUBLIC ${ARGN})
  if(CMAKE_SYSTEM_NAME STREQUAL "Generic")
    target_compile_options(${NAME} PRIVATE -Os -ffunction-sections -fdata-sections)
  endif()
endfunction()

function(assay_add_vectors_selftest NAME AGENT)
  set(ASSAY_AGENT_DIR ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../agent)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(table ${CMAKE_CURRENT_BINARY_DIR}/${NAME}/vectors.inc)
  add_custom_command(OUTPUT ${table}
    COMMAND ${Python3_EXECUTABLE} ${ASSAY_AGENT_DIR}/../protocol/vectors/generate.py
            ${ASSAY_AGENT_DIR}/../protocol/vectors/vectors.txt ${table}
    DEPENDS ${ASSAY_AGENT_DIR}/../protocol/vectors/generate.py ${ASSAY_AGENT_DIR}/../protocol/vectors/vectors.txt
    VERBATIM)
  add_library(${NAME} STATIC ${ASSAY_AGENT_DIR}/selftest/vectors_selftest.c ${table})
  target_include_directories(${NAME} PUBLIC ${ASSAY_AGENT_DIR}/selftest PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${NAME})
  target_link_libraries(${NAME} PUBLIC ${AGENT} ${ARGN})
endfunction()
