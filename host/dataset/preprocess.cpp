#include "dataset/preprocess.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/descriptor.h>

#include <cmath>
#include <optional>
#include <set>

#include "config/profile.pb.h"
#include "dataset/preprocess_steps.h"
#include "dataset/store_value.h"

namespace assay::dataset {
namespace {

using config::PreprocessStep;
constexpr const char* kRecording = "recording";
constexpr const char* kWindow = "window";

// A sample, or a part of one, on its way through the steps.
struct Piece {
  Tensor tensor;
  size_t sample = 0;
  int64_t first_row = 0, rows = 0;  // in the recording, when a window was cut
};

struct Context {
  double rate_hz = 0;
};

std::vector<int64_t> list(const google::protobuf::RepeatedField<int64_t>& values) {
  return {values.begin(), values.end()};
}
std::vector<double> list(const google::protobuf::RepeatedField<double>& values) {
  return {values.begin(), values.end()};
}

Result<Tensor> do_scale(const PreprocessStep& step, Tensor in) {
  return scale_values(std::move(in), step.has_scale() ? step.scale() : 1, step.zero_point());
}
Result<Tensor> do_layout(const PreprocessStep& step, Tensor in) {
  return step.to() == "nchw" ? to_nchw(in) : to_nhwc(in);
}
Result<Tensor> do_channels(const PreprocessStep& step, Tensor in) {
  return pick_channels(in, list(step.order()));
}
Result<Tensor> do_resize(const PreprocessStep& step, Tensor in) {
  return resize(in, step.height(), step.width(),
                step.method() == "nearest" ? Resizing::kNearest : Resizing::kBilinear);
}
Result<Tensor> do_crop(const PreprocessStep& step, Tensor in) {
  return crop(in, step.has_top() ? step.top() : -1, step.has_left() ? step.left() : -1, step.height(),
              step.width());
}
Result<Tensor> do_normalise(const PreprocessStep& step, Tensor in) {
  return normalise(std::move(in), list(step.mean()), list(step.std()));
}
Result<Tensor> do_mono(const PreprocessStep&, Tensor in) { return mono(in); }
Result<Tensor> do_reshape(const PreprocessStep& step, Tensor in) {
  return reshape(std::move(in), list(step.dims()));
}

struct Op {
  const char* name;
  const char* required;  // keys; "a|b": one of them
  const char* optional;
  bool calculates;  // gives values that are not among the input's
  Result<Tensor> (*apply)(const PreprocessStep& step, Tensor in);  // null: window, which gives several
};
constexpr Op kOps[] = {
    {"scale", "", "scale zero_point", true, do_scale},
    {"layout", "to", "", false, do_layout},
    {"channels", "order", "", false, do_channels},
    {"resize", "height width method", "", true, do_resize},  // not with nearest
    {"crop", "height width", "top left", false, do_crop},
    {kWindow, "length|length_ms", "stride stride_ms", false, nullptr},
    {"normalise", "mean std", "", true, do_normalise},
    {"mono", "", "", true, do_mono},
    {"reshape", "dims", "", false, do_reshape},
};

const Op* op_of(const PreprocessStep& step) {
  for (const Op& op : kOps) {
    if (step.op() == op.name) return &op;
  }
  return nullptr;
}

bool calculates(const PreprocessStep& step) { return op_of(step)->calculates && step.method() != "nearest"; }

std::vector<const google::protobuf::FieldDescriptor*> set_fields(const PreprocessStep& step) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  step.GetReflection()->ListFields(step, &fields);
  return fields;
}

bool lists(std::string_view keys, const std::string& key) {
  std::string spaced = fmt::format(" {} ", keys);
  for (char& c : spaced) c = c == '|' ? ' ' : c;
  return spaced.find(fmt::format(" {} ", key)) != std::string::npos;
}

tl::unexpected<Error> bad_step(const config::Data& data, int index, const std::string& what) {
  return fail("dataset.preprocess",
              fmt::format("step {} ({}): {}", index + 1, data.preprocess().step(index).op(), what),
              data.path());
}

// Every key that an op needs is there, and none that it does not know.
Status check_step(const config::Data& data, int index) {
  const PreprocessStep& step = data.preprocess().step(index);
  const Op* op = op_of(step);
  if (!op) return bad_step(data, index, "no such op");
  std::set<std::string> there;
  for (const auto* field : set_fields(step)) {
    const std::string& key = field->name();
    if (key == "op") continue;
    there.insert(key);
    if (!lists(op->required, key) && !lists(op->optional, key))
      return bad_step(data, index, fmt::format("takes no `{}`", key));
  }
  const std::string_view required = op->required;
  for (size_t begin = 0; begin < required.size();) {
    const size_t end = std::min(required.find(' ', begin), required.size());
    const std::string alternatives(required.substr(begin, end - begin));
    size_t given = 0;
    for (const std::string& key : there) given += lists(alternatives, key);
    if (given != 1)
      return bad_step(
          data, index,
          fmt::format("needs `{}`{}", fmt::join(alternatives, ""), given > 1 ? ", one of them" : ""));
    begin = end + 1;
  }
  if (step.has_stride() && step.has_stride_ms())
    return bad_step(data, index, "takes `stride` or `stride_ms`, not both");
  return {};
}

Status check_steps(const config::Data& data) {
  bool calculated = false;
  for (int i = 0; i < data.preprocess().step_size(); ++i) {
    ASSAY_CHECK(check_step(data, i));
    calculated = calculated || calculates(data.preprocess().step(i));
  }
  if (!calculated || (!data.quantised() && data.scale() == 0 && data.channel_scale_size() == 0)) return {};
  return fail(
      "dataset.preprocess",
      "a step that calculates gives real values, which `quantised` or `scale` in [data] would scale again",
      data.path(), "Write the scale as the first step, and remove it from [data].");
}

// Of a length in rows or in time; 0: the time is no whole number of rows.
Result<int64_t> rows_of(bool in_ms, double ms, int64_t rows, const Context& context) {
  if (!in_ms) return rows;
  if (!(context.rate_hz > 0))
    return fail("dataset.preprocess", "a time needs the rate of the recording: set rate_hz in [data]");
  const double exact = ms * context.rate_hz / 1000;
  const double whole = std::round(exact);
  if (whole < 1 || whole > 1e9 || std::fabs(exact - whole) > 1e-6 * whole)
    return fail("dataset.preprocess",
                fmt::format("{} ms at {} Hz are {:.6g} rows, which must be a whole number", ms,
                            context.rate_hz, exact));
  return static_cast<int64_t>(whole);
}

Result<std::vector<Piece>> cut_windows(const PreprocessStep& step, const Piece& piece,
                                       const Context& context) {
  ASSAY_TRY(const int64_t length, rows_of(step.has_length_ms(), step.length_ms(), step.length(), context));
  int64_t stride = length;
  if (step.has_stride() || step.has_stride_ms()) {
    ASSAY_TRY(stride, rows_of(step.has_stride_ms(), step.stride_ms(), step.stride(), context));
  }
  const int64_t rows = piece.tensor.dims.empty() ? 0 : piece.tensor.dims[0];
  std::vector<Piece> windows;
  for (int64_t first = 0; first <= rows - length; first += stride) {
    ASSAY_TRY(Tensor tensor, rows_of_window(piece.tensor, first, length));
    windows.push_back({std::move(tensor), piece.sample, piece.first_row + first, length});
  }
  if (windows.empty())
    return fail("dataset.preprocess",
                fmt::format("the recording of {} rows is shorter than a window of {}", rows, length));
  return windows;
}

class Preprocessor {
 public:
  Preprocessor(const config::Data& data, Stored& stored) : data_(data), stored_(stored) {
    context_.rate_hz = data.rate_hz() > 0 ? data.rate_hz() : stored.rate_hz;
    for (const PreprocessStep& step : data.preprocess().step()) {
      windowed_ = windowed_ || step.op() == kWindow;
      calculates_ = calculates_ || calculates(step);
    }
  }

