#include "config/toml_reader.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/message.h>

#include <toml++/toml.h>

#include "base/files.h"
#include "config/nearest.h"
#include "config/quantity.h"
#include "config/rule.pb.h"

namespace assay::config {
namespace pb = google::protobuf;
namespace fs = std::filesystem;
namespace {

constexpr uintmax_t kLongestFile = 1 << 20;  // bytes; a configuration is written by hand
constexpr size_t kDeepestInclude = 8;
constexpr const char* kInclude = "include";

std::string at(const toml::source_region& source) {
  return fmt::format("{}:{}:{}", source.path ? *source.path : "", source.begin.line, source.begin.column);
}

// A file and what it includes, as one table whose nodes know the file in which they stand.
class Files {
 public:
  Result<toml::table> load(const fs::path& file, const std::string& named_at) {
    std::error_code error;
    const fs::path real = fs::weakly_canonical(file, error);
    for (const fs::path& open : chain_) {
      if (open == real) return circle(real, named_at);
    }
    if (chain_.size() >= kDeepestInclude) {
      return fail("config.include",
                  fmt::format("more than {} files include each other in a chain", kDeepestInclude), named_at);
    }
    chain_.push_back(real);
    auto table = merged(file, named_at);
    chain_.pop_back();
    return table;
  }

 private:
  static Result<std::string> text_of(const fs::path& file, const std::string& named_at) {
    const auto unreadable = [&](const std::string& why) {
      return fail("config.unreadable", fmt::format("{} {}", file.string(), why), named_at);
    };
    std::error_code error;
    const auto kind = fs::status(file, error);
    if (kind.type() == fs::file_type::not_found) return unreadable("does not exist");
    // A pipe would be waited for, a device never ends.
    if (error || kind.type() != fs::file_type::regular) {
      return unreadable(error                    ? fmt::format("cannot be read: {}", error.message())
                        : fs::is_directory(kind) ? "is a folder, not a file"
                                                 : "is no plain file");
    }
    const auto size = fs::file_size(file, error);
    if (!error && size > kLongestFile)
      return unreadable(fmt::format("has {} bytes, a configuration at most {}", size, kLongestFile));
    auto text = read_text(file);
    if (!text) return unreadable(fmt::format("cannot be read: {}", text.error().message));
    return std::move(*text);
  }

  Result<toml::table> merged(const fs::path& file, const std::string& named_at) {
    ASSAY_TRY(const std::string text, text_of(file, named_at));
    toml::table own;
    try {
      own = toml::parse(text, file.string());
    } catch (const toml::parse_error& error) {
      return fail(
          "config.syntax", std::string(error.description()),
          fmt::format("{}:{}:{}", file.string(), error.source().begin.line, error.source().begin.column));
    }
    const toml::node* include = own.get(kInclude);
    if (!include) return own;
    std::vector<const toml::node*> named;
    if (const toml::array* list = include->as_array()) {
      for (const toml::node& element : *list) named.push_back(&element);
    } else {
      named.push_back(include);
    }
    toml::table base;
    for (const toml::node* node : named) {
      if (!node->is_string())
        return fail("config.type", "'include' must be a file name or an array of file names",
                    at(node->source()));
      ASSAY_TRY(toml::table below, load(file.parent_path() / **node->as_string(), at(node->source())));
      add_missing(below, std::move(base));  // what is included later wins
      base = std::move(below);
    }
    own.erase(kInclude);
    add_missing(own, std::move(base));
    return own;
  }

  // Keys of `base` that `own` lacks; tables key by key, everything else (arrays too) as a whole.
  static void add_missing(toml::table& own, toml::table&& base) {
    for (auto&& [key, node] : base) {
      toml::node* mine = own.get(key.str());
      if (!mine) {
        node.visit([&own, &name = key](auto& value) { own.insert(name, std::move(value)); });
      } else if (mine->is_table() && node.is_table()) {
        add_missing(*mine->as_table(), std::move(*node.as_table()));
      }
    }
  }

  tl::unexpected<Error> circle(const fs::path& again, const std::string& named_at) const {
    std::string names;
    for (const fs::path& open : chain_) names += open.filename().string() + " -> ";
    return fail("config.include",
                fmt::format("files include each other in a circle: {}{}", names, again.filename().string()),
                named_at);
  }

  std::vector<fs::path> chain_;  // that are being read
};

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
    if (!places_) return;
    // An included file lies beside this one or elsewhere: named as seen from here.
    const fs::path seen = file_of(node).lexically_relative(file_.parent_path());
    (*places_)[path] =
        fmt::format("{}:{}", seen.empty() ? file_of(node).string() : seen.string(), node.source().begin.line);
  }

  fs::path file_of(const toml::node& node) const {
    return node.source().path ? fs::path(*node.source().path) : file_;
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
        ASSAY_TRY(const int64_t number, whole_number(node, field, path));
        ASSAY_CHECK(in_range(static_cast<double>(number), node, field, path));
        repeated ? access.AddInt64(&message, &field, number) : access.SetInt64(&message, &field, number);
        return {};
      }
      case pb::FieldDescriptor::CPPTYPE_DOUBLE: {
        ASSAY_TRY(const double number, real_number(node, field, path));
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

  // A key whose Rule names a unit also takes text: "4 MiB".
  Result<double> with_unit(const toml::node& node, const pb::FieldDescriptor& field,
                           const std::string& path) const {
    auto number = quantity(**node.as_string(), field.options().GetExtension(rule).unit());
    if (number) return *number;
    return fail(number.error().code, fmt::format("'{}': {}", path, number.error().message), at(node.source()),
                number.error().remedy);
  }

  Result<double> real_number(const toml::node& node, const pb::FieldDescriptor& field,
                             const std::string& path) const {
    const bool united = !field.options().GetExtension(rule).unit().empty();
    if (united && node.is_string()) return with_unit(node, field, path);
    if (!node.is_number())
      return wrong_type(node, path, united ? "a number, or text with a unit" : "a number");
    return *node.value<double>();
  }

  Result<int64_t> whole_number(const toml::node& node, const pb::FieldDescriptor& field,
                               const std::string& path) const {
    const std::string& unit = field.options().GetExtension(rule).unit();
    if (!unit.empty() && node.is_string()) {
      ASSAY_TRY(const double number, with_unit(node, field, path));
      const bool whole =
          std::abs(number) < 9e15 && number == static_cast<double>(static_cast<int64_t>(number));
      if (!whole)
        return fail(
            "config.value",
            fmt::format("'{}' is \"{}\", which is no whole number of {}", path, **node.as_string(), unit),
            at(node.source()));
      return static_cast<int64_t>(number);
    }
    if (!node.is_integer())
      return wrong_type(node, path, unit.empty() ? "an integer" : "an integer, or text with a unit");
    return **node.as_integer();
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
    if (limits.file() && !text.empty())
      text = (file_of(node).parent_path() / text).lexically_normal().string();
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
  ASSAY_TRY(const toml::table table, Files().load(file, ""));
  return Reader(file, places).table(table, into, "");
}

}  // namespace assay::config
