"""A transformer that classifies texts, as Hugging Face saves one: a folder with ``config.json``, ``tokenizer.json`` and
``model.onnx`` or ``model.safetensors``.

Nothing is downloaded, and nothing is unpickled. On the CPU a text goes through the model alone and in one thread: what a
matrix product sums up in which order depends on its size, and a score must not depend on which texts were next to it.
"""

from __future__ import annotations

import importlib.util
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filters._checks import require_at_least

CONFIG, TOKENIZER, ONNX, SAFETENSORS = "config.json", "tokenizer.json", "model.onnx", "model.safetensors"
_ONNX_WEIGHTS = "model.onnx_data"  # of models over 2 GB, beside the graph
_NEEDS = {ONNX: ("onnxruntime",), SAFETENSORS: ("torch", "transformers")}
_EXTRAS = {ONNX: "onnx", SAFETENSORS: "torch"}
_CHARACTERS_A_TOKEN = 16
MAX_TOKENS = 512  # what BERT and its kin take
CPU, CUDA = "cpu", "cuda"

Logits = Callable[[Sequence[list[int]]], Sequence[Sequence[float]]]


def model_files(path: Path) -> list[Path]:
    """The files that the scores of a model depend on: itself, or those in the folder of a transformer. Nothing is opened."""
    names = (CONFIG, TOKENIZER, ONNX, _ONNX_WEIGHTS) if (path / ONNX).is_file() else (CONFIG, TOKENIZER, SAFETENSORS)
    return [path / name for name in names if (path / name).is_file()] if path.is_dir() else [path]


class TextClassifier:
    """The score of ``label`` for texts: its probability, 0 to 1; of a model with one output alone (a regression, such as
    FineWeb-Edu's 0 to 5) that number. 4 decimals.

    Of a text the first ``max_tokens`` tokens are looked at, of its first 16 characters for each of them. ``device`` is ``cpu``, or
    ``cuda`` for ``model.safetensors``: there texts go in batches, and a fourth decimal may differ with the batch. Raises
    ``FileNotFoundError`` for a folder that lacks a file, ``ModuleNotFoundError`` for a package that is missing, ``ValueError``
    for a label, device or length that the model hasn't. Picklable; the process that uses the model opens it.
    """

    def __init__(
        self, folder: Path, label: str | None = None, max_tokens: int = MAX_TOKENS, device: str = CPU
    ) -> None:
        require_at_least("max_tokens", max_tokens, 2)
        self.folder = Path(folder)
        missing = [name for name in (CONFIG, TOKENIZER) if not (self.folder / name).is_file()]
        weights = next((name for name in (ONNX, SAFETENSORS) if (self.folder / name).is_file()), None)
        if missing or weights is None:
            lacks = ", ".join([*missing, *([] if weights else [f"{ONNX} or {SAFETENSORS}"])])
            raise FileNotFoundError(f"{self.folder} is no classifier that can be opened: it has no {lacks}.")
        self._weights = weights
        for package in _NEEDS[weights]:
            if importlib.util.find_spec(package) is None:
                raise ModuleNotFoundError(
                    f"{self.folder / weights} needs the package {package}, which is not installed; run "
                    f"pip install 'gristmill[{_EXTRAS[weights]}]'."
                )
        if device not in (CPU, CUDA) or (device == CUDA and weights == ONNX):
            raise ValueError(
                f"device is {device!r}; a {weights} runs on {CPU}{'' if weights == ONNX else f' or {CUDA}'}."
            )
        config = json.loads((self.folder / CONFIG).read_text("utf-8"))
        longest = config.get("max_position_embeddings")
        if isinstance(longest, int) and max_tokens > longest:
            raise ValueError(f"max_tokens is {max_tokens}, and {self.folder} takes at most {longest}.")
        labels = _labels(config)
        self.is_regression = len(labels) == 1
        self._each_alone = config.get("problem_type") == "multi_label_classification"
        self._label = _place(labels, label, self.folder)
        self._max_tokens, self._device = max_tokens, device
        self._opened: tuple[Any, Logits] | None = None

    def files(self) -> list[Path]:
        """The files that the scores depend on."""
        return model_files(self.folder)

    def shown(self, text: str) -> str:
        """The part of a text that can matter."""
        return text[: _CHARACTERS_A_TOKEN * self._max_tokens]

    def scores(self, texts: Sequence[str]) -> list[float]:
        """The score of each text, whatever the others are."""
        if self._opened is None:
            open_model = _open_onnx if self._weights == ONNX else _open_torch
            self._opened = _open_tokenizer(self.folder, self._max_tokens), open_model(self.folder, self._device)
        tokenizer, logits = self._opened
        # Lone surrogates of broken pages cannot pass as UTF-8.
        shown = [self.shown(text).encode("utf-8", "replace").decode("utf-8") for text in texts]
        ids = [encoding.ids for encoding in tokenizer.encode_batch(shown)]
        return [self._score(row) for row in logits(ids)]

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_opened": None}

    def _score(self, row: Sequence[float]) -> float:
        if self.is_regression:
            return round(row[0], 4)
        if self._each_alone:
            return round(1 / (1 + math.exp(-max(-700.0, row[self._label]))), 4)
        top = max(row)
        odds = [math.exp(value - top) for value in row]
        return round(odds[self._label] / math.fsum(odds), 4)


def _labels(config: Mapping[str, Any]) -> list[str]:
    names = config.get("id2label")
    if isinstance(names, Mapping) and names:
        return [str(names[key]) for key in sorted(names, key=int)]
    return [f"LABEL_{number}" for number in range(config.get("num_labels", 2))]


def _place(labels: Sequence[str], label: str | None, folder: Path) -> int:
    if label is None and len(labels) == 1:
        return 0
    if label not in labels:
        raise ValueError(f"The model {folder} has no label {label!r}; it has {', '.join(labels)}. Name one of them.")
    return labels.index(label)


def _open_tokenizer(folder: Path, max_tokens: int) -> Any:
    from tokenizers import Tokenizer  # here and below: packages that take seconds or are an extra's

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _open_onnx(folder: Path, device: str) -> Logits:
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / ONNX), options, providers=["CPUExecutionProvider"])
    asked = {each.name for each in session.get_inputs()}

    def logits(batch: Sequence[list[int]]) -> list[list[float]]:
        found = []
        for ids in batch:
            row = np.array([ids or [0]], np.int64)
            every = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
            given = {name: value for name, value in every.items() if name in asked}
            found.append(np.asarray(session.run(None, given)[0], np.float64)[0].tolist())
        return found

    return logits


def _open_torch(folder: Path, device: str) -> Logits:
    import torch
    from transformers import AutoModelForSequenceClassification
    from transformers.utils import logging

    logging.disable_progress_bar()  # in the middle of a run's own
    load = AutoModelForSequenceClassification.from_pretrained
    with _one_thread(torch):
        model = load(str(folder), local_files_only=True, use_safetensors=True).float().to(device).eval()

    def logits(batch: Sequence[list[int]]) -> list[list[float]]:
        found: list[list[float]] = []
        groups = [list(batch)] if device == CUDA else [[ids] for ids in batch]
        with torch.inference_mode(), _one_thread(torch):
            for group in groups:
                longest = max(1, *map(len, group))
                ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in group], device=device)
                mask = torch.tensor([[1] * max(1, len(row)) + [0] * (longest - max(1, len(row))) for row in group])
                found += model(input_ids=ids, attention_mask=mask.to(device)).logits.double().tolist()
        return found

    return logits


@contextmanager
def _one_thread(torch: Any) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