  Status run() {
    out_.untyped = false;
    out_.inputs.info = stored_.inputs.info;
    if (calculates_) out_.inputs.info.type = ElementType::kFloat32;
    for (const SliceColumn& column : stored_.slices) out_.slices.push_back({column.name, {}});
    size_t offset = 0;
    for (size_t i = 0; i < stored_.ids.size(); ++i) {
      ASSAY_TRY(const std::vector<Piece> pieces, pieces_of(i, offset));
      for (const Piece& piece : pieces) ASSAY_CHECK(keep(piece));
    }
    return finish();
  }

 private:
  Piece load(size_t sample, size_t& offset) const {
    const auto& dims = stored_.shapes.empty() ? stored_.inputs.info.dims : stored_.shapes[sample];
    Piece piece{{{dims.begin() + 1, dims.end()}, {}}, sample};
    const ElementType type = stored_.inputs.info.type;
    const size_t size = element_size(type);
    int64_t count = 1;
    for (const int64_t dim : piece.tensor.dims) count *= dim;
    for (int64_t i = 0; i < count; ++i, offset += size)
      piece.tensor.values.push_back(stored_value(type, stored_.inputs.data.data() + offset));
    return piece;
  }

  Result<std::vector<Piece>> pieces_of(size_t sample, size_t& offset) const {
    std::vector<Piece> pieces = {load(sample, offset)};
    for (int s = 0; s < data_.preprocess().step_size(); ++s) {
      std::vector<Piece> next;
      for (Piece& piece : pieces) {
        auto done = apply(data_.preprocess().step(s), std::move(piece));
        if (!done)
          return bad_step(data_, s,
                          fmt::format("{}, sample '{}'", done.error().message, stored_.ids[sample]));
        for (Piece& part : *done) next.push_back(std::move(part));
      }
      pieces = std::move(next);
    }
    return pieces;
  }

  Result<std::vector<Piece>> apply(const PreprocessStep& step, Piece piece) const {
    const Op* op = op_of(step);
    if (!op->apply) return cut_windows(step, piece, context_);
    ASSAY_TRY(piece.tensor, op->apply(step, std::move(piece.tensor)));
    std::vector<Piece> one;
    one.push_back(std::move(piece));
    return one;
  }

