#include "dataset/quantise.h"

#include "dataset/fixture.h"

namespace assay::dataset {
namespace {

TensorInfo tensor(ElementType type, std::vector<int64_t> dims, double scale = 0, int64_t zero_point = 0) {
  return {.name = "in", .type = type, .dims = std::move(dims), .scale = scale, .zero_point = zero_point};
}
std::vector<int> int8s(const TensorRows& rows) {
  const auto* begin = reinterpret_cast<const int8_t*>(rows.data.data());
  return {begin, begin + rows.data.size()};
}
Dataset floats(std::vector<int64_t> dims, const std::vector<float>& values) {
  Dataset dataset;
  dataset.inputs = rows_of(ElementType::kFloat32, std::move(dims), values);
  return dataset;
}

}  // namespace

TEST_CASE("real values round to the nearest step, halves away from zero, and saturate") {
  const Dataset dataset = floats({1, 8}, {0.f, 0.24f, 0.25f, -0.25f, 0.75f, -0.75f, 1000.f, -1000.f});
  const auto rows = quantise_inputs(dataset, tensor(ElementType::kInt8, {1, 8}, 0.5, 3));
  REQUIRE(rows);
  CHECK(int8s(*rows) == std::vector<int>{3, 3, 4, 2, 5, 1, 127, -128});
}

TEST_CASE("each channel has its own step and zero point") {
  Dataset dataset;
  dataset.inputs = rows_of<int16_t>(ElementType::kInt16, {1, 2, 2}, {100, 7, -100, 9});
  REQUIRE(set_channel_scale(dataset, {0.01, 2.0}, {0, 8}));
  const auto real = quantise_inputs(dataset, tensor(ElementType::kFloat32, {1, 2, 1, 2}));
  REQUIRE(real);
  CHECK(real_values(real->info, real->row(0)) == std::vector<double>{1.0, -2.0, -1.0, 2.0});
  const auto quantised = quantise_inputs(dataset, tensor(ElementType::kInt8, {1, 2, 1, 2}, 0.5, -1));
  REQUIRE(quantised);
  CHECK(int8s(*quantised) == std::vector<int>{1, -5, -3, 3});
  const auto wrong = set_channel_scale(dataset, {1, 2, 3}, {});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == "dataset.type");
}

TEST_CASE("integers of the deployed model pass through, other models get their real values") {
  Dataset dataset;
  dataset.untyped = true;
  dataset.quantised = true;
  dataset.inputs = rows_of<int8_t>(ElementType::kUint8, {1, 4}, {-128, 83, 84, 127});
  const TensorInfo deployed = tensor(ElementType::kInt8, {1, 2, 2, 1}, 0.5, 83);
  const auto same = quantise_inputs(dataset, deployed, &deployed);
  REQUIRE(same);
  CHECK(int8s(*same) == std::vector<int>{-128, 83, 84, 127});
  CHECK(same->info.dims == deployed.dims);

  const auto real = quantise_inputs(dataset, tensor(ElementType::kFloat32, {1, 2, 2, 1}), &deployed);
  REQUIRE(real);
  CHECK(real_values(real->info, real->row(0)) == std::vector<double>{-105.5, 0, 0.5, 22});

  const auto wide = quantise_inputs(dataset, tensor(ElementType::kInt16, {1, 2, 2, 1}, 0.25, 0), &deployed);
  REQUIRE(wide);
  CHECK(stored_value(ElementType::kInt16, wide->row(0).data()) == -422);

  const auto lost = quantise_inputs(dataset, tensor(ElementType::kFloat32, {1, 1}), nullptr);
  CHECK_FALSE(lost);
}

TEST_CASE("raw bytes are pixels unless they are the model's own") {
  Dataset dataset;
  dataset.untyped = true;
  dataset.inputs = rows_of<uint8_t>(ElementType::kUint8, {1, 3}, {0, 128, 255});
  const auto rows = quantise_inputs(dataset, tensor(ElementType::kInt8, {1, 3}, 1, -128));
  REQUIRE(rows);
  CHECK(int8s(*rows) == std::vector<int>{-128, 0, 127});
}

TEST_CASE("shapes that differ are refused with both") {
  const auto error = [](const Dataset& dataset, const TensorInfo& input) {
    const auto rows = quantise_inputs(dataset, input);
    REQUIRE_FALSE(rows);
    return rows.error();
  };
  const Error size = error(floats({1, 3}, {1, 2, 3}), tensor(ElementType::kFloat32, {1, 4}));
  CHECK(size.code == "dataset.shape");
  CHECK_THAT(size.message,
             Catch::Contains("1x3 float32 (3 values)") && Catch::Contains("1x4 float32 (4 values)"));
  // As many values in another order of dimensions are another tensor.
  CHECK(error(floats({1, 2, 3}, {1, 2, 3, 4, 5, 6}), tensor(ElementType::kFloat32, {1, 3, 2})).code ==
        "dataset.shape");
  CHECK(error(floats({1, 2}, {1, 2}), tensor(ElementType::kInt8, {1, 2})).code == "dataset.type");
  CHECK(error(floats({1, 2}, {1, 2}), tensor(ElementType::kBool, {1, 2})).code == "dataset.type");
}

}  // namespace assay::dataset
