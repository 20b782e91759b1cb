"""A fastText model that loads when first used and stays out of pickles.

Workers of an engine receive filters as pickles and may fork: a model is therefore named by its path, opened in the
process that uses it, and never carried from one process to another.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

_SHOWN_LABELS = 20
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
        self._model: Any = None

    def predict(self, text: str, k: int = 1) -> list[tuple[str, float]]:
        """The ``k`` most probable labels of ``text`` (one line) with their probabilities, at most 1.

        Line feeds become spaces, since a fastText document is one line. Probabilities are rounded to 4 decimals:
        fastText's own sums exceed 1 by a few units of float32, and differ in the last digits between processors.
        """
        # Lone surrogates of broken pages cannot pass into C++ as UTF-8.
        line = text.replace("\n", " ").encode("utf-8", "replace").decode("utf-8")
        labels, probabilities = self._opened().predict(line, k=k)
        return [
            (label.removeprefix("__label__"), round(min(float(probability), 1.0), 4))
            for label, probability in zip(labels, probabilities, strict=True)
        ]

    def labels(self) -> list[str]:
        """The labels that the model gives, without ``__label__``, in alphabetical order. Opens the model."""
        return sorted(label.removeprefix("__label__") for label in self._opened().labels)

    def probability(self, text: str, label: str) -> float:
        """The probability of one label, 0 to 1, 4 decimals. Whether the model has it, :meth:`require_label` says."""
        # All labels are asked for: the wanted one may be the least likely.
        return dict(self.predict(text, k=-1)).get(label, 0.0)

    def require_label(self, label: str) -> str:
        """``label`` without ``__label__``. ``ValueError`` naming the model's labels where it has no such label: asked
        for one that it doesn't know, fastText answers nothing, and every score would be 0."""
        label = label.removeprefix("__label__")
        labels = self.labels()
        if label not in labels:
            shown = ", ".join(labels[:_SHOWN_LABELS]) + (", …" if len(labels) > _SHOWN_LABELS else "")
            raise ValueError(f"The model {self.path} has no label {label!r}; it has {shown}. Name one of them.")
        return label

    def _opened(self) -> Any:
        if self._model is None:
            try:
                self._model = fasttext_module().load_model(str(self.path))
            except ValueError as error:
                raise ValueError(f"{self.path} can't be opened as a fastText model: {error}") from error
        return self._model

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "_model": None}
