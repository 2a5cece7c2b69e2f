// libFuzzer: any bytes as a `.tflite`, through importer, planner and engine.
// Build with clang and -DASSAY_FUZZ=ON; run `assay_model_fuzzer CORPUS profiles/digits profiles/watch`, where
// CORPUS is a folder for what it finds.
#include <cstdio>
#include <cstdlib>

#include "fuzz/model_use.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto outcome = assay::fuzz::use_model({bytes, size});
  if (outcome.broken.empty()) return 0;
  fprintf(stderr, "%s\n", outcome.broken.c_str());
  abort();
}
