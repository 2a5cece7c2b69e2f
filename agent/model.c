/* What the firmware says of its models. */
#include "core.h"

enum { TENSOR_MODEL, TENSOR_OUTPUT, TENSOR_INDEX };
enum { NAMES_MODEL, NAMES_FIRST };

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
  assay_pb_uint(out, 8, model->op_names ? 1u : 0u);
  assay_pb_uint(out, 9, model->run ? 0u : 1u);
  return ASSAY_OK;
}

uint8_t assay_op_names(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  if (values[NAMES_MODEL] >= agent->model_count) return ASSAY_NOT_FOUND;
  const assay_model* model = &agent->models[values[NAMES_MODEL]];
  if (!model->op_names) return ASSAY_ABSENT;
  if (values[NAMES_FIRST] >= model->op_count) return ASSAY_NOT_FOUND;
  assay_pb_uint(out, 1, model->op_count);
  for (uint32_t i = values[NAMES_FIRST]; i < model->op_count; ++i) {
    uint8_t* before = out->at;
    const char* name = model->op_names[i];
    if (name && *name) {
      assay_pb_string(out, 2, name, ASSAY_OP_NAME_MAX);
    } else {
      assay_pb_open(out, 2); /* an empty element is an element too */
    }
    if (out->overflow) { /* the rest goes into the next answer */
      out->at = before;
      out->overflow = 0;
      break;
    }
  }
  return ASSAY_OK;
}

uint8_t assay_tensor_fault(const assay_tensor* tensor) {
  static const uint8_t element_bytes[] = {4, 1, 1, 2, 4, 1, 8}; /* by assay_type */
  if (!tensor->data) return ASSAY_TENSOR_NO_DATA;
  if ((unsigned)tensor->type < sizeof element_bytes &&
      ((uintptr_t)tensor->data & (element_bytes[tensor->type] - 1u)))
    return ASSAY_TENSOR_MISALIGNED;
  return ASSAY_TENSOR_FINE;
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
  assay_pb_uint(out, 7, assay_tensor_fault(tensor));
  return ASSAY_OK;
}
