/* What the firmware says of its models. */
#include "core.h"

enum { TENSOR_MODEL, TENSOR_OUTPUT, TENSOR_INDEX };

uint8_t assay_model_info(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  if (values[0] >= agent->model_count) return ASSAY_NOT_FOUND;
  const assay_model* model = &agent->models[values[0]];
  assay_pb_string(out, 1, model->name, ASSAY_MODEL_NAME_MAX);
  assay_pb_string(out, 2, model->engine, ASSAY_ENGINE_NAME_MAX);
  assay_pb_string(out, 3, model->hash, ASSAY_HASH_MAX);
  assay_pb_uint(out, 4, model->input_count);
  assay_pb_uint(out, 5, model->output_count);
  assay_pb_uint(out, 6, model->op_count);
  assay_pb_uint(out, 7, model->arena_bytes);
  return ASSAY_OK;
}

uint8_t assay_tensor_info(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  if (values[TENSOR_MODEL] >= agent->model_count) return ASSAY_NOT_FOUND;
  const assay_model* model = &agent->models[values[TENSOR_MODEL]];
  const int output = values[TENSOR_OUTPUT] != 0;
  if (values[TENSOR_INDEX] >= (output ? model->output_count : model->input_count)) return ASSAY_NOT_FOUND;
  const assay_tensor* tensor = (output ? model->outputs : model->inputs) + values[TENSOR_INDEX];
  assay_pb_string(out, 1, tensor->name, ASSAY_TENSOR_NAME_MAX);
  assay_pb_uint(out, 2, (uint32_t)tensor->type);
  if (tensor->rank) {
    uint8_t* dims = assay_pb_open(out, 3);
    for (uint8_t i = 0; i < tensor->rank && i < ASSAY_MAX_RANK; ++i) assay_pb_varint(out, tensor->dims[i]);
    assay_pb_close(out, dims);
  }
  assay_pb_float(out, 4, tensor->scale);
  assay_pb_sint(out, 5, tensor->zero_point);
  assay_pb_uint(out, 6, tensor->bytes);
  return ASSAY_OK;
}
