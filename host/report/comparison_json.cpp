#include <cmath>
#include <nlohmann/json.hpp>

#include "report/comparison.h"

namespace assay::report {
namespace {

using Json = nlohmann::ordered_json;
using results::Comparison;

template <class T>
void put(Json& object, const char* key, const std::optional<T>& value) {
  if (!value) return;
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(*value)) return;
  }
  object[key] = *value;
}

void put_figure(Json& object, const char* key, const std::optional<results::Figure>& figure) {
  if (!figure || !std::isfinite(figure->value)) return;
  Json out{{"value", figure->value}, {"unit", figure->unit}, {"kind", figure->kind}};
  put(out, "n", figure->n), put(out, "lo", figure->lo), put(out, "hi", figure->hi);
  out["validity"] = figure->validity;
  object[key] = std::move(out);
}

Json side_json(const results::ComparedSide& side) {
  const results::Identity& i = side.identity;
  return {{"name", side.name},
          {"from", side.from},
          {"verdict", side.verdict},
          {"profile", i.profile},
          {"model_name", i.model_name},
          {"model_sha256", i.model_sha256},
          {"dataset_name", i.dataset_name},
          {"dataset_hash", i.dataset_hash},
          {"ids_sha256", i.ids_sha256},
          {"samples", i.samples},
          {"board", i.board},
          {"mode", i.mode},
          {"clock_kind", i.clock_kind},
          {"engine", i.engine},
          {"toolchain", i.toolchain},
          {"firmware_build_id", i.firmware_build_id}};
}

Json figures_json(const Comparison& comparison) {
  Json rows = Json::array();
  for (const auto& row : comparison.figures) {
    Json out{{"name", row.name}, {"area", results::area_name(row.area)}, {"held", row.held}};
    put_figure(out, "before", row.before), put_figure(out, "now", row.now);
    out["word"] = row.word;
    put(out, "delta", row.delta);
    out["codes"] = row.codes, out["note"] = row.note;
    rows.push_back(std::move(out));
  }
  return rows;
}

Json classes_json(const Comparison& comparison) {
  Json rows = Json::array();
  for (const auto& row : comparison.classes) {
    Json out{{"name", row.name}, {"support", row.support}, {"before", row.before}, {"now", row.now}};
    put(out, "broken", row.broken), put(out, "fixed", row.fixed);
    out["word"] = row.word, out["codes"] = row.codes;
    rows.push_back(std::move(out));
  }
  return rows;
}

Json paired_json(const results::PairedSamples& paired) {
  Json out{{"n", paired.n},
           {"only_before", paired.only_before},
           {"only_now", paired.only_now},
           {"broken", paired.broken},
           {"fixed", paired.fixed},
           {"both_wrong", paired.both_wrong},
           {"labelled", paired.labelled},
           {"agreement", paired.agreement}};
  put_figure(out, "delta", paired.delta);
  put(out, "mcnemar_p", paired.mcnemar_p);
  out["sentence"] = paired.sentence;
  out["changed"] = Json::array();
  for (const auto& sample : paired.changed)
    out["changed"].push_back({{"id", sample.id},
                              {"truth", sample.truth},
                              {"before", sample.before},
                              {"now", sample.now},
                              {"kind", sample.kind}});
  return out;
}

Json operators_json(const Comparison& comparison) {
  Json rows = Json::array();
  for (const auto& row : comparison.operators) {
    Json out{{"op", row.op},
             {"output_shape", row.output_shape},
             {"index_before", row.index_before},
             {"index_now", row.index_now},
             {"kernel_before", row.kernel_before},
             {"kernel_now", row.kernel_now}};
    put(out, "before", row.before), put(out, "now", row.now), put(out, "delta", row.delta);
    out["word"] = row.word;
    rows.push_back(std::move(out));
  }
  return rows;
}

}  // namespace

std::string comparison_json(const Comparison& comparison) {
  Json json{{"schema", "assay.comparison"},
            {"schema_version", 1},
            {"word", comparison.word},
            {"sentence", comparison.sentence}};
  json["before"] = side_json(comparison.before), json["now"] = side_json(comparison.now);
  json["subject"] = Json::array();
  for (const auto& change : comparison.subject)
    json["subject"].push_back(
        {{"what", change.what}, {"before", change.before}, {"now", change.now}, {"code", change.code}});
  json["comparability"] = Json::array();
  for (const auto& issue : comparison.comparability)
    json["comparability"].push_back({{"code", issue.code}, {"message", issue.message}});
  json["figures"] = figures_json(comparison), json["classes"] = classes_json(comparison);
  if (comparison.paired) json["paired"] = paired_json(*comparison.paired);
  put(json, "outputs_equal", comparison.outputs_equal);
  json["clock"] = comparison.clock, json["operators"] = operators_json(comparison);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace assay::report
