# Writes OUTPUT, a C++ file that says which commit of SOURCE this is: run at build time, when HEAD moved. In a tree that is
# no git checkout of its own (a tarball, a copy inside another repository) the commit is unknown, and said to be.
execute_process(COMMAND git -C ${SOURCE} rev-parse --show-toplevel
                OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
set(commit "")
if(NOT failed AND top STREQUAL SOURCE)
  execute_process(COMMAND git -C ${SOURCE} rev-parse --short=8 HEAD OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
set(text "namespace assay::cli {\nextern const char kCommit[];\nconst char kCommit[] = \"${commit}\";\n}  // namespace assay::cli\n")
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "${text}" @ONLY)
