#include "probe/operator_names.h"

#include "catch.h"

using namespace assay::probe;

TEST_CASE("functions of each engine are told by their names") {
  struct Row {
    const char *name, *file, *op;
  };
  const Row rows[] = {
      {"assay::engine::reference::run_conv2d", "", "CONV_2D/FULLY_CONNECTED"},
      {"assay::engine::reference::run_depthwise_conv2d_f32", "", "DEPTHWISE_CONV_2D"},
      {"assay::engine::reference::check_pool2d", "", "AVERAGE_POOL_2D/MAX_POOL_2D"},
      {"assay::engine::check_plan", "", "shared"},
      {"assay::engine::reference::run_add_f32", "", "ADD"},
      {"arm_convolve_1x1_s8_fast", "", "CONV_2D"},
      {"arm_depthwise_conv_s8_opt", "", "DEPTHWISE_CONV_2D"},
      {"arm_nn_mat_mult_nt_t_s8", "", "shared"},
      {"arm_softmax_s8", "", "SOFTMAX"},
      {"tflite::Register_CONV_2D", "", "CONV_2D"},
      {"tflite::Register_CONV_2D_INT8", "", "CONV_2D"},
      {"tflite::Register_DEPTHWISE_CONV_2D", "", "DEPTHWISE_CONV_2D"},
      {"tflite::ParseConv2D", "", "CONV_2D"},
      {"tflite::reference_integer_ops::ConvPerChannel", "", "CONV_2D"},
      {"tflite::reference_integer_ops::DepthwiseConvPerChannel", "", "DEPTHWISE_CONV_2D"},
      {"tflite::(anonymous namespace)::Eval", "conv.cc", "CONV_2D"},
      {"tflite::(anonymous namespace)::Eval", "fully_connected_common.cc", "FULLY_CONNECTED"},
      {"tflite::(anonymous namespace)::EvalAdd", "", "ADD"},
      {"tflite::(anonymous namespace)::AverageEval", "", "AVERAGE_POOL_2D"},
      {"tflite::MultiplyByQuantizedMultiplier", "", "shared"},
      {"tflite::ConvertTensorType", "", "shared"},
      {"tflite::MicroInterpreter::AllocateTensors", "micro_interpreter.cc", "shared"},
      {"tflite::SubgraphFromModel", "", "shared"},
      {"eml_trees_predict", "", "TREES"},
      {"g_person_detect_model_data", "", "model data"},
      {"kws_model_tflite", "", "model data"},
      {"memcpy", "", "shared"},
  };
  for (const Row& row : rows) {
    INFO(row.name << " " << row.file);
    CHECK(operator_of_symbol(row.name, row.file) == row.op);
  }
  CHECK(names_operator("CONV_2D/FULLY_CONNECTED", "FULLY_CONNECTED"));
  CHECK_FALSE(names_operator("DEPTHWISE_CONV_2D", "CONV_2D"));
}
