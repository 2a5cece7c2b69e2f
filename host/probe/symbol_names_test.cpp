#include "probe/symbol_names.h"

#include "catch.h"

using namespace assay::probe;

TEST_CASE("names of symbols lose parameters, template arguments and suffixes of clones") {
  struct Row {
    const char *linker_name, *readable;
  };
  const Row rows[] = {
      {"main", "main"},
      {"model_run.constprop.0", "model_run"},
      {"buffer.1234", "buffer"},
      {".L42", ".L42"},
      {"_ZN5assay6engine10check_planEPKhjPhj", "assay::engine::check_plan"},
      {"_ZN5assay6boards12_GLOBAL__N_16runnerE", "assay::boards::(anonymous namespace)::runner"},
      {"_ZN6tflite4ConvIaEEvRKT_", "tflite::Conv<>"},
      {"_ZN1AclEi", "A::operator()"},
      {"_ZN1AlsEi", "A::operator<<"},
      {"_Znwj", "operator new"},
      {"_ZTVN6tflite16MicroInterpreterE", "vtable for tflite::MicroInterpreter"},
      {"_ZNSt6vectorIiSaIiEE9push_backERKi", "std::vector<>::push_back"},
      {"_ZN1BIiE3runEv.isra.0", "B<>::run"},
      {"_Znonsense", "_Znonsense"},
  };
  for (const Row& row : rows) CHECK(readable_name(row.linker_name) == row.readable);
  CHECK(group_name("auto f<int>(int)::{lambda(int)#1}::operator()(int) const") == "f<>");
  CHECK(group_name("void g<h<(int)3> >(h<(int)3>)") == "g<>");
  CHECK(group_name("(") == "(");
  CHECK(group_name("<<<") == "<");
}
