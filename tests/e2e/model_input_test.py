"""Models that cannot be run: each refused by the command line with its code, the operator or tensor, and the numbers."""
import shutil
import unittest

from harness import ROOT, Case

INT8 = ROOT / "profiles/digits/model_int8.tflite"
FLOAT = ROOT / "profiles/digits/model_float.tflite"
INT16 = ROOT / "profiles/watch_raw/model_int16x8.tflite"


class Models(Case):
    def edited(self, edit, model=INT8):
        """A copy of the model in this case's folder, its object form edited: edit(model, graph)."""
        import ai_edge_litert.schema_py_generated as schema
        import flatbuffers
        table = schema.ModelT.InitFromPackedBuf(model.read_bytes(), 0)
        edit(table, table.subgraphs[0])
        builder = flatbuffers.Builder(1 << 16)
        builder.Finish(table.Pack(builder), b"TFL3")
        path = self.home / "edited.tflite"
        path.write_bytes(bytes(builder.Output()))
        return path

    def refused(self, edit, code, *words, model=INT8):
        path = self.edited(edit, model)
        self.assert_error(self.assay("model", "info", path), code, 2, "edited.tflite", *words)

    def on_small_board(self, old, new):
        """Boards as they are, but the Cortex-M4's [model_region] edited; a run finds them."""
        data = self.home / "data"
        shutil.copytree(ROOT / "boards", data / "boards")
        file = data / "boards/mps2-an386/board.toml"
        text = file.read_text()
        self.assertIn(old, text)
        file.write_text(text.replace(old, new))
        self.environment["ASSAY_DATA_DIR"] = str(data)

    def test_truncated_anywhere(self):
        whole = FLOAT.read_bytes()
        for percent in (5, 50, 99):
            with self.subTest(f"{percent} % of the file"):
                path = self.home / "cut.tflite"
                path.write_bytes(whole[:len(whole) * percent // 100])
                self.assert_error(self.assay("model", "info", path), "model.truncated", 2, "cut.tflite", f"{path.stat().st_size} bytes")

    def test_unsupported_operator_of_a_float_model_is_named_with_its_index(self):
        def edit(model, graph):
            code = model.operatorCodes[graph.operators[-1].opcodeIndex]
            code.builtinCode = code.deprecatedBuiltinCode = 14
            self.index = len(graph.operators) - 1
        path = self.edited(edit, FLOAT)
        self.assert_error(self.assay("model", "info", path), "model.unsupported_operator", 2, "LOGISTIC", f"operator {self.index}")

    def test_unsupported_element_types_are_named_with_tensor_and_operator(self):
        self.assert_error(self.assay("model", "info", INT16), "model.unsupported_type", 2, "is int16", "operator 0")
        def half(_, graph):
            graph.tensors[graph.inputs[0]].type = 1
        self.refused(half, "model.unsupported_type", "element type number 1", "tensor", model=FLOAT)
        def mixed(_, graph):
            graph.tensors[graph.inputs[0]].type = 0
        self.refused(mixed, "model.unsupported_type", "input 1 of CONV_2D", "operator 0")

    def test_open_dimension(self):
        def edit(_, graph):
            graph.tensors[graph.inputs[0]].shapeSignature = [1, -1, 8, 1]
        for model in (INT8, FLOAT):
            self.refused(edit, "model.dynamic_shape", "dimension 1", "is not fixed", model=model)

    def test_empty_tensor(self):
        def edit(_, graph):
            graph.tensors[graph.inputs[0]].shape = [1, 0, 8, 1]
            graph.tensors[graph.inputs[0]].shapeSignature = None
        for model in (INT8, FLOAT):
            self.refused(edit, "model.bad_shape", "is empty: its dimension 1 is 0", model=model)

    def test_weights_of_a_wrong_size(self):
        def edit(model, graph):
            weights = graph.tensors[graph.operators[0].inputs[1]]
            model.buffers[weights.buffer].data = model.buffers[weights.buffer].data[:-4]
        self.refused(edit, "model.bad_shape", "its buffer has", model=FLOAT)

    def test_a_scale_that_is_missing(self):
        def edit(_, graph):
            graph.tensors[graph.inputs[0]].quantization.scale = []
            graph.tensors[graph.inputs[0]].quantization.zeroPoint = []
        self.refused(edit, "model.bad_quantization", "has scale 0")

    def test_arena_overflow_says_the_numbers(self):
        self.on_small_board("arena_bytes = 0x100000", "arena_bytes = 0x100")
        for model in (INT8, FLOAT):
            done = self.assay("model", "plan", model, "--board", "mps2-an386")
            self.assert_error(done, "model.too_big", 2, "the arena needs", "there are 256")

    def test_weights_beyond_the_model_region_say_the_numbers(self):
        self.on_small_board("size = 0x200000\narena_bytes", "size = 0x1000\narena_bytes")
        for model in (INT8, FLOAT):
            done = self.assay("model", "plan", model, "--board", "mps2-an386")
            self.assert_error(done, "model.too_big", 2, "the plan needs", "there are 4096")


if __name__ == "__main__":
    unittest.main()
