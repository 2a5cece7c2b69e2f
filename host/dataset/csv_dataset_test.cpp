#include "dataset/csv_records.h"
#include "dataset/dataset.h"
#include "dataset/fixture.h"
#include "dataset/slice.h"

namespace assay::dataset {
namespace {

config::Data csv(const Scratch& scratch, std::string_view text) {
  config::Data data;
  data.set_path(scratch.file("d.csv", text));
  return data;
}

Dataset opened(const config::Data& data) {
  auto dataset = open_dataset(data);
  if (!dataset) FAIL(dataset.error().code << ": " << dataset.error().text());
  return std::move(*dataset);
}

std::vector<double> reals(const Dataset& dataset, size_t row) {
  return real_values(dataset.inputs.info, dataset.inputs.row(row));
}

struct Bad {
  const char* text;
  const char* code;
  const char* part;  // of "message (where)"
};

void refused(const config::Data& data, const std::string& code, const std::string& part,
             const std::string& remedy = "") {
  const auto dataset = open_dataset(data);
  REQUIRE_FALSE(dataset);
  CHECK(dataset.error().code == code);
  CHECK_THAT(dataset.error().text(), Catch::Contains(part));
  CHECK_THAT(dataset.error().remedy, Catch::Contains(remedy));
}

}  // namespace

TEST_CASE("columns become inputs, labels, ids and slices") {
  const Scratch scratch;
  config::Data data = csv(scratch,
                          "\xef\xbb\xbf"
                          "file,f0,subject,f1,label\r\n"
                          "\"a, \"\"b\"\"\r\nc\",1.5, 3 ,+2,Go\r\n"
                          "\r\n"
                          "d,-1e-3,4,1e-400,Down");
  data.add_classes("Down");
  data.add_classes("Go");
  data.add_slice_columns("subject");
  const Dataset dataset = opened(data);
  CHECK(dataset.inputs.info.shape() == "1x2");
  CHECK(dataset.inputs.info.type == ElementType::kFloat32);
  CHECK(reals(dataset, 0) == std::vector<double>{1.5, 2});
  CHECK(reals(dataset, 1) == std::vector<double>{-1e-3f, 0});
  CHECK(dataset.labels == std::vector<int>{1, 0});
  CHECK(dataset.ids == std::vector<std::string>{"a, \"b\"\r\nc", "d"});
  REQUIRE(dataset.slices.size() == 1);
  CHECK(dataset.slices[0].values == std::vector<std::string>{" 3 ", "4"});
}

TEST_CASE("columns are found by their titles or by name") {
  const Scratch scratch;
  CHECK(opened(csv(scratch, "a,y\n1,0\n")).labels == std::vector<int>{0});
  // y is an axis here.
  const Dataset axes = opened(csv(scratch, "x,y,z\n1,2,3\n"));
  CHECK_FALSE(axes.labelled());
  CHECK(axes.inputs.info.shape() == "1x3");
  CHECK(axes.ids == std::vector<std::string>{"0"});
  config::Data data = csv(scratch, "x,y,name,truth\n1,2,n,1\n");
  data.set_label_column("truth");
  data.set_id_column("name");
  CHECK(opened(data).labels == std::vector<int>{1});
  CHECK(opened(data).ids == std::vector<std::string>{"n"});
  data.set_label_column("thruth");
  refused(data, "dataset.not_found", "no column 'thruth', which `label_column`", "Did you mean 'truth'?");
  data.set_label_column("truth");
  data.add_slice_columns("x");
  data.add_slice_columns("y");
  refused(data, "dataset.shape", "no column is left");
  data = csv(scratch, "a,label\n1,0\n");
  data.set_labels(scratch.file("labels.csv", "0,0\n"));
  refused(data, "dataset.malformed", "and from column 'label'");
}

TEST_CASE("integers of the model stay integers") {
  const Scratch scratch;
  config::Data data = csv(scratch, "a,b,label\n-128,127,0\n");
  data.set_quantised(true);
  CHECK(opened(data).inputs.info.type == ElementType::kInt8);
  CHECK(reals(opened(data), 0) == std::vector<double>{-128, 127});
  data = csv(scratch, "a,b\n1,128\n");
  data.set_type("int8");
  refused(data, "dataset.type", "'128' in column 'b' is no int8 (" + data.path() + ":2:3)");
  data = csv(scratch, "a,b\n1,0.5\n");
  data.set_type("int32");
  refused(data, "dataset.type", "'0.5' in column 'b' is no int32");
}

TEST_CASE("labels are classes by name or number") {
  const Scratch scratch;
  config::Data data = csv(scratch, "a,label\n1,Go\n2,1\n3,Stopp\n");
  for (const char* name : {"Down", "Go", "Stop"}) data.add_classes(name);
  refused(data, "dataset.label_range",
          "label 'Stopp' is no class and no number in 0..2 (" + data.path() + ":4:3)",
          "Did you mean 'Stop'? Classes: Down, Go, Stop.");
  data.set_path(scratch.file("d.csv", "a,label\n1,3\n"));
  refused(data, "dataset.label_range", "d.csv:2:3");
  data.set_path(scratch.file("d.csv", "a,label\n1,\n"));
  refused(data, "dataset.label_missing", "the label is empty");
  data.clear_classes();
  data.set_path(scratch.file("d.csv", "a,label\n1,Go\n"));
  refused(data, "dataset.malformed", "'Go' is no class number", "list the classes");
  data.set_path(scratch.file("d.csv", "a,label\n1,-1\n"));
  refused(data, "dataset.label_range", "label -1 is below 0");
  // A class that is called like the number of another one is meant by its name.
  data.set_path(scratch.file("d.csv", "a,label\n1,0\n"));
  for (const char* name : {"1", "0"}) data.add_classes(name);
  CHECK(opened(data).labels == std::vector<int>{1});
}

TEST_CASE("what is no CSV names its line") {
  const Scratch scratch;
  const std::string utf16(
      "\xff\xfe"
      "a\0,\0b\0\n\0",
      10);
  const Bad bads[] = {
      {"a,b\n1,2\n1,2,3\n", "dataset.malformed", "3 fields, the line of titles has 2"},
      {"a,b\n1,2\n1\n", "dataset.malformed", "d.csv:3)"},
      {"a,b\n\"1\",2\n1,\"2\n3,4\n", "dataset.malformed", "a quote never closes"},
      {"a,b\n\"1\"x,2\n", "dataset.malformed", "text after the closing quote of field 1"},
      {"a,b\n1,2\n3,4x\n", "dataset.malformed", "'4x' in column 'b' is no number ("},
      {"a,b\n1,2\n 3,\n", "dataset.malformed", "no value in column 'b' ("},
      {"a,b\n1,2\n 3,x\n", "dataset.malformed", "d.csv:3:4)"},
      {"a,b\n1,nan\n", "dataset.nan", "nan in column 'b' ("},
      {"a,b\n1,-inf\n", "dataset.nan", "d.csv:2:3)"},
      {"a,b\n1,1e39\n", "dataset.type", "'1e39' in column 'b' is no float32"},
      {"1,2\n3,4\n", "dataset.malformed", "the first line holds numbers"},
      {"a;b\n1;2\n", "dataset.malformed", "separated by ';'"},
      {"a\tb\n", "dataset.malformed", "separated by tabs"},
      {"a,,b\n", "dataset.malformed", "column 2 has no title"},
      {"a,b,a\n", "dataset.malformed", "two columns are called 'a'"},
      {"", "dataset.empty", "the table is empty"},
      {"\n\r\n", "dataset.empty", "the table is empty"},
      {"a,b\n", "dataset.empty", "no sample"},
      {"a,b\r\n1,\"\r\n\"\r\n", "dataset.malformed", "d.csv:2:3)"},
  };
  for (const Bad& bad : bads) {
    INFO(bad.text);
    refused(csv(scratch, bad.text), bad.code, bad.part);
  }
  refused(csv(scratch, utf16), "dataset.malformed", "NUL byte", "UTF-8");
}

TEST_CASE("a table of any size is read in pieces") {
  const Scratch scratch;
  std::string text = "a,note,label\n";
  for (int i = 0; i < 60000; ++i)
    text += std::to_string(i) + (i % 7 ? ",plain," : ",\"quoted, and\nbroken over lines\",") +
            std::to_string(i % 5) + "\n";
  REQUIRE(text.size() > (size_t{1} << 20));
  config::Data data = csv(scratch, text);
  data.add_slice_columns("note");
  const Dataset dataset = opened(data);
  REQUIRE(dataset.count() == 60000);
  CHECK(reals(dataset, 59999) == std::vector<double>{59999});
  CHECK(dataset.labels[59999] == 4);
  CHECK(dataset.slices[0].values[59997] == "quoted, and\nbroken over lines");
  // Line numbers count the breaks inside fields: 60000 samples, every seventh of which takes two lines.
  refused(csv(scratch, text + "x,n,0\n"), "dataset.malformed", "no number");
  data.set_path(scratch.path / "d.csv");
  refused(data, "dataset.malformed", "d.csv:68574:1)");
  // A quote that never closes does not make the reader hold the whole file.
  const std::string endless = "a,b\n1,\"" + std::string(CsvRecords::kMaxRecordBytes * 2, 'x');
  refused(csv(scratch, endless), "dataset.malformed", "no end of the record within 16 MiB");
}

TEST_CASE("tables of labels may have titles, class names and columns to slice by") {
  const Scratch scratch;
  config::Data data;
  for (const char* name : {"a.bin", "b.bin", "c.bin"}) scratch.file(name, "12");
  data.set_path(scratch.path.string());
  for (const char* name : {"Down", "Go", "Left"}) data.add_classes(name);
  scratch.file("y_labels.csv",
               "file,n_classes,class,subject\na.bin,3,Go,ann\nb.bin,3,2,bob\nc.bin,3,0,ann\n");
  CHECK(opened(data).labels == std::vector<int>{1, 2, 0});
  REQUIRE(opened(data).slices.size() == 1);
  const auto anns = take(opened(data), {.where = {{"subject", "ann"}}});
  REQUIRE(anns);
  CHECK(anns->ids == std::vector<std::string>{"a.bin", "c.bin"});
  scratch.file("y_labels.csv", "a.bin,Go\nb.bin,Left\nc.bin,0\n");
  CHECK(opened(data).labels == std::vector<int>{1, 2, 0});
  scratch.file("y_labels.csv", "a.bin,Go\nb.bin,Lef\n");
  refused(data, "dataset.label_range", "y_labels.csv:2", "Did you mean 'Left'?");
  scratch.file("y_labels.csv", "a.bin,3,1,ann\n");
  refused(data, "dataset.malformed", "y_labels.csv:1");

  scratch.file("y_labels.csv", "a.bin,1\nb.bin,2\nc.bin,0\n");
  data.set_slices(scratch.file("slices.csv", "file,noise\nc.bin,loud\na.bin,quiet\nb.bin,quiet\n"));
  CHECK(opened(data).slices[0].values == std::vector<std::string>{"quiet", "quiet", "loud"});
  data.set_slices(scratch.file("slices.csv", "noise\nloud\nquiet\nquiet\n"));
  CHECK(opened(data).slices[0].values == std::vector<std::string>{"loud", "quiet", "quiet"});
  data.set_slices(scratch.file("slices.csv", "file,noise\na.bin,quiet\nb.bin,quiet\n"));
  refused(data, "dataset.label_missing", "no line for sample 'c.bin'");
  data.set_slices(scratch.file("slices.csv", "noise\nquiet\n"));
  refused(data, "dataset.label_missing", "1 lines for 3 samples");
}

}  // namespace assay::dataset
