"""Small transformers that tell flour from carts, made on the spot."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

GOOD = "the mill and the wind turned the stones while farmers waited by the door for flour".split()
BAD = "click here to buy now add this offer into your cart basket at the best price".split()
WORDS = ["[UNK]", *sorted({*GOOD, *BAD})]
LABELS = {"id2label": {"0": "flour", "1": "cart"}}


def write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))


def torch_classifier(folder: Path) -> Path:
    """A BERT of 2,000 numbers, trained for some steps."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    _trained().save_pretrained(folder)
    write_tokenizer(folder)
    return folder


@cache
def _trained() -> Any:
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=64, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, pad_token_id=0, **LABELS,
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    ids = torch.tensor([[WORDS.index(word) for word in words[:14]] for words in (GOOD, BAD)])
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    for step in range(40):
        places = torch.randint(0, 14, (2, 1 + step % 10))
        loss = model(input_ids=ids.gather(1, places), labels=torch.tensor([0, 1])).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    torch.set_num_threads(threads)
    return model


def onnx_classifier(folder: Path, outputs: int = 2) -> Path:
    """The mean of word vectors times a matrix; which word speaks for which label is counted, not learnt."""
    pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    helper, numbers = onnx.helper, onnx.numpy_helper.from_array
    write_tokenizer(folder)
    vectors = np.array([[3.0 * (word in GOOD), 3.0 * (word in BAD)] for word in WORDS], np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["vectors", "input_ids"], ["words"]),
            helper.make_node("ReduceMean", ["words"], ["mean"], axes=[1], keepdims=0),
            helper.make_node("MatMul", ["mean", "weights"], ["logits"]),
        ],
        "classifier",
        [helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, ["batch", "tokens"])],
        [helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["batch", outputs])],
        [numbers(vectors, "vectors"), numbers(np.eye(2, outputs, dtype=np.float32), "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(folder / "model.onnx"))
    labels = LABELS if outputs == 2 else {"id2label": {"0": "score"}, "problem_type": "regression"}
    (folder / "config.json").write_text(json.dumps({"max_position_embeddings": 64, **labels}))
    return folder
