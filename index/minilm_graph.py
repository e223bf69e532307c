"""The computation of all-MiniLM-L6-v2 as an ONNX graph, without its weights.

BERT (Devlin et al. 2019, arXiv:1810.04805) with 6 layers, 12 heads and 384 channels, then the mean over the tokens
that are no padding and a vector of length 1, as sentence-transformers' modules for these weights prescribe. Attention
and skip-plus-normalise are onnxruntime's fused operators; dense layers take the weights as they are stored
(out × in), so that the tensors of the safetensors file serve as they are. A graph is some 30 kB: it says of each
weight where in that file it stands, and onnxruntime maps the file into memory, where it takes no copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

GRAPH_VERSION = 2
"""Raise it with any change of the graph: cached graphs are told apart by it."""

LAYERS, HEADS, WIDTH = 6, 12, 384
_EPSILON = 1e-12
_FUSED = "com.microsoft"
_EMBEDDINGS = "embeddings."

INPUTS = ("ids", "mask")
OUTPUT = "vector"


class Stored(NamedTuple):
    """A tensor of float32 in a file: its shape, and the bytes it takes from `offset` on."""

    shape: Sequence[int]
    offset: int
    length: int


def weight_names() -> list[str]:
    """The tensors that the graph needs, by their names in the safetensors file."""
    names = [f"{_EMBEDDINGS}{kind}_embeddings.weight" for kind in ("word", "position", "token_type")]
    names += _pair(f"{_EMBEDDINGS}LayerNorm")
    for layer in range(LAYERS):
        for part in (
            "attention.self.query",
            "attention.self.key",
            "attention.self.value",
            "attention.output.dense",
            "attention.output.LayerNorm",
            "intermediate.dense",
            "output.dense",
            "output.LayerNorm",
        ):
            names += _pair(f"encoder.layer.{layer}.{part}")
    return names


def build(file: str, weights: Mapping[str, Stored]) -> bytes:
    """The serialised model. Inputs `ids` and `mask` are int64 (batch, tokens); output `vector` is float32 (batch, 384).

    `file` is the name of the file that holds every tensor of `weight_names`; its folder is told to the session.
    """
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    graph = _Graph()
    hidden = _embed(graph)
    for layer in range(LAYERS):
        hidden = _layer(graph, f"encoder.layer.{layer}.", hidden)
    _pool(graph, hidden)
    constants = [numpy_helper.from_array(np.array(v, np.int64), k) for k, v in graph.constants.items()]
    tokens = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in INPUTS]
    vector = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", WIDTH])
    stored = [_external(name, file, weights[name]) for name in weight_names()]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", tokens, [vector], [*stored, *constants]),
        opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(_FUSED, 1)],
        ir_version=9,
    )
    serialised: bytes = model.SerializeToString()
    return serialised


class _Graph:
    """Nodes in order, and the integer constants they use."""

    def __init__(self) -> None:
        self.nodes: list[object] = []
        self.constants: dict[str, list[int]] = {}

    def add(self, operator: str, inputs: list[str], output: str, *, domain: str = "", **attributes: object) -> str:
        """Append a node with one output; returns the output's name."""
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def constant(self, *values: int) -> str:
        """The name of a constant int64 vector."""
        name = "int_" + "_".join(map(str, values))
        self.constants[name] = list(values)
        return name


def _embed(g: _Graph) -> str:
    """Word + position + type embeddings, normalised: (batch × tokens, width)."""
    zero, one, two = g.constant(0), g.constant(1), g.constant(2)
    shape = g.add("Shape", ["ids"], "ids_shape")
    g.add("Concat", [shape, g.constant(WIDTH)], "three_d", axis=0)
    length = g.add("Slice", [shape, one, two], "length")
    words = g.add("Gather", [f"{_EMBEDDINGS}word_embeddings.weight", "ids"], "words")
    positions = g.add("Slice", [f"{_EMBEDDINGS}position_embeddings.weight", zero, length, zero], "positions")
    kind = g.add("Slice", [f"{_EMBEDDINGS}token_type_embeddings.weight", zero, one, zero], "kind")
    total = g.add("Add", [g.add("Add", [words, positions], "placed"), kind], "typed")
    normal = g.add(
        "LayerNormalization", [total, *_pair(f"{_EMBEDDINGS}LayerNorm")], "embedded", axis=-1, epsilon=_EPSILON
    )
    g.add("Cast", ["mask"], "mask_int32", to=6)  # TensorProto.INT32
    return _flat(g, normal, "embedded_2d")


def _layer(g: _Graph, at: str, hidden: str) -> str:
    """One transformer layer over (batch × tokens, width)."""
    query, key, value = (
        _deep(g, _dense(g, f"{at}attention.self.{part}", hidden), f"{at}{part}_3d")
        for part in ("query", "key", "value")
    )
    attended = g.add(
        "MultiHeadAttention",
        [query, key, value, "", "mask_int32"],
        f"{at}attended",
        domain=_FUSED,
        num_heads=HEADS,
    )
    mixed = _dense(g, f"{at}attention.output.dense", _flat(g, attended, f"{at}attended_2d"))
    first = _skip(g, f"{at}attention.output.LayerNorm", mixed, hidden)
    wide = g.add("Gelu", [_dense(g, f"{at}intermediate.dense", first)], f"{at}gelu")
    return _skip(g, f"{at}output.LayerNorm", _dense(g, f"{at}output.dense", wide), first)


def _pool(g: _Graph, hidden: str) -> str:
    """The mean over tokens that are no padding, of length 1."""
    one = g.constant(1)
    weight = g.add("Cast", ["mask"], "mask_float", to=1)  # TensorProto.FLOAT
    column = g.add("Unsqueeze", [weight, g.constant(2)], "mask_column")
    kept = g.add("Mul", [_deep(g, hidden, "hidden_3d"), column], "kept")
    total = g.add("ReduceSum", [kept, one], "total", keepdims=0)
    count = g.add("ReduceSum", [weight, one], "count", keepdims=1)
    return g.add("LpNormalization", [g.add("Div", [total, count], "mean")], OUTPUT, axis=-1, p=2)


def _dense(g: _Graph, name: str, x: str) -> str:
    return g.add("Gemm", [x, *_pair(name)], f"{name}.out", transB=1)


def _skip(g: _Graph, name: str, x: str, residual: str) -> str:
    return g.add("SkipLayerNormalization", [x, residual, *_pair(name)], f"{name}.out", domain=_FUSED, epsilon=_EPSILON)


def _flat(g: _Graph, x: str, output: str) -> str:
    return g.add("Reshape", [x, g.constant(-1, WIDTH)], output)


def _deep(g: _Graph, x: str, output: str) -> str:
    return g.add("Reshape", [x, "three_d"], output)


def _pair(name: str) -> list[str]:
    return [f"{name}.weight", f"{name}.bias"]


def _external(name: str, file: str, stored: Stored) -> object:
    from onnx import TensorProto

    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=stored.shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", file), ("offset", stored.offset), ("length", stored.length)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor
