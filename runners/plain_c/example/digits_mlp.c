#include "digits_mlp.h"

#include "assay_plain_c_layers.h"

typedef struct dense {
  const int8_t* weights; /* outputs x inputs */
  const int32_t* bias;   /* in steps of the sum */
  int32_t multiplier;    /* output step = sum * multiplier / 2^24 */
  int16_t inputs;
  int16_t outputs;
  int8_t lowest; /* 0 after a ReLU, else -127 */
} dense;

static void run_dense(const dense* layer, const int8_t* in, int8_t* out) {
  const int8_t* weight = layer->weights;
  int o, i;
  for (o = 0; o < layer->outputs; ++o) {
    int32_t sum = layer->bias[o];
    int32_t step;
    for (i = 0; i < layer->inputs; ++i) sum += *weight++ * in[i];
    /* To nearest, halves up; >> of a negative number keeps its sign with every compiler this is built with.
     */
    step = (int32_t)(((int64_t)sum * layer->multiplier + (1 << 23)) >> 24);
    if (step > 127) step = 127;
    if (step < layer->lowest) step = layer->lowest;
    out[o] = (int8_t)step;
  }
}

static const dense layers[DIGITS_MLP_LAYERS] = {
    {digits_mlp_weights_0, digits_mlp_bias_0, DIGITS_MLP_MULTIPLIER_0, DIGITS_MLP_INPUTS, 32, 0},
    {digits_mlp_weights_1, digits_mlp_bias_1, DIGITS_MLP_MULTIPLIER_1, 32, 16, 0},
    {digits_mlp_weights_2, digits_mlp_bias_2, DIGITS_MLP_MULTIPLIER_2, 16, DIGITS_MLP_OUTPUTS, -127},
};

int digits_mlp_infer(const int8_t* pixels, int8_t* logits) {
  static int8_t hidden_0[32], hidden_1[16];
  ASSAY_LAYER(0, run_dense(&layers[0], pixels, hidden_0));
  ASSAY_LAYER(1, run_dense(&layers[1], hidden_0, hidden_1));
  ASSAY_LAYER(2, run_dense(&layers[2], hidden_1, logits));
  return 0;
}
