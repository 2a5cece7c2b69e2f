#include "run/own_firmware.h"

#include "catch.h"

namespace assay::run {
namespace {

const std::string kHash(64, 'a'), kOther(64, 'b');

CaseSpec declared_case() {
  CaseSpec spec;
  spec.profile.file = "profile.toml";
  config::Profile& profile = spec.profile.profile;
  profile.mutable_engine()->set_firmware("app.elf");
  profile.mutable_model()->set_file("model.h");
  auto* input = profile.mutable_model()->add_input();
  input->set_type("int8");
  input->add_dims(1), input->add_dims(64);
  input->set_scale(0.5);
  auto* output = profile.mutable_model()->add_output();
  output->set_type("float32");
  output->add_dims(1), output->add_dims(10);
  return spec;
}

Prepared prepared_of(const CaseSpec& spec) {
  Prepared prepared;
  prepared.model_sha256 = kHash;
  prepared.plan = *read_foreign_model(spec, {});
  prepared.input = prepared.plan.inputs[0];
  prepared.output = prepared.plan.outputs[0];
  return prepared;
}

link::ModelInfo presented_by(const Prepared& prepared, const std::string& name, const std::string& hash) {
  link::ModelInfo model;
  model.name = name;
  model.hash = hash;
  model.inputs = {prepared.input};
  model.outputs = {prepared.output};
  return model;
}

}  // namespace

TEST_CASE("a border that the profile declares stands for a model that cannot be read") {
  const auto plan = read_foreign_model(declared_case(), {});
  REQUIRE(plan);
  CHECK(plan->inputs[0].type == ElementType::kInt8);
  CHECK(plan->inputs[0].bytes() == 64);
  CHECK(plan->inputs[0].scale == 0.5);
  CHECK(plan->outputs[0].bytes() == 40);
  CHECK(plan->bytes.empty());
}

TEST_CASE("a model that is no tflite needs its border declared") {
  CaseSpec spec = declared_case();
  spec.profile.profile.mutable_model()->clear_input();
  spec.profile.profile.mutable_model()->clear_output();
  const auto plan = read_foreign_model(spec, {});
  REQUIRE(!plan);
  CHECK(plan.error().code == "config.value");
  CHECK(plan.error().message.find("model.h") != std::string::npos);
}

TEST_CASE("a declared tensor without elements is refused") {
  for (const int64_t dim : {int64_t{0}, int64_t{-3}, int64_t{1} << 40}) {
    CaseSpec spec = declared_case();
    spec.profile.profile.mutable_model()->mutable_input(0)->set_dims(1, dim);
    const auto plan = read_foreign_model(spec, {});
    REQUIRE(!plan);
    CHECK(plan.error().code == "config.value");
  }
}

TEST_CASE("of several models the one of the profile's file is found by its hash") {
  const CaseSpec spec = declared_case();
  const Prepared prepared = prepared_of(spec);
  const auto found = find_presented(
      spec, prepared, {presented_by(prepared, "a", kOther), presented_by(prepared, "b", kHash)}, "board");
  REQUIRE(found);
  CHECK(found->index == 1);
  CHECK(found->issues.empty());
}

TEST_CASE("a name in the profile chooses the model and its hash must still be right") {
  CaseSpec spec = declared_case();
  spec.profile.profile.mutable_engine()->set_model("a");
  const Prepared prepared = prepared_of(spec);
  const auto found = find_presented(
      spec, prepared, {presented_by(prepared, "a", kOther), presented_by(prepared, "b", kHash)}, "board");
  REQUIRE(!found);
  CHECK(found.error().code == "run.wrong_model");
  CHECK(found.error().message.find("bbbbbbbbbbbb") != std::string::npos);
  CHECK(found.error().message.find("aaaaaaaaaaaa") != std::string::npos);
}

TEST_CASE("a model without a hash is taken on trust and readers are told") {
  const CaseSpec spec = declared_case();
  const Prepared prepared = prepared_of(spec);
  const auto found = find_presented(spec, prepared, {presented_by(prepared, "a", "")}, "board");
  REQUIRE(found);
  REQUIRE(found->issues.size() == 1);
  CHECK(found->issues[0].code == "run.model_unverified");
}

TEST_CASE("another shape, type or scale of a tensor is named with both sides") {
  const CaseSpec spec = declared_case();
  const Prepared prepared = prepared_of(spec);
  const auto refused = [&](auto change) {
    link::ModelInfo model = presented_by(prepared, "a", kHash);
    change(model);
    const auto found = find_presented(spec, prepared, {model}, "board");
    REQUIRE(!found);
    CHECK(found.error().code == "run.wrong_border");
    return found.error().message;
  };
  CHECK(refused([](auto& model) { model.inputs[0].dims = {1, 63}; }).find("1x63") != std::string::npos);
  CHECK(refused([](auto& model) { model.outputs[0].type = ElementType::kInt8; }).find("int8") !=
        std::string::npos);
  CHECK(refused([](auto& model) { model.inputs[0].scale = 0.25; }).find("0.25") != std::string::npos);
}

TEST_CASE("a firmware of several models that nothing tells apart asks for a name") {
  const CaseSpec spec = declared_case();
  const Prepared prepared = prepared_of(spec);
  const auto found = find_presented(
      spec, prepared, {presented_by(prepared, "a", ""), presented_by(prepared, "b", "")}, "board");
  REQUIRE(!found);
  CHECK(found.error().code == "run.wrong_model");
  CHECK(found.error().remedy.find("[engine]") != std::string::npos);
}

}  // namespace assay::run
