#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/paths.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "config/catalogue.h"

namespace assay::cli {
namespace {

std::filesystem::path image_of(const config::Board& board) {
  return (board.board().kind() == "process" ? program_dir() : firmware_dir()) / board.firmware().image();
}

int64_t ram_bytes(const config::Board& board) {
  int64_t bytes = 0;
  for (const auto& memory : board.memory()) bytes += memory.kind() == "ram" ? memory.size() : 0;
  return bytes;
}

Result<Exit> list_boards(bool json) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows;
  for (const std::string& name : config::board_names()) {
    ASSAY_TRY(const config::Board board, config::load_board(name));
    std::error_code error;
    const bool built = std::filesystem::exists(image_of(board), error);
    const int64_t ram = ram_bytes(board);
    all.push_back({{"name", name},
                   {"title", board.board().title()},
                   {"core", board.board().core()},
                   {"kind", board.board().kind()},
                   {"evidence", board.board().evidence()},
                   {"ram_bytes", ram},
                   {"model_region_bytes", board.model_region().size()},
                   {"arena_bytes", board.model_region().arena_bytes()},
                   {"firmware", image_of(board).string()},
                   {"firmware_built", built}});
    rows.push_back({name, board.board().core(), board.board().kind(), board.board().evidence(),
                    ram ? bytes_text(static_cast<double>(ram)) : "-", built ? "built" : "not built",
                    board.board().title()});
  }
  if (json) {
    fmt::print("{}\n", all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else {
    fmt::print("{}", table({"board", "core", "kind", "evidence", ">ram", "agent", "what"}, rows, columns(1)));
  }
  return Exit::kPass;
}

}  // namespace

void add_boards(CLI::App& verb, Action& action) {
  auto json = std::make_shared<bool>(false);
  Options options(verb);
  options.flag("--json", *json, "Print JSON");
  options.on_chosen(action, [json] { return list_boards(*json); });
}

}  // namespace assay::cli