  // The label of rows [first, first + rows) of a recording whose labels change; nullopt: a change lies in it.
  std::optional<int64_t> label_of(const Piece& piece) const {
    if (stored_.spans.empty()) return stored_.labels[piece.sample];
    const auto& spans = stored_.spans[piece.sample];
    if (spans.size() == 1) return spans[0].label;
    for (const LabelSpan& span : spans) {
      if (piece.rows > 0 && piece.first_row >= span.first && piece.first_row + piece.rows - 1 <= span.last)
        return span.label;
    }
    return std::nullopt;
  }

  Status keep(const Piece& piece) {
    if (!stored_.labels.empty()) {
      const auto label = label_of(piece);
      if (!label) return {};
      out_.labels.push_back(*label);
    }
    const std::string& id = stored_.ids[piece.sample];
    std::vector<int64_t> dims = piece.tensor.dims;
    dims.insert(dims.begin(), 1);
    ASSAY_CHECK(out_.add_sample(windowed_ ? fmt::format("{}@{}", id, piece.first_row) : id, dims,
                                bytes_of(piece.tensor)));
    for (size_t c = 0; c < out_.slices.size(); ++c)
      out_.slices[c].values.push_back(stored_.slices[c].values[piece.sample]);
    recordings_.push_back(id);
    return {};
  }

  std::vector<uint8_t> bytes_of(const Tensor& tensor) const {
    const ElementType type = out_.inputs.info.type;
    std::vector<uint8_t> bytes(tensor.values.size() * element_size(type));
    for (size_t i = 0; i < tensor.values.size(); ++i)
      store_value(type, tensor.values[i], bytes.data() + i * element_size(type));
    return bytes;
  }

  Status finish() {
    if (out_.ids.empty())
      return fail("dataset.empty", "no window lies within one label", data_.path(),
                  "Cut shorter windows, or correct info.labels.");
    bool named = false;
    for (const SliceColumn& column : out_.slices) named = named || column.name == kRecording;
    if (windowed_ && !named) out_.slices.push_back({kRecording, std::move(recordings_)});
    stored_.inputs = std::move(out_.inputs);
    stored_.shapes = std::move(out_.shapes);
    stored_.labels = std::move(out_.labels);
    stored_.ids = std::move(out_.ids);
    stored_.slices = std::move(out_.slices);
    stored_.spans.clear();
    stored_.untyped = false;
    return {};
  }

  const config::Data& data_;
  Stored& stored_;
  Stored out_;
  Context context_;
  bool windowed_ = false, calculates_ = false;
  std::vector<std::string> recordings_;
};

// Labels that change inside a recording need windows.
Status check_spans(const config::Data& data, const Stored& stored) {
  for (const PreprocessStep& step : data.preprocess().step()) {
    if (step.op() == kWindow) return {};
  }
  for (size_t i = 0; i < stored.spans.size(); ++i) {
    if (stored.spans[i].size() > 1)
      return fail("dataset.label_missing",
                  fmt::format("recording '{}' has {} labels, a sample has one", stored.ids[i],
                              stored.spans[i].size()),
                  data.path(), "Cut the recordings by a step `window` in [data.preprocess].");
  }
  return {};
}

}  // namespace

Status preprocess(const config::Data& data, Stored& stored) {
  ASSAY_CHECK(check_spans(data, stored));
  if (data.preprocess().step_size() == 0) return {};
  ASSAY_CHECK(check_steps(data));
  if (stored.untyped)
    return fail("dataset.preprocess", "steps need the type of raw values", data.path(),
                "Set `type` in [data].");
  return Preprocessor(data, stored).run();
}

std::string preprocess_text(const config::Data& data) {
  std::vector<std::string> steps;
  for (const PreprocessStep& step : data.preprocess().step()) {
    std::string text = step.op();
    const auto* access = step.GetReflection();
    for (const auto* field : set_fields(step)) {
      if (field->name() == "op") continue;
      std::vector<std::string> values;
      const int count = field->is_repeated() ? access->FieldSize(step, field) : 1;
      for (int i = 0; i < count; ++i) {
        using Field = google::protobuf::FieldDescriptor;
        const bool many = field->is_repeated();
        switch (field->cpp_type()) {
          case Field::CPPTYPE_DOUBLE:
            values.push_back(fmt::format(
                "{}", many ? access->GetRepeatedDouble(step, field, i) : access->GetDouble(step, field)));
            break;
          case Field::CPPTYPE_INT64:
            values.push_back(fmt::format(
                "{}", many ? access->GetRepeatedInt64(step, field, i) : access->GetInt64(step, field)));
            break;
          default:
            values.push_back(access->GetString(step, field));
            break;
        }
      }
      text += fmt::format(" {}={}", field->name(), fmt::join(values, ","));
    }
    steps.push_back(std::move(text));
  }
  return steps.empty() ? std::string()
                       : fmt::format("v{}: {}", data.preprocess().version(), fmt::join(steps, "; "));
}

}  // namespace assay::dataset
