# assay_python_tests(PREFIX): each test method of the *_test.py here is one ctest test "PREFIX:module.Class.method". They
# drive the built programs as a user does and share tests/e2e/harness.py; Python is the one of the references' environment
# (numpy, jsonschema).
function(assay_python_tests PREFIX)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(python ${CMAKE_SOURCE_DIR}/.venv/bin/python)
  if(NOT EXISTS ${python})
    set(python ${Python3_EXECUTABLE})
  endif()
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.py)
  foreach(file ${files})
    get_filename_component(module ${file} NAME_WE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(STRINGS ${file} lines REGEX "^class [A-Z][A-Za-z]*\\(|^    def test_")
    foreach(line ${lines})
      if(line MATCHES "^class ([A-Za-z]+)")
        set(class ${CMAKE_MATCH_1})
      elseif(line MATCHES "def (test_[a-z0-9_]+)")
        set(name "${PREFIX}:${module}.${class}.${CMAKE_MATCH_1}")
        add_test(NAME ${name} COMMAND ${python} -m unittest ${module}.${class}.${CMAKE_MATCH_1}
                 WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
        set_tests_properties(${name} PROPERTIES TIMEOUT 600 SKIP_REGULAR_EXPRESSION "OK \\(skipped=1\\)"
          ENVIRONMENT "ASSAY_BIN_DIR=${ASSAY_BIN_DIR};ASSAY_TREE=${CMAKE_BINARY_DIR};PYTHONPATH=${CMAKE_SOURCE_DIR}/tests/e2e")
      endif()
    endforeach()
  endforeach()
endfunction()
