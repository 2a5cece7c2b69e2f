"""Two agents in one program: the linker refuses, and one of its lines says what is wrong and what to do."""
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIRMWARE = """
#include "assay.h"
static size_t rx(uint8_t* to, size_t room) { return (void)to, (void)room, (size_t)0; }
static void tx(const uint8_t* bytes, size_t count) { (void)bytes, (void)count; }
int main(void) {
  static assay_port port;
  port.rx = rx, port.tx = tx;
  assay_init(&port, NULL, 0);
  assay_poll();
  return 0;
}
"""


class TwoAgents(unittest.TestCase):
    def link(self, agents):
        """Links a firmware with assay.c compiled `agents` times."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            subprocess.run(["python3", ROOT / "agent/amalgamate.py", folder], check=True, capture_output=True)
            (folder / "main.c").write_text(FIRMWARE)
            objects = []
            for i in range(agents):
                objects.append(folder / f"assay{i}.o")
                subprocess.run(["cc", "-std=c99", "-c", folder / "assay.c", "-o", objects[-1]], check=True)
            return subprocess.run(["cc", "-std=c99", f"-I{folder}", folder / "main.c", *objects, "-o", folder / "app"],
                                  capture_output=True, text=True)

    def test_one_agent_links(self):
        done = self.link(1)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_two_agents_are_named_by_the_linker(self):
        done = self.link(2)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("assay_agent_is_linked_twice__link_it_once", done.stderr)


if __name__ == "__main__":
    unittest.main()
