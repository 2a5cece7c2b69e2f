#include "dataset/sample_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "config/profile.pb.h"
#include "dataset/info_labels.h"
#include "dataset/labels.h"

namespace assay::dataset {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTables[] = {"y_labels.csv", "labels.csv"};

bool extension_fits(const fs::path& path, std::string_view extensions) {
  std::string wanted = path.extension().string();
  std::transform(wanted.begin(), wanted.end(), wanted.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return !wanted.empty() &&
         fmt::format(" {} ", extensions).find(fmt::format(" {} ", wanted)) != std::string::npos;
}

// Names come from a table: they must stay inside the folder.
bool leaves_folder(const fs::path& name) {
  return name.empty() || name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end();
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

class Listing {
 public:
  Listing(const config::Data& data, const ListOptions& options)
      : data_(data), options_(options), folder_(data.path()) {}

  Result<SampleFiles> list() {
    std::error_code error;
    if (!fs::is_directory(folder_, error)) return single_file();
    const fs::path table = table_of_labels();
    if (!table.empty()) {
      ASSAY_CHECK(from_table(table));
    } else {
      ASSAY_TRY(const auto entries, read_info_labels(folder_));
      if (entries) {
        ASSAY_CHECK(from_info(*entries));
      } else {
        ASSAY_CHECK(from_names());
      }
    }
    ASSAY_CHECK(check_ids());
    return std::move(found_);
  }

 private:
  Result<SampleFiles> single_file() {
    found_.files.push_back({folder_.filename().string(), folder_});
    if (!data_.labels().empty()) {
      found_.facts.ids = {found_.files[0].id};
      ASSAY_CHECK(add_labels(data_, found_.facts));
    } else if (options_.label_from_name) {
      ASSAY_CHECK(label_all({label_of_name(found_.files[0].id)}));
    }
    ASSAY_CHECK(check_ids());
    return std::move(found_);
  }

  fs::path table_of_labels() const {
    if (!data_.labels().empty()) return data_.labels();
    for (const char* name : kTables) {
      if (is_file(folder_ / name)) return folder_ / name;
    }
    return {};
  }

  Status add_file(const std::string& name, const std::string& where) {
    if (leaves_folder(name) || !is_file(folder_ / name)) {
      return fail("dataset.not_found",
                  fmt::format("{} names '{}', which the folder does not hold", where, shown(name)),
                  folder_.string(), "Copy the missing file, or remove its line from the table of labels.");
    }
    if (!extension_fits(name, options_.extensions)) {
      return fail("dataset.mixed",
                  fmt::format("{} names '{}', the samples of this folder are {}", where, shown(name),
                              options_.extensions),
                  folder_.string(),
                  "Keep samples of one format in a folder, or correct the table of labels.");
    }
    found_.files.push_back({name, folder_ / name});
    return {};
  }

  Status from_table(const fs::path& table) {
    const ClassNames classes({data_.classes().begin(), data_.classes().end()});
    ASSAY_TRY(Labels labels, read_labels(table, classes));
    // Labels as .npy have no names: they are those of all files, in the order of their names.
    if (labels.ids.empty() && table.extension() == ".npy") {
      ASSAY_TRY(const auto names, names_below());
      for (const std::string& name : names) ASSAY_CHECK(add_file(name, "the folder"));
    }
    for (const std::string& name : labels.ids) ASSAY_CHECK(add_file(name, "the table of labels"));
    for (size_t i = 0; i < labels.window_bytes.size(); ++i) {
      found_.files[i].window_bytes = labels.window_bytes[i];
      found_.files[i].stride_bytes = labels.stride_bytes[i];
    }
    found_.facts.labels = std::move(labels.values);
    found_.facts.class_count = labels.class_count;
    found_.facts.slices = std::move(labels.slices);
    return {};
  }

  Status from_info(const std::vector<InfoEntry>& entries) {
    std::set<std::string> keys;
    for (const InfoEntry& entry : entries) {
      ASSAY_CHECK(add_file(entry.path, "info.labels"));
      for (const auto& [key, value] : entry.metadata) keys.insert(key);
    }
    std::vector<std::vector<InfoLabel>> labels;
    SliceColumn category{"category", {}};
    for (const InfoEntry& entry : entries) {
      labels.push_back(entry.labels);
      category.values.push_back(entry.category);
    }
    found_.facts.slices.push_back(std::move(category));
    for (const std::string& key : keys) {
      if (key == "category") continue;
      SliceColumn column{key, {}};
      for (const InfoEntry& entry : entries)
        column.values.push_back(entry.metadata.contains(key) ? entry.metadata.at(key) : "");
      found_.facts.slices.push_back(std::move(column));
    }
    return label_spans(labels);
  }

  // All files, and what their places say of them.
  Status from_names() {
    ASSAY_TRY(const auto names, names_below());
    size_t below = 0;
    for (const std::string& name : names) {
      ASSAY_CHECK(add_file(name, "the folder"));
      below += name.find('/') != std::string::npos;
    }
    std::vector<std::string> labels;
    if (options_.label_from_name) {
      for (const SampleFile& file : found_.files) labels.push_back(label_of_name(file.id));
    } else if (below > 0 && below == names.size()) {
      for (const SampleFile& file : found_.files) labels.push_back(file.id.substr(0, file.id.find('/')));
    } else if (below > 0) {
      return fail(
          "dataset.mixed",
          fmt::format("{} samples lie in sub-folders and {} beside them: '{}'", below, names.size() - below,
                      *std::find_if(names.begin(), names.end(),
                                    [](const auto& name) { return name.find('/') == std::string::npos; })),
          folder_.string(), "Put every sample into the folder of its class, or list them in labels.csv.");
    }
    return label_all(labels);
  }

  static std::string label_of_name(const std::string& id) {
    const std::string name = id.substr(id.rfind('/') + 1);  // npos + 1 is 0
    return name.substr(0, name.find('.'));
  }

  Status label_all(const std::vector<std::string>& labels) {
    std::vector<std::vector<InfoLabel>> spans;
    for (const std::string& label : labels) spans.push_back({{label}});
    return label_spans(spans);
  }

  // Names become numbers: those of [data], else of all names, sorted.
  Status label_spans(const std::vector<std::vector<InfoLabel>>& all) {
    std::vector<std::string> names(data_.classes().begin(), data_.classes().end());
    size_t labelled = 0, changing = 0;
    std::set<std::string> there;
    for (const auto& labels : all) {
      labelled += !labels.empty();
      for (const InfoLabel& label : labels) {
        there.insert(label.label);
        changing += label.last >= 0;
      }
    }
    if (labelled == 0) return {};
    if (labelled < all.size()) {
      const auto first =
          std::find_if(all.begin(), all.end(), [](const auto& labels) { return labels.empty(); });
      return fail("dataset.label_missing",
                  fmt::format("{} of {} samples have no label, the first is '{}'", all.size() - labelled,
                              all.size(), found_.files[static_cast<size_t>(first - all.begin())].id),
                  folder_.string(), "Label them, or remove them from info.labels.");
    }
    if (names.empty()) {
      names.assign(there.begin(), there.end());
      found_.facts.classes = names;
    }
    const ClassNames classes(names);
    for (size_t i = 0; i < all.size(); ++i) {
      std::vector<LabelSpan> spans;
      for (const InfoLabel& label : all[i]) {
        ASSAY_TRY(const int64_t number, classes.number_of(label.label, found_.files[i].path.string()));
        spans.push_back({label.first, label.last, number});
      }
      found_.facts.labels.push_back(spans[0].label);
      if (changing > 0) found_.facts.spans.push_back(std::move(spans));
    }
    return {};
  }

  Result<std::vector<std::string>> names_below() const {
    std::vector<std::string> names;
    std::error_code error;
    fs::recursive_directory_iterator entry(folder_, error), end;
    for (; !error && entry != end; entry.increment(error)) {
      const fs::path& path = entry->path();
      if (path.filename().string().starts_with('.')) {
        entry.disable_recursion_pending();
      } else if (extension_fits(path, options_.extensions) && path.filename() != "manifest.json" &&
                 entry->is_regular_file(error)) {
        names.push_back(path.lexically_relative(folder_).generic_string());
      }
    }
    if (error)
      return fail("dataset.not_found", fmt::format("cannot list the folder: {}", error.message()),
                  folder_.string());
    std::sort(names.begin(), names.end());
    return names;
  }

  // Reports and tables hold text.
  Status check_ids() const {
    std::set<std::string_view> seen;
    for (const SampleFile& file : found_.files) {
      if (!is_utf8(file.id))
        return fail("dataset.malformed", fmt::format("the name '{}' is no UTF-8", shown(file.id)),
                    folder_.string(), "Rename the file.");
      if (!seen.insert(file.id).second)
        return fail("dataset.duplicate_id", fmt::format("'{}' is listed twice", file.id), folder_.string());
    }
    const size_t labels = found_.facts.labels.size();
    if (labels > 0 && labels != found_.files.size())
      return fail("dataset.label_missing", fmt::format("{} labels for {} files", labels, found_.files.size()),
                  data_.labels().empty() ? folder_.string() : data_.labels(), "Give each file one label.");
    return {};
  }

  const config::Data& data_;
  const ListOptions& options_;
  fs::path folder_;
  SampleFiles found_;
};

// Bytes of the character that begins at `at`; 0: none does.
size_t utf8_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 && first < 0xf5   ? 4
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xc2 && first < 0xe0 ? 2
                                                        : 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, beyond U+10FFFF.
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
      (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f))
    return 0;
  return length;
}

}  // namespace

Result<SampleFiles> list_samples(const config::Data& data, const ListOptions& options) {
  return Listing(data, options).list();
}

void take_facts(SampleFiles& from, Stored& into) {
  into.labels = std::move(from.facts.labels);
  into.spans = std::move(from.facts.spans);
  into.class_count = from.facts.class_count;
  into.classes = std::move(from.facts.classes);
  into.slices = std::move(from.facts.slices);
}

bool is_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string shown(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_length(text, at);
    out += length ? std::string(text.substr(at, length))
                  : fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
    at += std::max<size_t>(length, 1);
  }
  return out;
}

}  // namespace assay::dataset
