// The page in headless Chromium: it opens without a console error and never scrolls sideways, on a phone and
// on a desk.
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "base/files.h"
#include "base/subprocess.h"
#include "catch.h"
#include "report/html.h"
#include "report_fixture.h"

using namespace assay;
namespace fixture = assay::report_fixture;

namespace {

// Two frames as wide as a phone and a desk; after loading it writes how far each page overflows its frame.
constexpr const char* kFrames =
    R"(<!DOCTYPE html><body><iframe id="w390" src="page.html" width="390" height="900"></iframe>
<iframe id="w1280" src="page.html" width="1280" height="900"></iframe><script>
addEventListener('load', () => {
  const over = id => {
    const root = document.getElementById(id).contentDocument.documentElement;
    return root.scrollWidth - root.clientWidth;
  };
  // Sections and tables that are wider than their place, and labels that leave their rectangle of the arena.
  const spilled = id => [...document.getElementById(id).contentDocument.querySelectorAll('.content, .first > div, .matrix, .flips, .arenaplot')]
    .filter(e => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > e.ownerDocument.documentElement.clientWidth + 1)
    .map(e => e.className).join('+');
  const labels = id => [...document.getElementById(id).contentDocument.querySelectorAll('.arenaplot g')].filter(g => {
    const text = g.querySelector('text'), box = g.querySelector('rect').getBoundingClientRect();
    if (!text) return false;
    const at = text.getBoundingClientRect();
    return at.width > 0 && (at.left < box.left - 1 || at.right > box.right + 1);
  }).length;
  const cut = id => [...document.getElementById(id).contentDocument.querySelectorAll('.flips td')].filter(e => e.scrollWidth > e.clientWidth + 1).length;
  const page = document.getElementById('w1280').contentDocument, more = page.getElementById('more');
  const before = page.querySelectorAll('table.flips tbody tr').length;
  if (more && !more.hidden) more.click();
  const after = page.querySelectorAll('table.flips tbody tr').length;
  document.body.dataset.result = 'phone ' + over('w390') + ' desk ' + over('w1280') + ' rows ' + before + ' ' + after +
    ' spilled ' + spilled('w390') + '/' + spilled('w1280') + ' labels ' + labels('w390') + '/' + labels('w1280') +
    ' cut ' + cut('w1280') + ' injected ' + page.querySelectorAll('[onerror]').length + ' theme ' + page.getElementById('theme').textContent;
});</script></body>)";

// The page again and again in a browser that has started; the milliseconds of the fastest, navigation to load
// event.
constexpr const char* kAgain = R"(<!DOCTYPE html><body><script>
const times = [];
const open = () => {
  const frame = document.createElement('iframe');
  frame.width = 1280, frame.height = 900, frame.src = 'page.html?' + times.length;
  frame.onload = () => {
    const entry = frame.contentWindow.performance.getEntriesByType('navigation')[0];
    times.push(entry.loadEventStart - entry.startTime);
    if (times.length < 4) open();
  };
  document.body.append(frame);
};
open();
addEventListener('load', () => { document.body.dataset.result = times.length + ' times, ' + Math.round(Math.min(...times)); });
</script></body>)";

struct Page {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("assay_report_page_" + std::to_string(::getpid()));
  Page() { std::filesystem::remove_all(folder), std::filesystem::create_directories(folder / "profile"); }
  ~Page() { std::filesystem::remove_all(folder); }

  // The DOM after loading, and what went to the console.
  Output open(const report::View& view, const char* frames = kFrames) {
    REQUIRE(write_file(folder / "page.html", report::html_page(view)));
    REQUIRE(write_file(folder / "report.css", report::report_css()));
    REQUIRE(write_file(folder / "frames.html", std::string_view(frames)));
    ProcessSpec spec;
    spec.argv = {"chromium",
                 "--headless",
                 "--no-sandbox",
                 "--disable-gpu",
                 "--disable-quic",
                 "--no-first-run",
                 "--disable-background-networking",
                 "--disable-component-update",
                 "--disable-sync",
                 "--allow-file-access-from-files",
                 "--enable-logging=stderr",
                 "--user-data-dir=" + (folder / "profile").string(),
                 "--window-size=1400,1000",
                 "--dump-dom",
                 "file://" + (folder / "frames.html").string()};
    auto output = run_process(spec, Deadline::in(std::chrono::seconds(90)));
    REQUIRE(output);
    return std::move(*output);
  }
};

