"""Decontamination: pages that hold questions of test sets which a model will be measured with.

Llama 3 (arXiv 2407.21783, §5.1.4) measures contamination afterwards, by the share of an example's tokens that lie in 8-grams
of the corpus, with a threshold for each set; GPT-3 (Brown et al. 2020, appendix C) removed what shared a 13-gram with
a test. The first misses no long text and hits common phrases, the second can't see questions under 13 words and falls
for quotations. The reading here counts what the words tell, not how many they are:

* a word tells -log2 of its frequency in its language (:mod:`filters.decontamination.index`);
* a question stands in a page where nearly all of what it tells lies in runs of four words that stand close together and,
  with the choices that follow, is ``bits`` or more; or where a share of ``overlap`` does, half as many bits again.

So a short question counts if it stands there whole and is peculiar enough, or is followed by its choices.
"""

from __future__ import annotations

import os
import re
import uuid
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from filters._checks import require_at_least, require_fraction
from filters.decontamination.index import QuestionIndex, build
from filters.decontamination.questions import files_of, read_questions
from filters.decontamination.search import Found, Limits, search, searchable
from filters.verdict import Reject, Scores
from text.document import Document
from text.hashing import hash128_hex

ACTIONS = ("report", "reject", "cut")
MIN_LEFT = 50
IN_SET = "in_"
"""So begin the scores that count a set's questions, and the reasons of rejection."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class DecontaminationFilter:
    """Finds questions of ``sets`` (name to file, folder or pattern; :mod:`filters.decontamination.questions` has the layouts).

    ``action``: ``report`` stores how many questions of each set a document holds and nothing else; ``reject`` rejects
    such documents (reason ``in_<set>``, score: questions); ``cut`` takes out the lines that hold the questions and
    their choices, counted by set, and rejects what has fewer than 50 words then.
    """

    name = "decontamination"

    def __init__(
        self,
        sets: Mapping[str, str],
        action: str = "report",
        overlap: float = 0.5,
        bits: int = 60,
    ) -> None:
        if not isinstance(sets, Mapping) or not sets:
            raise ValueError("sets is empty; name test sets with their files, such as {gsm8k: tests/gsm8k.jsonl}.")
        for name in sets:
            if not _NAME.fullmatch(str(name)):
                raise ValueError(f"sets has {name!r}; a set's name is of small letters, digits and underscores.")
        if action not in ACTIONS:
            raise ValueError(f"action is {action!r}; it must be one of {', '.join(ACTIONS)}.")
        require_fraction("overlap", overlap)
        require_at_least("bits", bits, 1)
        self._action = action
        self._limits = Limits(overlap, bits)
        self._index = load_index(tuple(sorted((name, str(path)) for name, path in sets.items())))
        can_be_found = searchable(self._index, self._limits)
        self.questions = {
            name: (int(np.sum(self._index.sets == number)), int(can_be_found[self._index.sets == number].sum()))
            for number, name in enumerate(self._index.names)
        }
        for name, (count, possible) in self.questions.items():
            if not possible:
                raise ValueError(
                    f"No question of the set {name} ({count} of them) tells {bits} bits, so none could be found; lower bits."
                )

    def find(self, document: Document) -> list[tuple[str, Found]]:
        """Each question that stands in the document, with the name of its set."""
        return [
            (self._index.names[int(self._index.sets[found.question])], found)
            for found in search(self._index, document.view.folded_hashes, self._limits)
        ]

    def judge_lines(self, document: Document) -> tuple[Mapping[int, str], Scores | None]:
        """The lines of questions where they are to be cut; scores: ``questions`` in all, ``in_<set>`` of each set that has any,
        and ``left``: the words outside the lines that hold them."""
        view = document.view
        found = self.find(document)
        counts = Counter(f"{IN_SET}{name}" for name, _ in {(name, each.question) for name, each in found})
        scores: dict[str, float] = {"questions": sum(counts.values()), **dict(sorted(counts.items()))}
        if not found:
            return {}, scores
        lengths = view.row_word_counts
        row_of = np.repeat(np.arange(lengths.size), lengths)
        gone = {int(row): name for name, each in found for start, end in each.parts for row in row_of[start:end]}
        scores["left"] = int(lengths.sum()) - int(lengths[list(gone)].sum())
        return dict(sorted(gone.items())) if self._action == "cut" else {}, scores

    def decide(self, scores: Scores) -> Reject | None:
        """``in_<set>``, the set with most questions, where the document goes."""
        if self._action == "report" or not scores["questions"]:
            return None
        if self._action == "cut" and scores["left"] >= MIN_LEFT:
            return None
        most = max((name for name in scores if name.startswith(IN_SET)), key=lambda name: (scores[name], name))
        return Reject(most, scores["questions"])


@lru_cache(maxsize=4)
def load_index(sets: tuple[tuple[str, str], ...]) -> QuestionIndex:
    """The index of test sets, mapped: built once a machine, in the user's cache, under a name made of the sets' contents.

    Raises ``FileNotFoundError`` and ``ValueError`` as :func:`filters.decontamination.questions.read_questions`.
    """
    contents = [(name, [hash128_hex(file.read_bytes()) for file in files_of(path)]) for name, path in sets]
    # The program is in the name, so that an index of another version isn't read.
    code = [hash128_hex(file.read_bytes()) for file in sorted(Path(__file__).parent.glob("*.py"))]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gristmill" / "test-sets"
    place = cache / f"{hash128_hex(repr((code, contents)))}.idx"
    if not place.is_file():
        data = build({name: read_questions(path) for name, path in sets})
        try:
            cache.mkdir(parents=True, exist_ok=True)
            temporary = place.with_suffix(f".{uuid.uuid4().hex}.tmp")
            temporary.write_bytes(data)
            temporary.replace(place)
        except OSError:  # no home, or one that can't be written to: every worker then holds its own
            return QuestionIndex(data)
    return QuestionIndex.open(place)
