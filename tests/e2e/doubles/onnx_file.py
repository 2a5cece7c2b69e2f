"""Writes .onnx files by hand, so that tests need no package for it: the few messages of onnx.proto3 that a small network
takes, in the Protocol Buffers wire format. And the network of profiles/digits as such a file, layer for layer."""
import struct

import numpy as np


def varint(value):
    out = b""
    while True:
        out += bytes([value & 0x7F | (0x80 if value > 0x7F else 0)])
        value >>= 7
        if not value:
            return out


def number(field, value):
    return varint(field << 3) + varint(value)


def chunk(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def tensor(name, values):
    kind = {"float32": 1, "int64": 7}[values.dtype.name]
    return b"".join(number(1, d) for d in values.shape) + number(2, kind) + chunk(8, name) + chunk(9, values.tobytes())


def attribute(name, value):
    if isinstance(value, list):
        return chunk(1, name) + b"".join(number(8, v) for v in value) + number(20, 7)
    if isinstance(value, float):
        return chunk(1, name) + varint(2 << 3 | 5) + struct.pack("<f", value) + number(20, 1)
    return chunk(1, name) + number(3, value) + number(20, 2)


def node(kind, inputs, output, **attributes):
    return (b"".join(chunk(1, name) for name in inputs) + chunk(2, output) + chunk(4, kind) +
            b"".join(chunk(5, attribute(name, value)) for name, value in attributes.items()))


def border(name, dims):
    """float32; a size that is a word stays open."""
    shape = b"".join(chunk(1, chunk(2, d) if isinstance(d, str) else number(1, d)) for d in dims)
    return chunk(1, name) + chunk(2, chunk(1, number(1, 1) + chunk(2, shape)))


def model(nodes, tensors, inputs, outputs):
    graph = (b"".join(chunk(1, one) for one in nodes) + chunk(2, "test") +
             b"".join(chunk(5, tensor(name, np.ascontiguousarray(values))) for name, values in tensors.items()) +
             b"".join(chunk(11, border(*one)) for one in inputs) + b"".join(chunk(12, border(*one)) for one in outputs))
    return number(1, 8) + chunk(7, graph) + chunk(8, chunk(1, "") + number(2, 13))


def same(size, kernel, stride):
    """TensorFlow's SAME padding of one dimension: before, after."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def from_tflite(tflite, batch="N"):
    """A float DS-CNN of profiles/ as ONNX: the same weights in NCHW, as an exporter of PyTorch would write it."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    interpreter = Interpreter(str(tflite), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    shapes = {t["index"]: t["shape"] for t in interpreter.get_tensor_details()}
    weight = lambda index: interpreter.get_tensor(index)
    nodes, tensors = [], {"zero": np.float32(0).reshape(()), "six": np.float32(6).reshape(())}
    last, count = "x", 0
    for op in interpreter._get_ops_details():
        kind, inputs, out = op["op_name"], [int(i) for i in op["inputs"]], f"t{count}"
        if kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            w, depthwise = weight(inputs[1]), kind.startswith("DEPTHWISE")
            tensors[f"w{count}"] = w.transpose(3, 0, 1, 2) if depthwise else w.transpose(0, 3, 1, 2)
            tensors[f"b{count}"] = weight(inputs[2])
            sizes = [(int(shapes[inputs[0]][d]), int(shapes[int(op["outputs"][0])][d]), w.shape[d]) for d in (1, 2)]
            strides = [-(-before // after) for before, after, _ in sizes]
            pads = [same(size, kernel, stride) for (size, _, kernel), stride in zip(sizes, strides)]
            nodes.append(node("Conv", [last, f"w{count}", f"b{count}"], out + "c", strides=strides,
                              pads=[pads[0][0], pads[1][0], pads[0][1], pads[1][1]], group=int(w.shape[3]) if depthwise else 1))
            nodes.append(node("Clip", [out + "c", "zero", "six"], out))
        elif kind == "MEAN":
            nodes.append(node("GlobalAveragePool", [last], out + "p"))
            nodes.append(node("Flatten", [out + "p"], out, axis=1))
        elif kind == "FULLY_CONNECTED":
            tensors[f"w{count}"], tensors[f"b{count}"] = weight(inputs[1]), weight(inputs[2])
            nodes.append(node("Gemm", [last, f"w{count}", f"b{count}"], out, transB=1))
        elif kind == "SOFTMAX":
            nodes.append(node("Softmax", [last], out, axis=1))
        else:
            continue
        last, count = out, count + 1
    _, height, width, channels = map(int, interpreter.get_input_details()[0]["shape"])
    classes = int(interpreter.get_output_details()[0]["shape"][1])
    return model(nodes, tensors, [("x", [batch, channels, height, width])], [(last, [batch, classes])])
