#!/usr/bin/env python3
"""Runs a .tflite or .onnx model on a desktop runtime over many samples: the references R0 and R1.

Started by host/reference/worker.cpp as a process of its own, so that a crash of a runtime costs one result and no more.
Needs numpy and the package of the runtime; nothing of Assay.

    desktop.py --versions          one JSON object on stdout: {"litert_ref": "2.3.0", "tflite_micro": null, ...}
    desktop.py                     one request on stdin, events on stdout, a JSON object per line

Request   {"runtime": "litert_ref", "model": FILE, "inputs": FILE.npy, "outputs": FILE.npy, "output": 0,
           "layout": ""}                                             "nchw": samples are NHWC, the model takes NCHW
Events    {"event": "ready", "version": "2.3.0"}                     the model is loaded
          {"event": "progress", "done": 40, "total": 1000}
          {"event": "done", "name": "...", "type": "int8", "dims": [1, 12], "scale": 0.0039, "zero_point": -128}
          {"event": "error", "kind": "unavailable" | "refused" | "shape", "message": "..."}
inputs.npy holds one sample per row, as the model's own type; outputs.npy gets one row per sample.

To add a runtime: a class with `version`, `input`, `output` (details as below) and `run(sample)`, a line in RUNTIMES,
and a row in host/reference/table.cpp.
"""
import importlib.metadata
import json
import os
import sys
import time


class Failure(Exception):
    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def details(name, dtype, dims, scales, zero_points):
    """What one border tensor looks like; per-channel scales do not occur there."""
    import numpy as np
    scale = float(scales[0]) if len(scales) else 0.0
    return {"name": str(name), "type": np.dtype(dtype).name, "dims": [int(d) for d in dims], "scale": scale,
            "zero_point": int(zero_points[0]) if len(zero_points) and scale else 0}


class LiteRt:
    package = "ai-edge-litert"

    def __init__(self, model, output, resolver):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
        self.interpreter = Interpreter(model_path=model, num_threads=1,
                                       experimental_op_resolver_type=getattr(OpResolverType, resolver))
        self.interpreter.allocate_tensors()
        inputs, outputs = self.interpreter.get_input_details(), self.interpreter.get_output_details()
        check_border(len(inputs), len(outputs), output)
        self.input_index, self.output_index = inputs[0]["index"], outputs[output]["index"]
        self.input, self.output = self.describe(inputs[0]), self.describe(outputs[output])

    @staticmethod
    def describe(tensor):
        quantisation = tensor["quantization_parameters"]
        return details(tensor["name"], tensor["dtype"], tensor["shape"], quantisation["scales"],
                       quantisation["zero_points"])

    def run(self, sample):
        self.interpreter.set_tensor(self.input_index, sample)
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self.output_index)


class TfliteMicro:
    package = "tflite-micro"

    def __init__(self, model, output, _resolver):
        from tflite_micro.python.tflite_micro import runtime
        # What a model needs is not known before it is tried, and the reason of a failure goes to stderr only.
        for arena in (1 << 20, 1 << 23, 1 << 26):
            try:
                self.interpreter = runtime.Interpreter.from_file(model, arena_size=arena)
                break
            except Exception:
                if arena == 1 << 26:
                    raise
        self.index = output
        check_border(self.count(self.interpreter.get_input_details), self.count(self.interpreter.get_output_details),
                     output)
        self.input = self.describe(self.interpreter.get_input_details(0))
        self.output = self.describe(self.interpreter.get_output_details(output))

    @staticmethod
    def describe(tensor):
        quantisation = tensor["quantization_parameters"]
        return details("", tensor["dtype"], tensor["shape"], quantisation["scales"], quantisation["zero_points"])

    @staticmethod
    def count(details_of):
        number = 0
        try:
            while True:
                details_of(number)
                number += 1
        except IndexError:
            return number

    def run(self, sample):
        self.interpreter.set_input(sample, 0)
        self.interpreter.invoke()
        return self.interpreter.get_output(self.index)


