// The index in one SQLite file.
//
// Rollback journal, not WAL: WAL needs memory that all processes share, which a network file system does not
// give, and out folders lie on such. Writers wait for each other up to kBusyMs. The file may be lost at any
// time, so a crash of the machine need not be survived: synchronous is NORMAL.
#include <fmt/format.h>
#include <sqlite3.h>

#include "results/run_store.h"

namespace assay::results {
namespace {

constexpr int kBusyMs = 5000;
constexpr int kVersion = 1;  // of the tables; another one is thrown away and made again

constexpr const char* kTables = R"(
CREATE TABLE runs(name TEXT PRIMARY KEY, id TEXT, stamp INTEGER, state INTEGER, started TEXT, profile TEXT, board TEXT,
                  unit TEXT, verdict TEXT, sentence TEXT, samples INTEGER, top1 REAL, latency REAL, latency_unit TEXT,
                  latency_kind TEXT) WITHOUT ROWID;
CREATE INDEX runs_newest ON runs(started DESC, name DESC) WHERE state < 2;
CREATE INDEX runs_profile ON runs(profile, started DESC, name DESC) WHERE state < 2;
CREATE INDEX runs_board ON runs(board, started DESC, name DESC) WHERE state < 2;
CREATE INDEX runs_unsettled ON runs(name) WHERE state > 0 OR stamp = 0;
CREATE TABLE folder(inode INTEGER, modified INTEGER);
INSERT INTO folder VALUES(0, 0);
)";

tl::unexpected<Error> store_error(int code, const std::string& words, const std::string& file) {
  if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
    return fail("results.index_busy",
                fmt::format("the index is written by another process for more than {} s", kBusyMs / 1000),
                file);
  }
  return fail("results.bad_index", fmt::format("the index cannot be used: {}", words), file);
}

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

// One prepared statement: bind() in order, then step(); reset() to use it again.
class Statement {
 public:
  Statement(sqlite3* database, const std::string& text) : database_(database) {
    sqlite3_stmt* made = nullptr;
    code_ = sqlite3_prepare_v2(database, text.c_str(), -1, &made, nullptr);
    statement_.reset(made);
  }
  void bind(const std::string& value) {
    check(sqlite3_bind_text(statement_.get(), ++bound_, value.data(), static_cast<int>(value.size()),
                            SQLITE_TRANSIENT));
  }
  void bind(int64_t value) { check(sqlite3_bind_int64(statement_.get(), ++bound_, value)); }
  void bind(const std::optional<double>& value) {
    check(value ? sqlite3_bind_double(statement_.get(), ++bound_, *value)
                : sqlite3_bind_null(statement_.get(), ++bound_));
  }
  // True: a row is there; false: done, or failed (see code()).
  bool step() {
    if (code_ != SQLITE_OK) return false;
    const int code = sqlite3_step(statement_.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE) code_ = code;
    return code == SQLITE_ROW;
  }
  void reset() {
    sqlite3_reset(statement_.get());
    bound_ = 0;
  }
  std::string text(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    return bytes ? std::string(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column)))
                 : "";
  }
  int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  std::optional<double> real(int column) const {
    if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
    return sqlite3_column_double(statement_.get(), column);
  }
  int code() const { return code_; }
  std::string words() const { return sqlite3_errmsg(database_); }

 private:
  void check(int code) {
    if (code_ == SQLITE_OK) code_ = code;
  }
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, FinishStatement> statement_;
  int code_ = SQLITE_OK, bound_ = 0;
};

struct Where {
  std::string text = "state < 2";
  std::vector<std::string> values;
  void add(const char* condition, const std::string& value) {
    if (value.empty()) return;
    text += fmt::format(" AND {}", condition);
    values.push_back(value);
  }
};

constexpr const char* kColumns =
    "name, id, stamp, state, started, profile, board, unit, verdict, sentence, samples, top1, latency, "
    "latency_unit, latency_kind";

RunRow row_of(const Statement& at) {
  RunRow row;
  row.name = at.text(0), row.id = at.text(1), row.stamp = at.integer(2);
  row.state = static_cast<RunState>(at.integer(3));
  row.started = at.text(4), row.profile = at.text(5), row.board = at.text(6), row.unit = at.text(7);
  row.verdict = at.text(8), row.sentence = at.text(9), row.samples = at.integer(10);
  row.top1 = at.real(11), row.latency = at.real(12), row.latency_unit = at.text(13),
  row.latency_kind = at.text(14);
  return row;
}

void bind_row(Statement& put, const RunRow& row) {
  put.bind(row.name), put.bind(row.id), put.bind(row.stamp), put.bind(static_cast<int64_t>(row.state));
  put.bind(row.started), put.bind(row.profile), put.bind(row.board), put.bind(row.unit);
  put.bind(row.verdict), put.bind(row.sentence), put.bind(row.samples);
  put.bind(row.top1), put.bind(row.latency), put.bind(row.latency_unit), put.bind(row.latency_kind);
}

class SqliteStore final : public RunStore {
 public:
  SqliteStore(Database database, std::string file) : database_(std::move(database)), file_(std::move(file)) {}

