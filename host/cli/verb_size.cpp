#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "base/files.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "config/catalogue.h"
#include "model/file_operators.h"
#include "probe/code_size.h"
#include "probe/operator_names.h"
#include "run/device.h"

namespace assay::cli {
namespace {

using Json = nlohmann::ordered_json;
using probe::MemoryBytes;
using probe::SizeBy;
using probe::SizeChange;
using probe::SizeRow;

struct SizeOptions {
  std::string elf, other, model, by = "symbol";
  int64_t limit = 30;
  bool json = false;
};

struct Key {
  const char* word;
  SizeBy by;
};
constexpr Key kKeys[] = {{"symbol", SizeBy::kSymbol},
                         {"section", SizeBy::kSection},
                         {"operator", SizeBy::kOperator},
                         {"file", SizeBy::kFile}};

SizeBy key_of(const std::string& word) {
  for (const Key& key : kKeys)
    if (key.word == word) return key.by;
  return SizeBy::kSymbol;
}

// Operators of the model; empty without one.
using Used = std::set<std::string>;

Result<Used> used_operators(const std::string& file) {
  Used used;
  if (file.empty()) return used;
  ASSAY_TRY(const auto bytes, read_bytes(file));
  ASSAY_TRY(const auto operators,
            model::read_operators(bytes, std::filesystem::path(file).filename().string()));
  for (const auto& op : operators.operators) used.insert(op.op);
  return used;
}

// "yes", "no: the model has no such operator", or nothing where it is no operator.
const char* use_of(const std::string& name, const Used& used) {
  if (name == probe::kSharedCode || name == probe::kModelData) return "";
  for (const std::string& op : used)
    if (probe::names_operator(name, op)) return "yes";
  return "no";
}

Json bytes_json(const MemoryBytes& bytes) {
  return {{"code", bytes.code},     {"constants", bytes.constants}, {"data", bytes.data},
          {"zeroed", bytes.zeroed}, {"flash", bytes.flash()},       {"ram", bytes.ram()},
          {"total", bytes.total()}};
}

void append_bytes(std::vector<std::string>& cells, const MemoryBytes& bytes) {
  for (const uint64_t part : {bytes.total(), bytes.code, bytes.constants, bytes.data, bytes.zeroed})
    cells.push_back(part ? std::to_string(part) : "-");
}

std::string totals_text(const MemoryBytes& total) {
  return fmt::format("flash {} B (code {}, constants {}, initial values {}), RAM {} B (data {}, zeroed {})",
                     total.flash(), total.code, total.constants, total.data, total.ram(), total.data,
                     total.zeroed);
}

void print_unused(const std::vector<SizeRow>& rows, const Used& used) {
  uint64_t unused = 0;
  for (const SizeRow& row : rows)
    if (std::string_view(use_of(row.name, used)) == "no") unused += row.bytes.flash();
  fmt::print("\n{} B of flash serve operators that the model does not have\n", unused);
}

Result<Exit> print_one(const SizeOptions& options, const std::vector<probe::CodePart>& parts) {
  ASSAY_TRY(const Used used, used_operators(options.model));
  const auto rows = sizes_by(parts, key_of(options.by));
  const MemoryBytes total = total_of(rows);
  const bool uses = options.by == "operator" && !options.model.empty();
  if (options.json) {
    Json list = Json::array();
    for (const SizeRow& row : rows) {
      Json entry = bytes_json(row.bytes);
      entry["name"] = row.name;
      entry["symbols"] = row.count;
      entry["estimated"] = row.estimated;
      if (uses && *use_of(row.name, used)) entry["used"] = std::string_view(use_of(row.name, used)) == "yes";
      list.push_back(std::move(entry));
    }
    const Json object = {
        {"file", options.elf}, {"by", options.by}, {"total", bytes_json(total)}, {"rows", list}};
    fmt::print("{}\n", object.dump(2, ' ', false, Json::error_handler_t::replace));
    return Exit::kPass;
  }
  std::vector<std::string> header = {options.by, ">bytes", ">code", ">const", ">data", ">zeroed", ">symbols"};
  if (uses) header.push_back("in the model");
  std::vector<std::vector<std::string>> cells;
  SizeRow rest{.name = "", .bytes = {}, .count = 0, .estimated = false};
  for (size_t i = 0; i < rows.size(); ++i) {
    if (options.limit > 0 && i >= static_cast<size_t>(options.limit)) {
      rest.bytes += rows[i].bytes;
      rest.count += rows[i].count;
      continue;
    }
    cells.push_back({rows[i].name + (rows[i].estimated ? " ~" : "")});
    append_bytes(cells.back(), rows[i].bytes);
    cells.back().push_back(std::to_string(rows[i].count));
    if (uses) cells.back().push_back(use_of(rows[i].name, used));
  }
  if (rest.count > 0) {
    cells.push_back({fmt::format("({} others)", rows.size() - cells.size())});
    append_bytes(cells.back(), rest.bytes);
    cells.back().push_back(std::to_string(rest.count));
    if (uses) cells.back().push_back("");
  }
  fmt::print("{}\n{}\n", table(header, cells, columns(1)), totals_text(total));
  if (uses) print_unused(rows, used);
  return Exit::kPass;
}

Result<Exit> print_change(const SizeOptions& options, const std::vector<probe::CodePart>& before,
                          const std::vector<probe::CodePart>& now) {
  const auto old_rows = sizes_by(before, key_of(options.by)), new_rows = sizes_by(now, key_of(options.by));
  const auto changes = size_changes(old_rows, new_rows);
  const MemoryBytes old_total = total_of(old_rows), new_total = total_of(new_rows);
  const auto difference = [](uint64_t a, uint64_t b) {
    return static_cast<int64_t>(b) - static_cast<int64_t>(a);
  };
  const int64_t flash = difference(old_total.flash(), new_total.flash()),
                ram = difference(old_total.ram(), new_total.ram());
  if (options.json) {
    Json list = Json::array();
    for (const SizeChange& change : changes) {
      list.push_back({{"name", change.name},
                      {"word", change.word},
                      {"delta", change.delta()},
                      {"before", bytes_json(change.before)},
                      {"now", bytes_json(change.now)}});
    }
    const Json object = {{"before", options.elf},
                         {"now", options.other},
                         {"by", options.by},
                         {"flash_delta", flash},
                         {"ram_delta", ram},
                         {"total_before", bytes_json(old_total)},
                         {"total_now", bytes_json(new_total)},
                         {"changes", list}};
    fmt::print("{}\n", object.dump(2, ' ', false, Json::error_handler_t::replace));
    return Exit::kPass;
  }
  std::vector<std::vector<std::string>> cells;
  int64_t rest = 0;
  for (size_t i = 0; i < changes.size(); ++i) {
    const SizeChange& change = changes[i];
    if (options.limit > 0 && i >= static_cast<size_t>(options.limit)) {
      rest += change.delta();
      continue;
    }
    cells.push_back({change.name, change.word, fmt::format("{:+}", change.delta()),
                     std::to_string(change.before.total()), std::to_string(change.now.total())});
  }
  if (cells.size() < changes.size())
    cells.push_back(
        {fmt::format("({} others)", changes.size() - cells.size()), "", fmt::format("{:+}", rest), "", ""});
  if (changes.empty())
    fmt::print("No {} differs in size.\n", options.by);
  else
    fmt::print("{}\n", table({options.by, "change", ">delta", ">before", ">now"}, cells, columns(1)));
  fmt::print("flash {:+} B ({} to {}), RAM {:+} B ({} to {})\n", flash, old_total.flash(), new_total.flash(),
             ram, old_total.ram(), new_total.ram());
  return Exit::kPass;
}

// A file, or the stock firmware of a board.
Result<probe::ElfImage> image_of(const std::string& name) {
  std::error_code error;
  if (!std::filesystem::exists(name, error)) {
    if (const auto board = config::load_board(name))
      return probe::ElfImage::read(run::firmware_image(*board));
  }
  return probe::ElfImage::read(name);
}

Result<Exit> size(const SizeOptions& options) {
  if (!options.model.empty() && options.by != "operator")
    return fail("cli.usage", "--model says which operators are needed: it goes with --by operator");
  ASSAY_TRY(const auto image, image_of(options.elf));
  const auto parts = probe::code_parts(image);
  if (options.other.empty()) return print_one(options, parts);
  if (!options.model.empty()) return fail("cli.usage", "--model goes with one program, not with two");
  ASSAY_TRY(const auto other, image_of(options.other));
  return print_change(options, parts, probe::code_parts(other));
}

}  // namespace

void add_size(CLI::App& verb, Action& action) {
  auto choice = std::make_shared<SizeOptions>();
  Options options(verb);
  options.positional("elf", choice->elf, "The program, linked; or a board: its stock firmware").required();
  options.positional("other", choice->other, "A later build of it: what changed is listed");
  options
      .option("--by", choice->by,
              "What a row is: a function or variable, a section, an operator, a source file")
      .among({"symbol", "section", "operator", "file"});
  options.option("--model", choice->model, "The .tflite that it runs: which operators' code is needed");
  options.option("--limit", choice->limit, "Rows to print, the largest first; 0: all").between(0, 1e9);
  options.flag("--json", choice->json, "Print JSON, all rows");
  options.on_chosen(action, [choice] { return size(*choice); });
}

}  // namespace assay::cli
