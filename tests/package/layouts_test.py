"""The installed agent as Zephyr, Arduino and CMake look at it. Layouts are checked here, not run."""
import re
import unittest

import yaml
from harness import ROOT
from installed_agent import CORES, EXAMPLES, STRICT, AgentCase

# What Zephyr's own check of a module.yml (scripts/zephyr_module.py) admits under "build" that names files.
ZEPHYR_KEYS, ZEPHYR_BUILD_KEYS = {"name", "build"}, {"cmake", "kconfig"}
# Arduino library specification, revision 2.2.
ARDUINO_KEYS = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures", "includes"}
ARDUINO_CATEGORIES = {"Display", "Communication", "Signal Input/Output", "Sensors", "Device Control", "Timing", "Data Storage",
                      "Data Processing", "Other"}
VERSION = re.search(r"project\(assay VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]


class Layouts(AgentCase):
    def test_zephyr_finds_a_module(self):
        module = yaml.safe_load((self.agent / "zephyr/module.yml").read_text())
        self.assertEqual(set(module), ZEPHYR_KEYS)
        self.assertEqual(set(module["build"]), ZEPHYR_BUILD_KEYS)
        cmake = self.agent / module["build"]["cmake"] / "CMakeLists.txt"
        kconfig = self.agent / module["build"]["kconfig"]
        symbols = set(re.findall(r"(?m)^config (\w+)$", kconfig.read_text()))
        self.assertEqual(set(re.findall(r"CONFIG_(\w+)", cmake.read_text())), symbols)
        used = set(re.findall(r"(?m)^CONFIG_(ASSAY\w*)=", (self.agent / "examples/zephyr/prj.conf").read_text()))
        self.assertLessEqual(used, symbols)
        self.assertTrue(used)
        # With Zephyr's functions in place of Zephyr, the module compiles the agent that stands in its root.
        (self.home / "CMakeLists.txt").write_text(f"""cmake_minimum_required(VERSION 3.20)
project(shape C)
function(zephyr_include_directories)
  include_directories(${{ARGN}})
endfunction()
function(zephyr_compile_definitions)
  add_compile_definitions(${{ARGN}})
endfunction()
function(zephyr_library_named NAME)
  add_library(${{NAME}} STATIC)
endfunction()
function(zephyr_library_sources)
  target_sources(assay PRIVATE ${{ARGN}})
endfunction()
set(CONFIG_ASSAY y)
set(CONFIG_ASSAY_MTU 512)
add_subdirectory("{cmake.parent}" module)
""")
        self.run_tool("cmake", "-S", ".", "-B", "tree")
        self.run_tool("cmake", "--build", "tree", "--target", "assay")
        self.assertIn("assay_poll", self.run_tool("nm", next((self.home / "tree").rglob("libassay.a"))))

    def test_arduino_finds_a_library(self):
        library = self.agent / "arduino/Assay"
        lines = (library / "library.properties").read_text().splitlines()
        properties = dict(line.split("=", 1) for line in lines)
        self.assertEqual(set(properties), ARDUINO_KEYS)
        self.assertTrue(all(properties.values()), properties)
        self.assertEqual((properties["name"], properties["version"], properties["architectures"]), (library.name, VERSION, "*"))
        self.assertIn(properties["category"], ARDUINO_CATEGORIES)
        self.assertTrue((library / "src" / properties["includes"]).is_file())
        sketch = library / "examples/Digits"
        self.assertEqual({file.name for file in sketch.iterdir()}, {"Digits.ino", "digits.c", "digits.h", "digits_weights.h"})
        shapes = ROOT / "tests/package/shapes/arduino"
        # As the Arduino builder does it: the sketch is C++ behind Arduino.h, C files are C.
        self.run_tool("arm-none-eabi-g++", *CORES["cortex-m4"], *STRICT, "-std=gnu++17", f"-I{shapes}", f"-I{library}/src", "-x", "c++", "-include",
                      "Arduino.h", "-c", sketch / "Digits.ino", "-o", "sketch.o")
        self.run_tool("arm-none-eabi-gcc", *CORES["cortex-m4"], *STRICT, "-c", sketch / "digits.c", library / "src/assay.c")
        needed = self.run_tool("arm-none-eabi-nm", "-u", "sketch.o")
        made = self.run_tool("arm-none-eabi-nm", "--defined-only", "digits.o", "assay.o")
        for name in ("assay_init", "assay_poll", "assay_session", "digits_run"):
            self.assertRegex(needed, rf"U {name}\b")
            self.assertRegex(made, rf"T {name}\b")

    def test_cmake_finds_a_package_wherever_it_was_moved_to(self):
        moved = self.home / "elsewhere"
        self.prefix.rename(moved)
        (self.home / "main.c").write_text('#include "assay.h"\nint main(void) { return assay_session(); }\n')
        text = """cmake_minimum_required(VERSION 3.23)
project(user C)
find_package(assay_agent {version} REQUIRED)
add_executable(user main.c)
target_link_libraries(user PRIVATE assay::agent {port})
"""
        for version, port, fails in ((VERSION, "", False), (VERSION, "assay::port_posix", False), ("99.0", "", True)):
            with self.subTest(version=version, port=port):
                (self.home / "CMakeLists.txt").write_text(text.format(version=version, port=port))
                output = self.run_tool("cmake", "-S", ".", "-B", f"tree{version}{bool(port)}", f"-DCMAKE_PREFIX_PATH={moved}", fails=fails)
                if fails:
                    self.assertIn(VERSION, output)
                else:
                    self.run_tool("cmake", "--build", f"tree{version}{bool(port)}")

    def test_firmware_without_start_up_code_takes_the_port(self):
        (self.home / "main.c").write_text("""#include "assay.h"
#include "cortex_m.h"
static uint32_t tick(void) { return assay_boot_count(); }
static size_t rx(uint8_t* to, size_t room) { return to && room ? 0 : 0; }
static void tx(const uint8_t* bytes, size_t count) { (void)(bytes + count); }
static const assay_port port = {.board = "mine", .tick = tick, .rx = rx, .tx = tx, .reset = assay_system_reset,
                                .stack_low = (uint8_t*)assay_stack_low, .stack_high = (uint8_t*)assay_stack_high};
int main(void) {
  assay_init(&port, 0, 0);
  for (;;) assay_poll();
}
""")
        (self.home / "memory.ld").write_text("assay_build_id_address = 0x08000200;\nassay_stack_bytes = 4096;\nMEMORY {\n"
                                             "CODE (rx) : ORIGIN = 0x08000000, LENGTH = 64K\nRAM (rw) : ORIGIN = 0x20000000, LENGTH = 8K\n}\n")
        (self.home / "CMakeLists.txt").write_text("""cmake_minimum_required(VERSION 3.23)
project(mine C)
find_package(assay_agent REQUIRED)
add_executable(mine main.c)
target_link_libraries(mine PRIVATE assay::agent assay::port_cortex_m)
target_link_options(mine PRIVATE -nostartfiles --specs=nano.specs -T ${CMAKE_SOURCE_DIR}/memory.ld
  -T ${ASSAY_AGENT_DIR}/ports/cortex_m/sections.ld)
""")
        self.run_tool("cmake", "-S", ".", "-B", "tree", f"-DCMAKE_TOOLCHAIN_FILE={EXAMPLES}/bare_metal/app/mps2.cmake", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        self.run_tool("cmake", "--build", "tree")
        symbols = {name: int(value, 16) for value, name in
                   re.findall(r"(?m)^([0-9a-f]{8}) \w (\w+)$", self.run_tool("arm-none-eabi-nm", "tree/mine"))}
        self.assertEqual((symbols["assay_stack_low"], symbols["assay_stack_high"]), (0x20000000, 0x20001000))
        entry = self.run_tool("arm-none-eabi-readelf", "-h", "tree/mine")
        self.assertIn(f"{symbols['assay_reset_handler'] | 1:#x}", entry)

    def test_adapters_stand_beside_the_agent(self):
        installed = {str(file.relative_to(self.agent)) for file in (self.agent / "runners").rglob("*.[ch]")}
        ours = [file for file in (ROOT / "runners").glob("**/*.[ch]") if not {"native", "example"} & set(file.parts)]
        self.assertEqual(installed, {str(file.relative_to(ROOT)) for file in ours})
        self.assertIn("runners/plain_c/assay_plain_c.h", installed)
        for file in ours:  # what a build does to the text of a header must be nothing but this
            self.assertEqual((self.agent / file.relative_to(ROOT)).read_text(), file.read_text().replace('"agent/assay.h"', '"assay.h"'))
        (self.home / "models.c").write_text("""#include "runners/plain_c/assay_plain_c.h"
static int infer(const int8_t* in, float* out) { return *out = in[0], 0; }
ASSAY_PLAIN_C_MODEL(mine, infer, int8_t, 4, float, 1)
int main(void) { return mine_model("mine").run(0); }
""")
        self.run_tool("cc", "-std=c99", *STRICT, f"-I{self.agent}", "models.c", "-o", "models")
        self.run_tool("./models")

    def test_nothing_but_sources_is_installed(self):
        files = [file for file in self.prefix.rglob("*") if file.is_file()]
        self.assertGreater(len(files), 20)
        for file in files:
            self.assertIn(file.suffix, (".c", ".h", ".cpp", ".ld", ".cmake", ".txt", ".yml", ".toml", ".py", ".npz", ".ino", ".conf", ".properties",
                                        ".md", ""), file)
            if file.suffix != ".npz":
                self.assertNotIn(str(ROOT), file.read_text(), file)
                self.assertNotIn('#include "agent/', file.read_text(), file)


if __name__ == "__main__":
    unittest.main()
