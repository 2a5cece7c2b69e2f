#include "reference/table.h"

#include <fmt/format.h>

namespace assay::reference {
namespace {

constexpr char kLiteRt[] = "ai-edge-litert==2.3.0";

constexpr RuntimeSpec kRuntimes[] = {
    {"litert_ref", "LiteRT", "BUILTIN_REF", kLiteRt, "portable kernels of the desktop runtime"},
    {"litert_builtin", "LiteRT", "BUILTIN_WITHOUT_DEFAULT_DELEGATES", kLiteRt, "its optimised kernels"},
    {"litert_xnnpack", "LiteRT", "XNNPACK", kLiteRt, "its default: the XNNPACK delegate where it applies"},
    {"tflite_micro", "tflite-micro", "", "tflite-micro==0.dev20261023182759",
     "reference kernels for microcontrollers"},
    {"onnxruntime", "ONNX Runtime", "CPU, one thread", "onnxruntime==1.32.0", "a model in ONNX's format",
     How::kWorker, ".onnx"},
    {"command", "command", "", "", "any program that turns inputs.npy into outputs.npy", How::kCommand, ""},
    {"recorded", "recorded outputs", "", "", "a .csv, .npy or .npz that somebody wrote down", How::kRecorded,
     ""},
};
constexpr size_t kDesktop = 4;  // the first rows: runtimes of .tflite

}  // namespace

std::span<const RuntimeSpec> kinds() { return kRuntimes; }
std::span<const RuntimeSpec> runtimes() { return std::span(kRuntimes).first(kDesktop); }

Result<const RuntimeSpec*> find_runtime(std::string_view id) {
  std::string known;
  for (const RuntimeSpec& spec : kRuntimes) {
    if (spec.id == id) return &spec;
    known += (known.empty() ? "" : ", ") + std::string(spec.id);
  }
  return fail("reference.unknown", fmt::format("no reference '{}'; there are: {}", id, known), {},
              "Correct `r1`, or `kind` of [[references.other]].");
}

}  // namespace assay::reference
