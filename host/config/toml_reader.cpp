#include "config/toml_reader.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/message.h>

#include <toml++/toml.h>
#include <set>

#include "base/files.h"
#include "config/nearest.h"
#include "config/rule.pb.h"

namespace assay::config {
namespace pb = google::protobuf;
namespace {

std::string join(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

// Walks a table beside the message it fills; every method returns the first error.
class Reader {
 public:
  Reader(const std::filesystem::path& file, Places* places) : file_(file), places_(places) {}

  Status table(const toml::table& table, pb::Message& message, const std::string& path) {
    const pb::Descriptor& type = *message.GetDescriptor();
    for (const auto& [key, node] : table) {
      const pb::FieldDescriptor* field = type.FindFieldByName(std::string(key.str()));
      if (!field) return unknown_key(type, key, path);
      ASSAY_CHECK(value(node, message, *field, join(path, key.str())));
    }
    for (int i = 0; i < type.field_count(); ++i) {
      const pb::FieldDescriptor& field = *type.field(i);
      if (field.options().GetExtension(rule).required() && !table.contains(field.name())) {
        return fail("config.missing_key",
                    fmt::format("required key '{}' is missing", join(path, field.name())),
                    at(table.source()));
      }
    }
    return {};
  }

 private:
  std::string at(const toml::source_region& source) const {
    return fmt::format("{}:{}:{}", file_.string(), source.begin.line, source.begin.column);
  }

  tl::unexpected<Error> unknown_key(const pb::Descriptor& type, const toml::key& key,
                                    const std::string& path) const {
    std::vector<std::string> known;
    for (int i = 0; i < type.field_count(); ++i) known.push_back(type.field(i)->name());
    const std::string near = nearest(std::string(key.str()), known);
    return fail(
        "config.unknown_key", fmt::format("unknown key '{}'", join(path, key.str())), at(key.source()),
        near.empty() ? fmt::format("Known keys here: {}.", fmt::join(known, ", "))
                     : fmt::format("Did you mean '{}'? Known keys here: {}.", near, fmt::join(known, ", ")));
  }

  tl::unexpected<Error> wrong_type(const toml::node& node, const std::string& path,
                                   std::string_view wanted) const {
    std::string_view got = "another type";
    if (node.is_string()) got = "a string";
    if (node.is_integer()) got = "an integer";
    if (node.is_floating_point()) got = "a number with a fraction";
    if (node.is_boolean()) got = "a boolean";
    if (node.is_array()) got = "an array";
    if (node.is_table()) got = "a table";
    return fail("config.type", fmt::format("'{}' must be {}, not {}", path, wanted, got), at(node.source()));
  }

  void note(const std::string& path, const toml::node& node) {
    if (places_) (*places_)[path] = fmt::format("{}:{}", file_.filename().string(), node.source().begin.line);
  }

  Status value(const toml::node& node, pb::Message& message, const pb::FieldDescriptor& field,
               const std::string& path) {
    note(path, node);
    if (!field.is_repeated()) return single(node, message, field, path);
    const toml::array* array = node.as_array();
    if (!array)
      return wrong_type(node, path, field.message_type() ? "an array of tables ([[...]])" : "an array");
    for (size_t i = 0; i < array->size(); ++i) {
      const std::string element = fmt::format("{}[{}]", path, i);
      note(element, (*array)[i]);
      ASSAY_CHECK(single((*array)[i], message, field, element));
    }
    return {};
  }

  Status single(const toml::node& node, pb::Message& message, const pb::FieldDescriptor& field,
                const std::string& path) {
    const pb::Reflection& access = *message.GetReflection();
    const bool repeated = field.is_repeated();
    switch (field.cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_MESSAGE: {
        const toml::table* inner = node.as_table();
        if (!inner) return wrong_type(node, path, "a table");
        return table(
            *inner,
            *(repeated ? access.AddMessage(&message, &field) : access.MutableMessage(&message, &field)),
            path);
      }
      case pb::FieldDescriptor::CPPTYPE_STRING: {
        if (!node.is_string()) return wrong_type(node, path, "a string");
        ASSAY_TRY(std::string text, checked_text(node, field, path));
        repeated ? access.AddString(&message, &field, text) : access.SetString(&message, &field, text);
        return {};
      }
      case pb::FieldDescriptor::CPPTYPE_INT64: {
        if (!node.is_integer()) return wrong_type(node, path, "an integer");
        const int64_t number = **node.as_integer();
        ASSAY_CHECK(in_range(static_cast<double>(number), node, field, path));
        repeated ? access.AddInt64(&message, &field, number) : access.SetInt64(&message, &field, number);
        return {};
      }
      case pb::FieldDescriptor::CPPTYPE_DOUBLE: {
        if (!node.is_number()) return wrong_type(node, path, "a number");
        const double number = *node.value<double>();
        ASSAY_CHECK(in_range(number, node, field, path));
        repeated ? access.AddDouble(&message, &field, number) : access.SetDouble(&message, &field, number);
        return {};
      }
      case pb::FieldDescriptor::CPPTYPE_BOOL: {
        if (!node.is_boolean()) return wrong_type(node, path, "true or false");
        repeated ? access.AddBool(&message, &field, **node.as_boolean())
                 : access.SetBool(&message, &field, **node.as_boolean());
        return {};
      }
      default:
        return fail("config.type", fmt::format("'{}' has a type that the schema reader does not know", path));
    }
  }

  Result<std::string> checked_text(const toml::node& node, const pb::FieldDescriptor& field,
                                   const std::string& path) const {
    const Rule& limits = field.options().GetExtension(rule);
    std::string text = **node.as_string();
    if (limits.one_of_size() > 0) {
      const std::vector<std::string> known(limits.one_of().begin(), limits.one_of().end());
      if (std::find(known.begin(), known.end(), text) == known.end()) {
        const std::string near = nearest(text, known);
        return fail("config.value",
                    fmt::format("'{}' is \"{}\", which is none of: {}", path, text, fmt::join(known, ", ")),
                    at(node.source()), near.empty() ? "" : fmt::format("Did you mean \"{}\"?", near));
      }
    }
    if (limits.required() && text.empty()) {
      return fail("config.value", fmt::format("'{}' must not be empty", path), at(node.source()));
    }
    if (limits.file() && !text.empty()) text = (file_.parent_path() / text).lexically_normal().string();
    return text;
  }

  Status in_range(double number, const toml::node& node, const pb::FieldDescriptor& field,
                  const std::string& path) const {
    const Rule& limits = field.options().GetExtension(rule);
    const bool finite = number - number == 0;
    if (finite && (!limits.has_min() || number >= limits.min()) &&
        (!limits.has_max() || number <= limits.max()))
      return {};
    std::string range = "finite";
    if (limits.has_min() && limits.has_max())
      range = fmt::format("from {} to {}", limits.min(), limits.max());
    else if (limits.has_min())
      range = fmt::format("at least {}", limits.min());
    else if (limits.has_max())
      range = fmt::format("at most {}", limits.max());
    return fail("config.value", fmt::format("'{}' is {} but must be {}", path, number, range),
                at(node.source()));
  }

  std::filesystem::path file_;
  Places* places_;
};

}  // namespace

Status read_toml(const std::filesystem::path& file, pb::Message& into, Places* places) {
  ASSAY_TRY(const std::string text, read_text(file));
  try {
    const toml::table table = toml::parse(text, file.string());
    return Reader(file, places).table(table, into, "");
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    return fail("config.syntax", std::string(error.description()),
                fmt::format("{}:{}:{}", file.string(), begin.line, begin.column));
  }
}

}  // namespace assay::config
