#include "results/comparison.h"

namespace assay::results {

Identity identity_of(const Summary& s) {
  return {.profile = s.profile,
          .model_name = s.subject.model_name,
          .model_sha256 = s.subject.model_sha256,
          .dataset_name = s.dataset.name,
          .dataset_hash = s.dataset.hash,
          .ids_sha256 = s.dataset.ids_sha256,
          .samples = s.samples_done,
          .board = s.target.board,
          .mode = s.target.mode,
          .clock_kind = s.latency && !s.latency->kind.empty() ? s.latency->kind : s.target.clock_kind,
          .engine = s.subject.engine,
          .toolchain = s.subject.toolchain,
          .firmware_build_id = s.subject.firmware_build_id};
}

}  // namespace assay::results
