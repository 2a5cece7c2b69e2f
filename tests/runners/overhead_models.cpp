// The image that measures what an adapter costs: engines behind their adapters, the same engines called bare
// between two reads of the counter, and a model that does nothing, which costs what the agent itself takes.
// overhead_test.cpp does the sums.
#include "assay_plain_c.h"
#include "board_config.h"
#include "boards/board.h"
#include "digits_mlp.h"
#include "overhead.h"
#include "runners/firmware_models.h"

extern "C" int digits_mlp_infer_bare(const int8_t* pixels, int8_t* logits);

namespace {

ASSAY_PLAIN_C_MODEL(digits, digits_mlp_infer, int8_t, DIGITS_MLP_INPUTS, int8_t, DIGITS_MLP_OUTPUTS)

int do_nothing(const int8_t*, int8_t*) { return 0; }
ASSAY_PLAIN_C_MODEL(nothing, do_nothing, int8_t, 1, int8_t, 1)

// Output: ticks of the bare call, ticks of two reads with nothing between.
int measure_digits(const int8_t* pixels, int32_t* ticks) {
  static int8_t logits[DIGITS_MLP_OUTPUTS];
  assay_overhead_pair(ticks);
  const uint32_t begin = assay::boards::tick();
  const int code = digits_mlp_infer_bare(pixels, logits);
  ticks[0] = static_cast<int32_t>(assay::boards::tick() - begin);
  return code;
}
ASSAY_PLAIN_C_MODEL(bare, measure_digits, int8_t, DIGITS_MLP_INPUTS, int32_t, 2)

}  // namespace

extern "C" void assay_overhead_pair(int32_t* ticks) {
  const uint32_t begin = assay::boards::tick();
  ticks[1] = static_cast<int32_t>(assay::boards::tick() - begin);
}
extern "C" uint32_t assay_overhead_tick(void) { return assay::boards::tick(); }
extern "C" __attribute__((weak)) void assay_overhead_forest(assay_model*, assay_model*) {}

const assay_model* assay_firmware_models(uint8_t* count, const char**) {
  static assay_model models[5];
  models[0] = nothing_model("nothing");
  models[1] = digits_model("digits_mlp");
  models[1].op_count = DIGITS_MLP_LAYERS;
  models[2] = bare_model("digits_mlp_bare");
  assay_overhead_forest(&models[3], &models[4]);
  *count = models[4].run ? 5 : 3;
  return models;
}
