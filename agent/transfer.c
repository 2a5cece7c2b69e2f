/* Bytes of tensors: upload go-back-N into an input, download by Read. The device keeps no timers and no
 * copies. */
#include <string.h>

#include "core.h"

enum { OPEN_TRANSFER, OPEN_MODEL, OPEN_INPUT, OPEN_BYTES };
enum { CLOSE_TRANSFER, CLOSE_CRC };
enum { READ_MODEL, READ_OUTPUT, READ_OFFSET, READ_BYTES, READ_GENERATION };

uint8_t assay_open(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  (void)out; /* OpenReply.busy_ms: RAM needs no erasing, so 0, which proto3 leaves out */
  if (values[OPEN_MODEL] >= agent->model_count) return ASSAY_NOT_FOUND;
  const assay_model* model = &agent->models[values[OPEN_MODEL]];
  if (values[OPEN_INPUT] >= model->input_count) return ASSAY_NOT_FOUND;
  const assay_tensor* tensor = &model->inputs[values[OPEN_INPUT]];
  const uint32_t id = values[OPEN_TRANSFER];
  if (values[OPEN_BYTES] != tensor->bytes || tensor->bytes > ASSAY_TRANSFER_MAX || id == 0 || id > 0xFF)
    return ASSAY_LIMIT;
  if (assay_tensor_fault(tensor)) return ASSAY_BAD_TENSOR;
  agent->transfer.tensor = tensor;
  agent->transfer.next = 0;
  agent->transfer.id = (uint8_t)id;
  return ASSAY_OK;
}

void assay_acknowledge(assay_agent* agent) {
  uint32_t credit = (agent->port->rx_window ? agent->port->rx_window : ASSAY_MTU) / ASSAY_MTU;
  if (credit == 0) credit = 1;
  if (credit > 0xFF) credit = 0xFF;
  assay_send(agent, ASSAY_KIND_ACK, (uint8_t)credit, agent->transfer.next << 8 | agent->transfer.id, NULL, 0);
}

void assay_accept_data(assay_agent* agent, const assay_frame* frame) {
  assay_transfer* transfer = &agent->transfer;
  if (!transfer->tensor || (uint8_t)frame->word != transfer->id || frame->detail != ASSAY_DATA_UPLOAD) return;
  const uint32_t left = transfer->tensor->bytes - transfer->next;
  if (frame->word >> 8 == transfer->next && frame->size <= left) {
    memcpy((uint8_t*)transfer->tensor->data + transfer->next, frame->payload, frame->size);
    transfer->next += frame->size;
  }
  assay_acknowledge(agent); /* also for a gap: a repeated ACK makes the host rewind */
}

uint8_t assay_commit(const assay_agent* agent, uint32_t id, uint32_t crc) {
  const assay_transfer* transfer = &agent->transfer;
  if (!transfer->tensor || transfer->id != id) return ASSAY_NOT_OPEN;
  if (transfer->next != transfer->tensor->bytes) return ASSAY_INCOMPLETE;
  return assay_crc32(0, transfer->tensor->data, transfer->tensor->bytes) == crc ? ASSAY_OK : ASSAY_BAD_CRC;
}

uint8_t assay_close(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  (void)out;
  const uint8_t status = assay_commit(agent, values[CLOSE_TRANSFER], values[CLOSE_CRC]);
  if (status == ASSAY_OK) agent->transfer.tensor = NULL;
  return status;
}

uint8_t assay_read(assay_agent* agent, const uint32_t* values, assay_pb_writer* out) {
  if (values[READ_MODEL] >= agent->model_count) return ASSAY_NOT_FOUND;
  const assay_model* model = &agent->models[values[READ_MODEL]];
  if (values[READ_OUTPUT] >= model->output_count) return ASSAY_NOT_FOUND;
  const assay_tensor* tensor = &model->outputs[values[READ_OUTPUT]];
  const uint32_t offset = values[READ_OFFSET], bytes = values[READ_BYTES];
  if (tensor->bytes > ASSAY_TRANSFER_MAX || offset > tensor->bytes || bytes > tensor->bytes - offset)
    return ASSAY_LIMIT;
  if (assay_tensor_fault(tensor)) return ASSAY_BAD_TENSOR;
  if (values[READ_GENERATION] && values[READ_GENERATION] != agent->run.generation) return ASSAY_STALE;
  agent->download.from = (const uint8_t*)tensor->data;
  agent->download.offset = offset;
  agent->download.bytes = bytes;
  agent->after = ASSAY_AFTER_DATA;
  assay_pb_uint(out, 1, bytes);
  assay_pb_uint(out, 2, agent->run.generation);
  return ASSAY_OK;
}

void assay_send_data(assay_agent* agent, uint8_t flags, uint8_t transfer, const assay_download* what) {
  uint32_t offset = what->offset, left = what->bytes;
  while (left) {
    const uint32_t size = left < ASSAY_MTU ? left : ASSAY_MTU;
    assay_send(agent, ASSAY_KIND_DATA, flags, offset << 8 | transfer, what->from + offset, size);
    offset += size;
    left -= size;
  }
}
