// Runs that go wrong: nearly nothing measured, names that attack the format.
#include "report_fixture.h"

namespace assay::report_fixture {

using report::View;
using results::Summary;

View bare() {
  View view;
  Summary& s = view.summary;
  s.run_id = "0000000", s.profile = "mine", s.verdict = "inconclusive", s.exit_code = 5,
  s.sentence = "12 of 900 samples ran before the run was interrupted.";
  s.samples_done = 12, s.samples_asked = 900;
  s.target.board = "nucleo-l4r5zi";
  s.gates = {{"accuracy.top1", ">= 90 %", "", "inconclusive", "12 samples are too few: 460 are needed.",
              "profile.toml:9"}};
  s.issues = {{"run.interrupted", "warning", "the run was interrupted after 12 of 900 samples"},
              {"data.no_labels", "note", "the dataset has no labels"}};
  return view;
}

View hostile() {
  View view = watch_raw();
  const std::string evil = "<script>alert(1)</script>\"'&]]>";
  Summary& s = view.summary;
  s.title = s.subject.model_name = s.dataset.name = s.subject.model_file = s.provenance.command = evil;
  s.attribution->sentence = evil;
  for (auto& name : s.dataset.classes) name = name + evil;
  for (auto& row : s.accuracy->classes) row.name += evil;
  for (auto& layer : s.layers) layer.op = layer.kernel = layer.note = evil;
  for (auto& flip : view.flips) flip.sample = evil + std::string("\x01\xff");
  for (auto& channel : view.input.channels) channel = evil;
  for (auto& channel : s.input_channels) channel.name = evil;
  for (auto& variant : s.variants) variant.name = variant.note = variant.where = evil;
  for (auto& gate : s.gates) gate.metric = gate.rule = gate.observed = gate.reason = gate.where = evil;
  for (auto& tensor : s.memory->arena) tensor.name = evil;
  s.issues = {{evil, evil, evil}};
  s.run_id = evil;
  return view;
}

}  // namespace assay::report_fixture