  // Makes the tables where there are none of this version; of several processes that start at once, one does.
  Status prepare() {
    ASSAY_TRY(const int64_t found, version());
    if (found == kVersion) return {};
    return in_transaction([&]() -> Status {
      ASSAY_TRY(const int64_t now, version());
      return now == kVersion ? Status() : make_tables();
    });
  }

  Result<OutStamp> stamp() override {
    Statement select(database_.get(), "SELECT inode, modified FROM folder");
    if (!select.step()) return error_of(select);
    return OutStamp{static_cast<uint64_t>(select.integer(0)), select.integer(1)};
  }

  Result<std::vector<KnownRun>> known(bool unsettled_only) override {
    Statement select(database_.get(), fmt::format("SELECT name, stamp, state FROM runs{}",
                                                  unsettled_only ? " WHERE state > 0 OR stamp = 0" : ""));
    std::vector<KnownRun> runs;
    while (select.step())
      runs.push_back({select.text(0), select.integer(1), static_cast<RunState>(select.integer(2))});
    if (select.code() != SQLITE_OK) return error_of(select);
    return runs;
  }

  Status apply(const RunChanges& changes) override {
    return in_transaction([&]() -> Status {
      Statement remove(database_.get(), "DELETE FROM runs WHERE name = ?");
      for (const std::string& name : changes.gone) {
        remove.bind(name);
        remove.step();
        if (remove.code() != SQLITE_OK) return error_of(remove);
        remove.reset();
      }
      Statement put(
          database_.get(),
          fmt::format("INSERT OR REPLACE INTO runs({}) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", kColumns));
      for (const RunRow& row : changes.put) {
        bind_row(put, row);
        put.step();
        if (put.code() != SQLITE_OK) return error_of(put);
        put.reset();
      }
      Statement stamp(database_.get(), "UPDATE folder SET inode = ?, modified = ?");
      stamp.bind(static_cast<int64_t>(changes.stamp.inode)), stamp.bind(changes.stamp.modified_ns);
      stamp.step();
      return stamp.code() == SQLITE_OK ? Status() : error_of(stamp);
    });
  }

  Result<FoundRuns> find(const RunQuery& query) override {
    Where where;
    where.add("profile = ?", query.profile), where.add("board = ?", query.board);
    where.add("verdict = ?", query.verdict), where.add("started >= ?", query.since);
    FoundRuns found;
    Statement count(database_.get(), "SELECT COUNT(*) FROM runs WHERE " + where.text);
    for (const std::string& value : where.values) count.bind(value);
    if (!count.step()) return error_of(count);
    found.total = count.integer(0);
    Statement select(database_.get(),
                     fmt::format("SELECT {} FROM runs WHERE {} ORDER BY started DESC, name DESC LIMIT ?",
                                 kColumns, where.text));
    for (const std::string& value : where.values) select.bind(value);
    select.bind(query.limit > 0 ? query.limit : int64_t{-1});
    while (select.step()) found.rows.push_back(row_of(select));
    if (select.code() != SQLITE_OK) return error_of(select);
    return found;
  }

  Status clear() override {
    return in_transaction([&] { return make_tables(); });
  }

  Status execute(const std::string& text) {
    const int code = sqlite3_exec(database_.get(), text.c_str(), nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return {};
    return store_error(code, sqlite3_errmsg(database_.get()), file_);
  }

 private:
  Result<int64_t> version() {
    Statement select(database_.get(), "PRAGMA user_version");
    if (!select.step()) return error_of(select);
    return select.integer(0);
  }

  Status make_tables() {
    ASSAY_CHECK(execute("DROP TABLE IF EXISTS runs; DROP TABLE IF EXISTS folder;"));
    ASSAY_CHECK(execute(kTables));
    return execute(fmt::format("PRAGMA user_version = {}", kVersion));
  }

  tl::unexpected<Error> error_of(const Statement& statement) const {
    if (statement.code() == SQLITE_OK) return store_error(SQLITE_CORRUPT, "a row is missing", file_);
    return store_error(statement.code(), statement.words(), file_);
  }

  template <class Work>
  Status in_transaction(Work&& work) {
    ASSAY_CHECK(execute("BEGIN IMMEDIATE"));  // two that read first and write then could wait for each other
    const Status done = work();
    if (!done) {
      const Status undone = execute("ROLLBACK");
      return undone ? done : undone;
    }
    return execute("COMMIT");
  }

  Database database_;
  std::string file_;
};

}  // namespace

Result<std::unique_ptr<RunStore>> open_sqlite_store(const std::string& file) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(
      file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Database database(opened);
  if (code != SQLITE_OK) return store_error(code, opened ? sqlite3_errmsg(opened) : "no memory", file);
  sqlite3_busy_timeout(opened, kBusyMs);
  auto store = std::make_unique<SqliteStore>(std::move(database), file);
  ASSAY_CHECK(store->execute("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = NORMAL;"));
  ASSAY_CHECK(store->prepare());
  return store;
}

}  // namespace assay::results
