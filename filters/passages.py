"""Repeated passages: runs of lines that say again what the document has said, as logs and error messages do.

Llama 3 uses the "duplicated n-gram coverage ratio (Rae et al., 2021) to remove lines that consist of repeated content
such as logging or error messages. Those lines could be very long and unique, hence cannot be filtered by line-dedup"
(arXiv 2407.21783, §3.1.1). It removes lines, then, and not documents. Our reading of it:

* Words are those of :mod:`text.segment` without case. A word is covered when it lies in an n-gram of ``ngram`` words
  that stood in the document before: the first copy of anything stays.
* A line is repeated when ``min_coverage`` of the characters of its words are covered. A line without words goes with the
  lines around it.
* A long line (``log_words`` words or more) is repeated too when that holds of its words without a digit and all others
  count as one word, so that it is not made new by its time, address or number; but only n-grams count then that come
  ``log_copies`` times or more and hold two words without a digit. Prices, scores and models differ by their numbers
  too, and what they say is new: they stand in short lines, or few times.
* A passage is a run of repeated lines; up to ``max_gap`` lines that are none may stand in it, and stay. It goes when its
  repeated lines are at least ``min_lines`` and hold at least ``min_words`` words: a chorus, a lede that is printed twice
  and the recurring cells of a listing stay.
* Lines that touch code, mathematics or a table are never removed, and end a passage.

In scripts without spaces a word is one character, and an n-gram is as many times longer as in
:mod:`filters.repetition`.
"""

from __future__ import annotations

import numpy as np

from filters._checks import require_at_least, require_fraction
from filters.ngram_kernels import rows_said_before
from filters.repetition import without_numbers
from filters.rules import Condition, Rule, first_rule
from filters.verdict import Reject, Scores
from text.document import NO_PROSE, Document, rows_of_spans

RULE = "repeated_passage"


class PassagesFilter:
    """Removes repeated passages; see the module for the arithmetic.

    A document goes (reason ``mostly_repeated``, score: the removed share of its words) when fewer than ``left_words``
    words would be left of it, or fewer than ``left_of_mostly`` where more than ``mostly`` of them would go: first copies
    and the line above a log are no document. All numbers are ours; docs/filters.md shows what they do to good pages and to logs.
    """

    name = "passages"

    def __init__(
        self,
        ngram: int = 5,
        min_coverage: float = 0.8,
        min_lines: int = 8,
        min_words: int = 100,
        max_gap: int = 1,
        log_words: int = 8,
        log_copies: int = 5,
        left_words: int = 50,
        mostly: float = 0.7,
        left_of_mostly: int = 150,
    ) -> None:
        require_at_least("ngram", ngram, 3)
        require_fraction("min_coverage", min_coverage)
        for key, value in (("min_lines", min_lines), ("min_words", min_words), ("log_words", log_words)):
            require_at_least(key, value, 1)
        require_at_least("max_gap", max_gap, 0)
        require_at_least("log_copies", log_copies, 2)
        require_at_least("left_words", left_words, 0)
        require_fraction("mostly", mostly)
        require_at_least("left_of_mostly", left_of_mostly, 0)
        self._ngram, self._min_coverage = ngram, min_coverage
        self._min_lines, self._min_words, self._max_gap = min_lines, min_words, max_gap
        self._log_words, self._log_copies = log_words, log_copies
        some = Condition("removed_words", ">", 0)
        self._rules = [
            Rule("mostly_repeated", (Condition("removed_share", ">", mostly, "mostly"), some,
                                     Condition("left_words", "<", left_of_mostly, "left_of_mostly"))),
            Rule("mostly_repeated", (Condition("removed_share", "<=", mostly, "mostly"), some,
                                     Condition("left_words", "<", left_words, "left_words"))),
        ]  # fmt: skip

    def judge_lines(self, document: Document) -> tuple[dict[int, str], Scores | None]:
        """The rows of the document that go, each with its rule; and ``removed_words``, ``left_words`` and
        ``removed_share``, ``None`` for a document of fewer than ``min_words`` words."""
        view = document.view
        total = view.word_count
        if total < self._min_words or len(view.rows) < self._min_lines:
            return {}, None
        repeated = self._repeated_rows(document)
        if int((repeated == 1).sum()) < self._min_lines:
            return {}, {"removed_words": 0, "left_words": total, "removed_share": 0.0}
        words = view.row_word_counts
        gone = self._passages(repeated, words)
        removed = int(words[gone].sum())
        scores = {
            "removed_words": removed,
            "left_words": total - removed,
            "removed_share": round(removed / total, 4),
        }
        return dict.fromkeys(gone.tolist(), RULE), scores

    def decide(self, scores: Scores) -> Reject | None:
        """``mostly_repeated`` when something went and too little is left."""
        return first_rule(self._rules, scores)

    def rules(self) -> list[Rule]:
        """One rule for documents that mostly repeat themselves, and one for all other."""
        return self._rules

    def _repeated_rows(self, document: Document) -> np.ndarray:
        """For each row 1 where it is repeated, 0 where it has no words, -1 where it stays, -2 where it must."""
        view = document.view
        scale = view.characters_a_word
        state = rows_said_before(
            view.folded_hashes, without_numbers(view), view.has_digit, view.lengths, view.before_row,
            self._ngram * scale, self._log_copies, 2 * scale, self._log_words * scale, float(self._min_coverage),
        )  # fmt: skip
        state[list(rows_of_spans(document.view.rows, document.spans, NO_PROSE))] = -2
        return state

    def _passages(self, state: np.ndarray, words: np.ndarray) -> np.ndarray:
        """Indices of the rows that go, ascending."""
        gone: list[int] = []
        run: list[int] = []
        gap = 0

        def close() -> None:
            repeated = [row for row in run if state[row] == 1]
            if len(repeated) >= self._min_lines and int(words[run].sum()) >= self._min_words:
                # Rows without letters behind the last repeated line belong to what follows it.
                gone.extend(row for row in run if row <= repeated[-1])
            run.clear()

        for row, kind in enumerate(state.tolist()):
            if kind == 1:
                run.append(row)
                gap = 0
            elif kind == 0:
                if run:
                    run.append(row)
            elif kind == -2 or gap == self._max_gap:
                close()
                gap = 0
            else:
                gap += 1
        close()
        return np.asarray(gone, np.int64)