class OnnxRuntime:
    package = "onnxruntime"

    def __init__(self, model, output, _resolver):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        inputs, outputs = self.session.get_inputs(), self.session.get_outputs()
        check_border(len(inputs), len(outputs), output)
        self.input, self.output = self.describe(inputs[0]), self.describe(outputs[output])

    @staticmethod
    def describe(tensor):
        """A size that the model leaves open ("N") is the batch: samples go in one by one."""
        name = {"tensor(float)": "float32", "tensor(double)": "float64"}.get(tensor.type, tensor.type[7:-1])
        return details(tensor.name, name, [d if isinstance(d, int) and d > 0 else 1 for d in tensor.shape] or [1], [], [])

    def run(self, sample):
        result = self.session.run([self.output["name"]], {self.input["name"]: sample})[0]
        self.output["dims"] = list(result.shape) or [1]
        return result


RUNTIMES = {
    "litert_ref": (LiteRt, "BUILTIN_REF"),
    "litert_builtin": (LiteRt, "BUILTIN_WITHOUT_DEFAULT_DELEGATES"),
    "litert_xnnpack": (LiteRt, "AUTO"),
    "tflite_micro": (TfliteMicro, ""),
    "onnxruntime": (OnnxRuntime, ""),
}


def check_border(inputs, outputs, output):
    if inputs != 1:
        raise Failure("shape", f"the model has {inputs} inputs; references feed one")
    if output >= outputs:
        raise Failure("shape", f"output {output} asked for, the model has {outputs}")


def version_of(runtime):
    try:
        return importlib.metadata.version(RUNTIMES[runtime][0].package)
    except importlib.metadata.PackageNotFoundError:
        return None


def load(request):
    try:
        import numpy  # noqa: F401
        kind, resolver = RUNTIMES[request["runtime"]]
        return kind(request["model"], int(request["output"]), resolver)
    except ImportError as error:
        raise Failure("unavailable", f"cannot import: {error}") from error
    except Failure:
        raise
    except Exception as error:  # every runtime has its own way to refuse a model
        raise Failure("refused", str(error).strip() or type(error).__name__) from error


def channels_first(inputs):
    if inputs.ndim != 4:
        raise Failure("shape", f"layout nchw is for images: samples are {list(inputs.shape[1:])}, not height x width x channels")
    return inputs.transpose(0, 3, 1, 2)


def fitting(result, outputs):
    """One sample's output as a row of `outputs`."""
    if result.size != outputs[0].size or result.dtype != outputs.dtype:
        raise Failure("shape", f"the model gives {list(result.shape)} {result.dtype} after {list(outputs.shape[1:])} {outputs.dtype}")
    return result.reshape(outputs.shape[1:])


def run(request, send):
    runner = load(request)
    import numpy as np
    send({"event": "ready", "version": version_of(request["runtime"])})
    inputs = np.load(request["inputs"], allow_pickle=False, mmap_mode="r")
    if request.get("layout") == "nchw":
        inputs = channels_first(inputs)
    dims, kind = runner.input["dims"], runner.input["type"]
    if inputs.dtype.name != kind or inputs[:1].size != np.prod(dims):
        raise Failure("shape", f"samples are {list(inputs.shape[1:])} {inputs.dtype.name}, the model's input is {dims} {kind}")
    outputs = None
    told = time.monotonic()
    for number, sample in enumerate(inputs):
        result = runner.run(np.array(sample).reshape(dims))
        if outputs is None:  # only now are sizes known that a model leaves open
            outputs = np.empty((len(inputs), *runner.output["dims"][1:]), dtype=runner.output["type"])
        outputs[number] = fitting(result, outputs)
        if time.monotonic() - told > 0.2:
            told = time.monotonic()
            send({"event": "progress", "done": number + 1, "total": len(inputs)})
    np.save(request["outputs"], outputs)
    send({"event": "done", **runner.output})


def main():
    if sys.argv[1:] == ["--versions"]:
        print(json.dumps({runtime: version_of(runtime) for runtime in RUNTIMES}))
        return 0
    # Runtimes print to stdout as they like: events get a descriptor of their own.
    events = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def send(event):
        events.write(json.dumps(event) + "\n")

    try:
        run(json.loads(sys.stdin.readline()), send)
    except Failure as failure:
        send({"event": "error", "kind": failure.kind, "message": str(failure)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
