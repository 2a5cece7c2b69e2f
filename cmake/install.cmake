# What an installation holds, and the Debian package of it.
#
#   bin/                        assay, assay-vboard, assay-agent-posix
#   share/assay/                boards, profiles, firmware images, workers, schema: base/paths.cpp finds it from bin/
#   share/assay/agent, lib/cmake/assay_agent: the agent that users link: agent_package.cmake
#   share/doc, share/man, completions of bash, zsh and fish
#
# Firmware comes from the firmware tree (ASSAY_FIRMWARE_DIR); boards whose image is not built are installed without one,
# and `assay boards` says so.
include(GNUInstallDirs)
set(ASSAY_FIRMWARE_DIR ${CMAKE_SOURCE_DIR}/build/firmware CACHE PATH "Where the firmware tree put its images")
set(data ${CMAKE_INSTALL_DATADIR}/assay)
set(generated ${CMAKE_BINARY_DIR}/share)

# Man pages and completions are what the program says of itself.
find_program(GZIP gzip REQUIRED)
set(completions)
foreach(shell bash zsh fish)
  list(APPEND completions COMMAND assay completions ${shell} > ${generated}/assay.${shell})
endforeach()
add_custom_command(OUTPUT ${generated}/stamp
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${generated}
  COMMAND assay manual ${generated}/man
  COMMAND ${GZIP} -9nr ${generated}/man
  ${completions}
  COMMAND ${CMAKE_COMMAND} -E touch ${generated}/stamp
  DEPENDS assay COMMENT "Man pages and completions" VERBATIM)
add_custom_target(assay_documents ALL DEPENDS ${generated}/stamp)

install(TARGETS assay assay-vboard assay-agent-posix RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

file(GLOB boards CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/boards/*/board.toml)
foreach(toml ${boards})
  get_filename_component(folder ${toml} DIRECTORY)
  get_filename_component(name ${folder} NAME)
  install(FILES ${toml} DESTINATION ${data}/boards/${name})
endforeach()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/profiles DESTINATION ${data} PATTERN __pycache__ EXCLUDE)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/host/reference/workers DESTINATION ${data} FILES_MATCHING PATTERN *.py PATTERN requirements.txt
        PATTERN __pycache__ EXCLUDE)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/schema DESTINATION ${data})
install(DIRECTORY ${ASSAY_FIRMWARE_DIR}/ DESTINATION ${data}/firmware OPTIONAL
        FILES_MATCHING PATTERN assay-agent-*.elf PATTERN assay-agent-*.bin PATTERN assay-agent-*.sizes.json
        PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

install(DIRECTORY ${generated}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${generated}/assay.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME assay)
install(FILES ${generated}/assay.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _assay)
install(FILES ${generated}/assay.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${CMAKE_SOURCE_DIR}/cmake/debian_copyright.txt DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
file(GLOB documents CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/*.md)
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${documents} DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/adding DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN *.md)

include(agent_package)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_SOURCE_DIR}/build)
set(CPACK_PACKAGE_NAME assay)
set(CPACK_PACKAGE_CONTACT "Assay contributors <assay@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "test and profile machine-learning models on microcontrollers")
# dpkg's form: a paragraph a line of " .", lines of at most 80 columns.
set(CPACK_PACKAGE_DESCRIPTION
"Assay flashes a microcontroller board, replays a labelled dataset on the
model that runs there, compares each output with desktop references, and
says how fast it is, how much memory it takes, which samples flipped, and
whether compression, rounding or the port lost the accuracy.

No board is needed to begin: a virtual board is QEMU behind a virtual debug
probe. The desktop references are Python packages from PyPI, which
`assay doctor --fix` installs for one user.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Programs that are run, which no link shows.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "openocd (>= 0.12), qemu-system-arm, python3 (>= 3.11), python3-venv")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates")
include(CPack)