std::string result_of(const Output& output) {
  constexpr std::string_view kKey = "data-result=\"";
  const size_t at = output.out.find(kKey);
  if (at == std::string::npos) return "no result: " + output.err;
  const size_t from = at + kKey.size();
  return output.out.substr(from, output.out.find('"', from) - from);
}

void check_page(const report::View& view, const std::string& expected) {
  if (!find_program("chromium")) {
    WARN("skipped: chromium is not installed");
    return;
  }
  Page page;
  const Output output = page.open(view);
  CHECK(result_of(output) == expected);
  INFO(output.err);
  CHECK(output.err.find("CONSOLE") == std::string::npos);
}

}  // namespace

TEST_CASE("A failed run fits phone and desk, and its script shows more flips") {
  check_page(fixture::watch_raw(),
             "phone 0 desk 0 rows 8 32 spilled / labels 0/0 cut 0 injected 0 theme dark");
}
TEST_CASE("Long names of classes, channels and tensors stay in their columns and rectangles") {
  const auto view = fixture::spelled_out();
  CHECK(report::html_page(view).find("functional_1/re_lu_1_2") != std::string::npos);
  check_page(view, "phone 0 desk 0 rows 8 32 spilled / labels 0/0 cut 0 injected 0 theme dark");
}
TEST_CASE("A passed run fits phone and desk") {
  check_page(fixture::digits(), "phone 0 desk 0 rows 2 2 spilled / labels 0/0 cut 0 injected 0 theme dark");
}
TEST_CASE("A run with nearly nothing fits phone and desk") {
  check_page(fixture::bare(), "phone 0 desk 0 rows 0 0 spilled / labels 0/0 cut 0 injected 0 theme dark");
}
TEST_CASE("Ten thousand samples and 30 classes fit phone and desk") {
  check_page(fixture::large(), "phone 0 desk 0 rows 8 32 spilled / labels 0/0 cut 0 injected 0 theme dark");
}
TEST_CASE("Hostile names become no elements, in rows that the script makes too") {
  auto view = fixture::hostile();
  for (auto& flip : view.flips) flip.sample = "<img src=data:, onerror=\"window.hacked=1\">";
  if (!find_program("chromium")) {
    WARN("skipped: chromium is not installed");
    return;
  }
  Page page;
  const std::string result = result_of(page.open(view));
  CHECK(result.find("injected 0") != std::string::npos);
  CHECK(result.find("rows 8 32") != std::string::npos);
}
TEST_CASE("Slices, tasks and output tensors of every pair fit phone and desk") {
  auto view = fixture::with_metrics();
  auto& s = view.summary;
  s.task->figures[0].r1 = s.task->figures[0].r2 = s.task->figures[0].r0;
  for (auto* figure :
       {&s.task->figures[0].r0, &s.task->figures[0].r1, &s.task->figures[0].r2, &s.task->figures[0].device})
    (*figure)->lo = 0.9123, (*figure)->hi = 0.9456;
  s.task->figures.push_back(s.task->figures[0]);
  s.task->figures[1].name = "top3_set_agreement";
  s.tensors.push_back(s.tensors[1]), s.tensors.push_back(s.tensors[1]);
  for (auto& pair : s.tensors) {
    pair.bias = -7.893e-7, pair.rmse = 5.553e-5, pair.max_abs_sample = "recordings/s08/r039/0550.wav";
    pair.per_sample = {
        {.metric = "sqnr_db", .p50 = 41.2, .p95 = 12.1, .worst = -0.3, .worst_sample = "s08/r039/0550"}};
  }
  check_page(view, "phone 0 desk 0 rows 2 2 spilled / labels 0/0 cut 0 injected 0 theme dark");
}

TEST_CASE("Ten thousand samples open within a second") {
  if (!find_program("chromium")) {
    WARN("skipped: chromium is not installed");
    return;
  }
  Page page;
  const std::string result = result_of(page.open(fixture::large(), kAgain));
  INFO(result);
  REQUIRE(result.starts_with("4 times, "));
  CHECK(std::stoi(result.substr(9)) < 1000);
}
