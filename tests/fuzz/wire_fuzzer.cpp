// libFuzzer: the two frame decoders against each other, the agent's message reader against protobuf's.
// Build with clang and -DASSAY_FUZZ=ON; run `assay_wire_fuzzer -max_len=1024`.
#include <cstdio>
#include <cstdlib>

#include "fuzz/compare.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace assay::fuzz;
  for (const Outcome& outcome : {compare_frame_decoders({bytes, size}), compare_readers({bytes, size})}) {
    if (outcome.difference.empty()) continue;
    fprintf(stderr, "%s\n", outcome.difference.c_str());
    abort();
  }
  return 0;
}
