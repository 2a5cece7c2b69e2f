"""assay.h and assay.c: two files that compile alone, anywhere, and cost what the library costs."""
import shutil
import unittest

from harness import ROOT
from installed_agent import CORES, STRICT, AgentCase

COMPILERS = {
    "C99 on cortex-m4": ["arm-none-eabi-gcc", "-std=c99", *CORES["cortex-m4"]],
    "C99 on cortex-m0plus": ["arm-none-eabi-gcc", "-std=c99", *CORES["cortex-m0plus"]],
    "C99 on this computer": ["gcc", "-std=c99"],
    "C99, clang": ["clang", "-std=c99"],
    "C++17": ["g++", "-x", "c++", "-std=c++17"],
    "C++20, clang": ["clang++", "-x", "c++", "-std=c++20"],
    "C++ on cortex-m4": ["arm-none-eabi-g++", "-x", "c++", *CORES["cortex-m4"]],
}
MTUS = (128, 256, 4096)
# A firmware that calls nothing but the interface: what it cannot resolve would be a part that was left behind.
LINKED = """
#include "assay.h"
static size_t rx(uint8_t* to, size_t room) { (void)to; (void)room; return 0; }
static void tx(const uint8_t* bytes, size_t count) { (void)bytes; (void)count; }
int main(void) {
  static assay_port port;
  static assay_timing timing[1];
  static uint8_t tapped[16];
  port.rx = rx;
  port.tx = tx;
  assay_init(&port, 0, 0);
  assay_use_spans(timing, 1);
  assay_use_observe(timing);
  assay_use_taps(tapped, sizeof tapped);
  assay_stack(tapped, tapped);
  assay_poll();
  assay_op_begin(0);
  assay_op_end(0);
  assay_span_begin(0);
  assay_span_end(0);
  assay_observe_begin(0);
  assay_observe_end(0);
  assay_tap(0, tapped, sizeof tapped);
  assay_log(2, "up");
  return assay_session();
}
"""


class DropIn(AgentCase):
    def setUp(self):
        super().setUp()
        self.alone = self.home / "alone"
        self.alone.mkdir()
        for name in ("assay.c", "assay.h"):
            shutil.copy(self.agent / name, self.alone)

    def sections(self, *objects):
        """flash and RAM bytes of object files."""
        table = self.run_tool("arm-none-eabi-size", "-t", *objects, cwd=self.alone)
        text, data, bss = (int(figure) for figure in table.splitlines()[-1].split()[:3])
        return text + data, data + bss

    def test_it_compiles_without_a_warning_or_an_include_path(self):
        for name, compiler in COMPILERS.items():
            for mtu in MTUS if name == "C99 on cortex-m4" else (256,):
                with self.subTest(name, mtu=mtu):
                    self.run_tool(*compiler, *STRICT, "-Os", f"-DASSAY_MTU={mtu}", "-c", "assay.c", "-o", "assay.o", cwd=self.alone)

    def test_nothing_is_missing_from_it(self):
        (self.alone / "main.c").write_text(LINKED)
        for compiler in (["gcc", "-std=c99"], ["g++", "-x", "c++"]):
            self.run_tool(*compiler, *STRICT, "main.c", "assay.c", "-o", "firmware", cwd=self.alone)
            self.run_tool("./firmware", cwd=self.alone)

    def test_it_needs_no_more_of_a_c_library_than_three_functions(self):
        self.run_tool("arm-none-eabi-gcc", "-std=c99", "-Os", *CORES["cortex-m4"], "-c", "assay.c", cwd=self.alone)
        undefined = self.run_tool("arm-none-eabi-nm", "-u", "assay.o", cwd=self.alone).split()[1::2]
        self.assertTrue(undefined)
        foreign = [name for name in undefined if name not in ("memcpy", "memset", "strlen") and not name.startswith("__aeabi_")]
        self.assertEqual(foreign, [])

    def test_its_code_is_as_small_as_the_library_s(self):
        flags = ["-std=c99", "-Os", "-ffunction-sections", "-fdata-sections"]
        listed = (ROOT / "cmake/agent.cmake").read_text().split("set(ASSAY_AGENT_SOURCES ")[1].split(")")[0].split()
        for core, options in CORES.items():
            self.run_tool("arm-none-eabi-gcc", *flags, *options, "-c", "assay.c", cwd=self.alone)
            drop_in = self.sections("assay.o")
            objects = []
            for source in listed:
                objects.append(source.replace(".c", ".o"))
                self.run_tool("arm-none-eabi-gcc", *flags, *options, f"-I{ROOT}", "-c", ROOT / "agent" / source, "-o", objects[-1], cwd=self.alone)
            library = self.sections(*objects)
            print(f"{core}: flash {drop_in[0]} B (library {library[0]} B), RAM {drop_in[1]} B (library {library[1]} B)")
            self.assertLess(abs(drop_in[0] - library[0]), 0.04 * library[0], core)
            self.assertEqual(drop_in[1], library[1], core)


if __name__ == "__main__":
    unittest.main()
