# Firmware images: what a core's compiler flags are, and how an image is linked, stamped and measured.
#
#   assay_board(<type> <folder>)    reads boards/<type>/board.toml: generated headers, flags, libraries of that board
#   assay_firmware(<name> <type> SOURCES ... LIBRARIES ...)   one ELF + .bin with build id and size table
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)

# Flags of a core as board.toml names it; "host" is built by the host trees.
set(ASSAY_CORE_cortex-m0 -mcpu=cortex-m0)
set(ASSAY_CORE_cortex-m0plus -mcpu=cortex-m0plus)
set(ASSAY_CORE_cortex-m3 -mcpu=cortex-m3)
set(ASSAY_CORE_cortex-m4 -mcpu=cortex-m4)
set(ASSAY_CORE_cortex-m4f -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard)
set(ASSAY_CORE_cortex-m7 -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard)
set(ASSAY_CORE_cortex-m33 -mcpu=cortex-m33 -mfpu=fpv5-sp-d16 -mfloat-abi=hard)
set(ASSAY_CORE_cortex-m55 -mcpu=cortex-m55 -mfloat-abi=hard)

# Runs board_config.py at configure time and sets ASSAY_BOARD_* in the caller; the headers land in ASSAY_BOARD_DIR.
macro(assay_board_config FOLDER)
  get_filename_component(type_ ${FOLDER} NAME)
  set(ASSAY_BOARD_DIR ${CMAKE_BINARY_DIR}/boards/${type_})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${FOLDER}/board.toml ${CMAKE_SOURCE_DIR}/boards/tools/board_config.py)
  execute_process(
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/boards/tools/board_config.py ${FOLDER}/board.toml ${ASSAY_BOARD_DIR}
    COMMAND_ERROR_IS_FATAL ANY)
  include(${ASSAY_BOARD_DIR}/board.cmake)
endmacro()

# The interface library of a board: core flags and its generated headers.
function(assay_board_flags NAME)
  if(NOT DEFINED ASSAY_CORE_${ASSAY_BOARD_CORE})
    message(FATAL_ERROR "boards/${ASSAY_BOARD_NAME}/board.toml: core ${ASSAY_BOARD_CORE} has no flags in cmake/firmware.cmake")
  endif()
  add_library(${NAME} INTERFACE)
  target_compile_options(${NAME} INTERFACE ${ASSAY_CORE_${ASSAY_BOARD_CORE}} -mthumb
    -ffunction-sections -fdata-sections -fno-common
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit>
    -fno-unwind-tables -fno-asynchronous-unwind-tables)
  target_link_options(${NAME} INTERFACE ${ASSAY_CORE_${ASSAY_BOARD_CORE}} -mthumb -nostartfiles --specs=nano.specs
    -Wl,--gc-sections -Wl,--fatal-warnings)
  target_include_directories(${NAME} INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/runners/native ${ASSAY_BOARD_DIR})
endfunction()

function(assay_firmware NAME)
  cmake_parse_arguments(ARG "" "FLAGS" "SOURCES;LIBRARIES" ${ARGN})
  set(layout ${CMAKE_SOURCE_DIR}/agent/ports/cortex_m/sections.ld)
  set(tools ${CMAKE_SOURCE_DIR}/boards/tools)
  add_executable(${NAME} ${ARG_SOURCES})
  set_target_properties(${NAME} PROPERTIES SUFFIX .elf
    LINK_DEPENDS "${layout};${ASSAY_BOARD_DIR}/memory.ld;${tools}/build_id.py;${tools}/image_sizes.py")
  target_compile_options(${NAME} PRIVATE -Os)
  target_link_libraries(${NAME} PRIVATE ${ARG_FLAGS} ${ARG_LIBRARIES})
  set(map ${CMAKE_BINARY_DIR}/${NAME}.map)
  target_link_options(${NAME} PRIVATE "SHELL:-T ${ASSAY_BOARD_DIR}/memory.ld" "SHELL:-T ${layout}" -Wl,-Map=${map})
  add_custom_command(TARGET ${NAME} POST_BUILD VERBATIM
    COMMAND ${Python3_EXECUTABLE} ${tools}/build_id.py $<TARGET_FILE:${NAME}> ${ASSAY_BOARD_BUILD_ID_ADDRESS}
    COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:${NAME}> ${ASSAY_BIN_DIR}/${NAME}.bin
    COMMAND ${Python3_EXECUTABLE} ${tools}/image_sizes.py ${map} ${ASSAY_BIN_DIR}/${NAME}.sizes.json)
endfunction()
