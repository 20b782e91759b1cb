"""A fastText model that loads when first used and stays out of pickles.

Workers of an engine receive filters as pickles and may fork: a model is therefore named by its path, opened in the
process that uses it, and never carried from one process to another.

Quantised models (``.ftz``) are read into tables and predict by our own kernels (:mod:`filters.fasttext_kernels`), which
give fastText's labels, and its probabilities nearly, in a fifth of the time; all other models are fastText's.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from filters.fasttext_file import Tables, read_quantised

_SHOWN_LABELS = 20
_LABEL = "__label__"
MEND_FASTTEXT = "pip uninstall -y fasttext-predict; pip install --force-reinstall --no-deps fasttext-community"


def fasttext_module() -> Any:
    """The module ``fasttext`` of fasttext-community, imported on first call.

    The package fasttext-predict installs under the same name a module that can neither train nor be told apart by
    its files; whichever was installed last wins. Raises ``RuntimeError`` with the command that mends either case.
    """
    try:
        module = importlib.import_module("fasttext")
    except ImportError as error:
        raise RuntimeError(f"The module fasttext cannot be imported ({error}). Run: {MEND_FASTTEXT}") from error
    if not hasattr(module, "train_supervised"):
        raise RuntimeError(
            f"The module fasttext has been overwritten by fasttext-predict, which cannot train. Run: {MEND_FASTTEXT}"
        )
    return module


class FastTextModel:
    """Predictions of the fastText model in the file ``path`` (``.bin`` or ``.ftz``).

    Raises ``FileNotFoundError`` when constructed on a path that is no file, and ``RuntimeError`` where the module
    fasttext is not fit to use: before a run, not in the middle of it.
    """

    def __init__(self, path: Path) -> None:
        if not Path(path).is_file():
            raise FileNotFoundError(f"There is no fastText model at {path}; name the file of a trained model.")
        fasttext_module()
        self.path = Path(path)
        self._model: _Quantised | _FastText | None = None

    def predict(self, text: str, k: int = 1) -> list[tuple[str, float]]:
        """The ``k`` most probable labels of ``text`` (one line) with their probabilities, at most 1; all for -1.

        Line feeds become spaces, since a fastText document is one line. Probabilities are rounded to 4 decimals:
        fastText's own sums exceed 1 by a few units of float32, and differ in the last digits between processors.
        """
        return self.predict_each([text], k)[0]

    def predict_each(self, texts: Sequence[str], k: int = 1) -> list[list[tuple[str, float]]]:
        """:meth:`predict` for each of several texts; together they cost less."""
        return [
            [(label, round(min(probability, 1.0), 4)) for label, probability in found]
            for found in self._opened().predict(_lines(texts), k)
        ]

    def labels(self) -> list[str]:
        """The labels that the model gives, without ``__label__``, in alphabetical order. Opens the model."""
        return sorted(self._opened().labels)

    def probability(self, text: str, label: str) -> float:
        """The probability of one label, 0 to 1, 4 decimals. Whether the model has it, :meth:`require_label` says."""
        return self.probabilities([text], label)[0]

    def probabilities(self, texts: Sequence[str], label: str) -> list[float]:
        """:meth:`probability` for each of several texts; together they cost less."""
        found = self._opened().probabilities(_lines(texts), label)
        return [round(min(probability, 1.0), 4) for probability in found]

    def require_label(self, label: str) -> str:
        """``label`` without ``__label__``. ``ValueError`` naming the model's labels where it has no such label: asked
        for one that it doesn't know, fastText answers nothing, and every score would be 0."""
        label = label.removeprefix(_LABEL)
        labels = self.labels()
        if label not in labels:
            shown = ", ".join(labels[:_SHOWN_LABELS]) + (", …" if len(labels) > _SHOWN_LABELS else "")
            raise ValueError(f"The model {self.path} has no label {label!r}; it has {shown}. Name one of them.")
        return label

    def _opened(self) -> _Quantised | _FastText:
        if self._model is None:
            tables = read_quantised(self.path)
            self._model = _FastText(self.path) if tables is None else _Quantised(*tables)
        return self._model

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "_model": None}


def _lines(texts: Sequence[str]) -> list[bytes]:
    # Lone surrogates of broken pages are no UTF-8.
    return [text.replace("\n", " ").encode("utf-8", "replace") for text in texts]


_Found = list[tuple[str, float]]
"""Labels of a line without ``__label__``, with their probabilities, the most probable first."""


class _Quantised:
    """A model that our kernels read."""

    def __init__(self, tables: Tables, labels: list[str]) -> None:
        # Compiled code: not before there is a model to use it.
        from filters import fasttext_kernels

        self.labels = [label.removeprefix(_LABEL) for label in labels]
        self._tables, self._memory = tables, fasttext_kernels.new_memory(tables)
        self._kernels = fasttext_kernels

    def predict(self, lines: list[bytes], k: int) -> list[_Found]:
        if k == 1:
            best, values = self._kernels.best_labels(self._tables, self._memory, lines)
            pairs = zip(best.tolist(), values.tolist(), strict=True)
            return [[(self.labels[label], value)] if label >= 0 else [] for label, value in pairs]
        found = self._kernels.probabilities(self._tables, self._memory, lines)
        order = np.argsort(-found, axis=1, kind="stable")[:, : k if k > 0 else None]
        return [
            [
                (self.labels[label], value)
                for label, value in zip(row.tolist(), line[row].tolist(), strict=True)
                if value >= 0
            ]
            for row, line in zip(order, found, strict=True)
        ]

    def probabilities(self, lines: list[bytes], label: str) -> list[float]:
        if label not in self.labels:
            return [0.0] * len(lines)
        found = self._kernels.probabilities(self._tables, self._memory, lines)[:, self.labels.index(label)]
        return np.maximum(found, 0).tolist()


class _FastText:
    """A model that the module fasttext reads."""

    def __init__(self, path: Path) -> None:
        try:
            self._model = fasttext_module().load_model(str(path))
        except ValueError as error:
            raise ValueError(f"{path} can't be opened as a fastText model: {error}") from error

    @property
    def labels(self) -> list[str]:
        return [label.removeprefix(_LABEL) for label in self._model.labels]

    def predict(self, lines: list[bytes], k: int) -> list[_Found]:
        found = (self._model.predict(line.decode("utf-8"), k=k) for line in lines)
        return [
            [(label.removeprefix(_LABEL), float(probability)) for label, probability in zip(*pairs, strict=True)]
            for pairs in found
        ]

    def probabilities(self, lines: list[bytes], label: str) -> list[float]:
        # All labels are asked for: the wanted one may be the least likely.
        return [dict(found).get(label, 0.0) for found in self.predict(lines, -1)]
