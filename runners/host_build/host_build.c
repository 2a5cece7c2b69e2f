/* host_build.c: R2 of any engine behind an assay_model, as a program for `kind = "command"` of
 * [[references.other]].
 *
 *     host_build [--model NAME] FOLDER
 *
 * Reads FOLDER/inputs.npy (one sample a row, in the model's own type), runs the model on each row, writes
 * FOLDER/outputs.npy. Linked with the same models.c and the same engine sources as the firmware, by the
 * host's compiler; without the agent, whose operator hooks are empty here. One input and one output.
 *
 * Exit code 0: outputs are written. 1: one line on stderr says what, where and what to do. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runners/firmware_models.h"

void assay_op_begin(uint16_t op) { (void)op; }
void assay_op_end(uint16_t op) { (void)op; }
void assay_tap(uint16_t op, const void* data, uint32_t bytes) {
  (void)op;
  (void)data;
  (void)bytes;
}
void assay_log(uint8_t level, const char* text) { fprintf(stderr, "%u: %s\n", (unsigned)level, text); }

/* By assay_type. All are little-endian in .npy and on the hosts that Assay runs on. */
static const char* const kNpyTypes[] = {"<f4", "|i1", "|u1", "<i2", "<i4", "|b1", "<i8"};

static int refuse(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("host_build: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  return 1;
}

static const assay_model* find_model(const char* name, const char** problem) {
  uint8_t count = 0, i;
  const assay_model* models = assay_firmware_models(&count, problem);
  for (i = 0; i < count; ++i) {
    if (!name || strcmp(models[i].name, name) == 0) return &models[i];
  }
  return NULL;
}

/* Rows in `*count`, the file behind its header; 0 or an exit code. */
static int open_inputs(FILE* file, const char* path, const assay_tensor* tensor, uint32_t* count) {
  unsigned char start[10];
  char header[1024];
  size_t bytes;
  const char* shape;
  if (fread(start, 1, sizeof start, file) != sizeof start || memcmp(start, "\x93NUMPY\x01", 7) != 0)
    return refuse("%s is no .npy file of version 1", path);
  bytes = (size_t)(start[8] | start[9] << 8);
  if (bytes >= sizeof header || fread(header, 1, bytes, file) != bytes)
    return refuse("%s ends within its header, or the header is longer than %u bytes", path,
                  (unsigned)sizeof header);
  header[bytes] = 0;
  if (!strstr(header, kNpyTypes[tensor->type]))
    return refuse("%s does not hold %s, which the model takes: %s", path, kNpyTypes[tensor->type], header);
  shape = strstr(header, "'shape': (");
  if (!shape || sscanf(shape + 10, "%u", count) != 1 || strstr(header, "'fortran_order': True"))
    return refuse("%s has no rows that can be read: %s", path, header);
  return 0;
}

static int write_header(FILE* file, const assay_tensor* tensor, uint32_t count) {
  char header[256], start[10] = "\x93NUMPY\x01";
  int length = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (%u, ",
                        kNpyTypes[tensor->type], count);
  uint8_t i;
  for (i = 1; i < tensor->rank; ++i)
    length += snprintf(header + length, sizeof header - (size_t)length, "%u, ", tensor->dims[i]);
  length += snprintf(header + length, sizeof header - (size_t)length, "), }");
  while ((length + 11) % 64) header[length++] = ' ';
  header[length++] = '\n';
  start[8] = (char)(length & 255);
  start[9] = (char)(length >> 8);
  return fwrite(start, 1, sizeof start, file) == sizeof start &&
         fwrite(header, 1, (size_t)length, file) == (size_t)length;
}

static int run_rows(const assay_model* model, FILE* in, FILE* out, uint32_t count) {
  uint32_t row;
  if (!write_header(out, &model->outputs[0], count)) return refuse("outputs.npy cannot be written");
  for (row = 0; row < count; ++row) {
    int code;
    if (fread(model->inputs[0].data, 1, model->inputs[0].bytes, in) != model->inputs[0].bytes)
      return refuse("inputs.npy ends in row %u of %u: its rows are not the %u bytes that the model takes",
                    row, count, model->inputs[0].bytes);
    if (model->reset) model->reset(model->user);
    code = model->run(model->user);
    if (code != 0) return refuse("the engine answers %d to row %u", code, row);
    if (fwrite(model->outputs[0].data, 1, model->outputs[0].bytes, out) != model->outputs[0].bytes)
      return refuse("outputs.npy cannot be written: is the disk full?");
  }
  return 0;
}

static int run_folder(const assay_model* model, const char* folder) {
  char path[4096];
  FILE *in, *out;
  uint32_t count = 0;
  int code;
  if (snprintf(path, sizeof path, "%s/inputs.npy", folder) >= (int)sizeof path)
    return refuse("the name of the folder is too long");
  in = fopen(path, "rb");
  if (!in) return refuse("%s cannot be opened", path);
  code = open_inputs(in, path, &model->inputs[0], &count);
  if (code == 0) {
    snprintf(path, sizeof path, "%s/outputs.npy", folder);
    out = fopen(path, "wb");
    code = out ? run_rows(model, in, out, count) : refuse("%s cannot be written", path);
    if (out && fclose(out) != 0 && code == 0) code = refuse("%s cannot be written: is the disk full?", path);
  }
  fclose(in);
  return code;
}

int main(int argc, char** argv) {
  const char *name = NULL, *problem = NULL;
  const assay_model* model;
  if (argc == 4 && strcmp(argv[1], "--model") == 0)
    name = argv[2];
  else if (argc != 2)
    return refuse("usage: host_build [--model NAME] FOLDER");
  model = find_model(name, &problem);
  if (!model) return refuse("%s", problem ? problem : "there is no model of that name");
  if (model->input_count != 1 || model->output_count != 1)
    return refuse("%s has %u inputs and %u outputs; one of each is supported", model->name,
                  (unsigned)model->input_count, (unsigned)model->output_count);
  return run_folder(model, argv[argc - 1]);
}
