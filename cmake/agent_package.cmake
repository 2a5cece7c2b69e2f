# The agent as users take it, component "agent" of an installation:
#
#   share/assay/agent/              assay.h, assay.c: the whole agent; this folder is a Zephyr module too (zephyr/)
#   share/assay/agent/ports/        start-up, faults and lines for firmware that has none
#   share/assay/agent/runners/      adapters: a header for each engine
#   share/assay/agent/arduino/      an Arduino library
#   share/assay/agent/examples/     applications before and after Assay
#   lib/cmake/assay_agent/          find_package(assay_agent): assay::agent, assay::port_posix, assay::port_cortex_m
#
# `cmake --install TREE --component agent --prefix P` installs this alone.
include(CMakePackageConfigHelpers)
set(agent ${CMAKE_INSTALL_DATADIR}/assay/agent)
set(source ${CMAKE_SOURCE_DIR}/agent)
set(library ${agent}/arduino/Assay)
set(package lib/cmake/assay_agent) # without the architecture: it holds sources

install(FILES ${ASSAY_DROP_IN}/assay.h ${ASSAY_DROP_IN}/assay.c DESTINATION ${agent} COMPONENT agent)
install(DIRECTORY ${source}/ports ${source}/zephyr ${source}/examples DESTINATION ${agent} COMPONENT agent
        PATTERN __pycache__ EXCLUDE PATTERN .clang-format EXCLUDE)
# Adapters stand beside assay.h there, whatever the include path of the project that takes them.
file(GLOB adapters CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/runners/*.h
     ${CMAKE_SOURCE_DIR}/runners/*/*.h ${CMAKE_SOURCE_DIR}/runners/*/*.c)
list(FILTER adapters EXCLUDE REGEX "^runners/native/")
foreach(adapter ${adapters})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${adapter})
  file(READ ${CMAKE_SOURCE_DIR}/${adapter} text)
  string(REPLACE "#include \"agent/assay.h\"" "#include \"assay.h\"" text "${text}")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/adapters/${adapter} CONTENT "@text@" @ONLY)
  get_filename_component(folder ${adapter} DIRECTORY)
  install(FILES ${CMAKE_BINARY_DIR}/adapters/${adapter} DESTINATION ${agent}/${folder} COMPONENT agent)
endforeach()

configure_file(${source}/arduino/library.properties.in ${CMAKE_BINARY_DIR}/arduino/library.properties @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/arduino/library.properties DESTINATION ${library} COMPONENT agent)
install(FILES ${ASSAY_DROP_IN}/assay.h ${ASSAY_DROP_IN}/assay.c DESTINATION ${library}/src COMPONENT agent)
install(DIRECTORY ${source}/examples/arduino/Digits DESTINATION ${library}/examples COMPONENT agent)
# Sketches and the other applications take the classifier of the first one.
foreach(folder ${library}/examples/Digits ${agent}/examples/arduino/Digits ${agent}/examples/zephyr/src ${agent}/examples/stm32cube/Core/Src)
  foreach(part digits.c digits.h digits_weights.h)
    install(FILES ${source}/examples/bare_metal/app/${part} DESTINATION ${folder} COMPONENT agent)
  endforeach()
endforeach()

configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/assay_agentConfig.cmake.in
  ${CMAKE_BINARY_DIR}/assay_agentConfig.cmake INSTALL_DESTINATION ${package} PATH_VARS agent)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/assay_agentConfigVersion.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_BINARY_DIR}/assay_agentConfig.cmake ${CMAKE_BINARY_DIR}/assay_agentConfigVersion.cmake
        DESTINATION ${package} COMPONENT agent)
