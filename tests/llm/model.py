"""A model file with random weights: a llama of two small layers and a vocabulary learned from this project's own words.

It answers anything with nonsense, in whatever shape it is held to: the honest test that the protocol works, and that
nothing which the lines do not say comes out. It is made to like brackets, since it else says null to everything, or
goes on to the token limit.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.llm.server import cache

VOCABULARY = 768
WIDTH, HEADS, LAYERS, INNER, CONTEXT = 64, 4, 2, 128, 32768
SPECIAL = ["<s>", "</s>", "<unk>"]
LIKED = {'"': 2.0, "}": 2.0, "]": 2.0, "{": 1.0, "[": 1.0}
"""Tokens that are liked, and how much: every token's embedding has a 1 in the first place, which these weigh."""

TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant: "


def write_model(path: Path, texts: Sequence[str], *, seed: int = 7) -> None:
    """Write the model file; the same for the same texts and seed."""
    import numpy as np

    gguf = _gguf()
    tokens, merges = _vocabulary(texts)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_token_types([control if t in SPECIAL else normal for t in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_unk_token_id(2)
    writer.add_chat_template(TEMPLATE)
    random = np.random.default_rng(seed)
    for name, shape in _tensors(len(tokens)).items():
        weights = np.ones(shape) if name.endswith("norm.weight") else random.normal(0, 0.2, shape)
        if name == "token_embd.weight":
            weights[:, 0] = 1
        elif name == "output.weight":
            weights[:, 0] = [LIKED.get(token, 0) for token in tokens]
        writer.add_tensor(name, weights.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tensors(vocabulary: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes, rows first."""
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (vocabulary, WIDTH),
        "output_norm.weight": (WIDTH,),
        "output.weight": (vocabulary, WIDTH),
    }
    for n in range(LAYERS):
        shapes |= {f"blk.{n}.attn_norm.weight": (WIDTH,), f"blk.{n}.ffn_norm.weight": (WIDTH,)}
        shapes |= {f"blk.{n}.attn_{part}.weight": (WIDTH, WIDTH) for part in ("q", "k", "v", "output")}
        shapes |= {f"blk.{n}.ffn_{part}.weight": (INNER, WIDTH) for part in ("gate", "up")}
        shapes[f"blk.{n}.ffn_down.weight"] = (WIDTH, INNER)
    return shapes


def _vocabulary(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Byte-pair tokens and merges learned from texts."""
    import json

    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    learned = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(learned["vocab"], key=learned["vocab"].__getitem__)
    return tokens, [m if isinstance(m, str) else " ".join(m) for m in learned["merges"]]


def _gguf() -> Any:
    """The package that writes model files, as the server's source ships it."""
    if str(cache()) not in sys.path:
        sys.path.append(str(cache()))
    return importlib.import_module("gguf")
