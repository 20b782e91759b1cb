"""The languages of a text in several, their glimpses and pieces, against a plain reading of the same rules."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters import language as module
from filters.language import LanguageIdentifier


class Marked:
    """A model that knows languages by a word of each (``qde``), and is sure of texts with words of one alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def predict(self, text: str, k: int = 1) -> list[tuple[str, float]]:
        marks = Counter(re.findall(r"\bq(..)\b", text))
        language = min(marks, key=lambda mark: (-marks[mark], mark), default="en")
        return [(language, {0: 0.5, 1: 0.8}.get(len(marks), 0.7999))]

    def predict_each(self, texts: list[str], k: int = 1) -> list[list[tuple[str, float]]]:
        return [self.predict(text) for text in texts]


END = re.compile(r"[.!?\u2026/|](?=\s)|[\u3002\uff01\uff1f\t]")
END_OR_LINE = re.compile(r"[.!?\u2026/|](?=\s)|[\u3002\uff01\uff1f\t\n]")
SAME = {"ms": "id", "nn": "no"}


def plain_glimpses(prose: str) -> list[str]:
    found = []
    for start in range(0, len(prose), max(100, len(prose) // 12)):
        if start and (end := END_OR_LINE.search(prose[start : start + 100])):
            start += end.end()
        end = END_OR_LINE.search(prose[start + 40 : start + 100])
        found.append(prose[start : start + 40 + end.end() if end else start + 100])
    return found


def plain_pieces(prose: str) -> list[str]:
    found = []
    for line in prose.split("\n"):
        least = 40 if line.isascii() else 15
        sentences = [""]
        for begin, end in pairwise([0, *(match.end() for match in END.finditer(line)), len(line)]):
            sentences[-1] += line[begin:end]
            if len(sentences[-1]) >= least and end < len(line):
                sentences.append("")
        for whole in sentences:
            sentence = whole
            while len(sentence) >= least:
                cut = sentence[:200]
                if len(sentence) > 200 and " " in cut[least:]:
                    cut = cut[: cut.rindex(" ")]
                found.append(cut)
                sentence = sentence[len(cut) :]
    return found if len(found) <= 120 else [found[number * len(found) // 120] for number in range(120)]


def plain_shares(prose: str, least: float) -> dict[str, float]:
    model = Marked(Path())
    said = [model.predict(text.lower())[0] for text in plain_glimpses(prose) if re.search("[a-z\u00e9]", text)]
    languages = Counter(language for language, score in said if score >= 0.8)
    if sum(languages.values()) - max(languages.values(), default=0) < 2:
        return {}
    words, pieces = Counter[str](), Counter[str]()
    for piece in plain_pieces(prose):
        (language, score), *_ = model.predict(piece.lower())
        if score >= 0.8 and re.search("[a-z\u00e9]", piece):
            pieces[language] += 1
            words[language] += len(re.findall(r"\w+", piece))
    for language, other in SAME.items():
        if words[language] and words[other]:
            less, more = sorted((language, other), key=lambda one: (words[one], one))
            words[more] += words.pop(less)
    total = sum(words.values())
    shares = {language: count / total for language, count in words.items() if count and count >= 0.05 * total}
    others = sorted(shares, key=lambda language: (-shares[language], language))
    if not any(shares[language] >= least and pieces[language] > 1 for language in others[1:]):
        return {}
    return {language: round(shares[language], 4) for language in others}


@pytest.fixture(scope="module")
def marked() -> LanguageIdentifier:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FastTextModel", Marked)
        return LanguageIdentifier(Path("any"))


SENTENCES = st.tuples(
    st.sampled_from(["qde", "qde", "qfr", "qms", "qid", "qno", "qnn", "qde qfr", "corn"]),
    st.sampled_from([0, 1, 5, 6, 7, 8, 20, 39, 40, 41]),
    st.sampled_from([". ", ".\n", "\n", "! ", " ", "\u3002", "\t", ".", " \u00e9 | "]),
).map(lambda parts: f"{parts[0]} " * 3 + "mill " * parts[1] + parts[0] + parts[2])


@settings(max_examples=150)
@given(st.lists(SENTENCES | st.sampled_from(["y" * 39, "y" * 250, " ", "\n", "1 2 3. "]), max_size=24).map("".join))
@example(("qde " * 9 + "corn. ") * 15 + ("qfr " * 9 + "corn. ") * 4)
@example(("qde " * 9 + "corn. ") * 12 + ("qfr " * 9 + "corn. ") * 3)
@example(("qde " * 9 + "corn. ") * 130 + ("qfr " * 9 + "corn. ") * 130)
@example(("qde " * 9 + "corn. ") * 57 + ("qms " * 9 + "corn. ") * 57 + ("qfr " * 9 + "corn. ") * 6)
@example(("qde " * 9 + "corn. ") * 38 + ("qms " * 9 + "corn. ") * 76 + ("qfr " * 9 + "corn. ") * 6)
def test_shares_are_those_of_a_plain_reading(marked: LanguageIdentifier, prose: str) -> None:
    assert marked.shares(prose) == plain_shares(prose, 0.2)


@pytest.mark.parametrize("length", [99, 100, 101, 1_199, 1_200, 1_211, 1_212, 2_400, 5_001])
def test_twelve_glimpses_are_looked_at(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    seen: list[list[str]] = []

    def noted(self: Marked, texts: list[str], k: int = 1) -> list[list[tuple[str, float]]]:
        seen.append(texts)
        return [self.predict(text) for text in texts]

    monkeypatch.setattr(module, "FastTextModel", Marked)
    monkeypatch.setattr(Marked, "predict_each", noted)
    identifier = LanguageIdentifier(Path("any"))
    for text in ("corn " * 2_000, "corn of the mill stands. it " * 400, "corn\n" * 2_000):
        assert identifier.shares(text[:length]) == {}
        assert seen.pop() == [glimpse for glimpse in plain_glimpses(text[:length]) if re.search("[a-z]", glimpse)]
    assert len(plain_glimpses("corn " * 1_000)) == 13  # the rest of a division by twelve
    assert len(plain_glimpses("corn " * 960)) == 12


def test_half_of_the_letters_say_which_script_a_language_must_be_written_in(marked: LanguageIdentifier) -> None:
    # The model says English, which isn't written in Cyrillic.
    assert marked.identify("\u0434\u0434\u0434\u0434 aa \u03bb\u03bb") == ("ru", 0.5)
    assert marked.identify("\u0434" * 49 + "a" * 26 + "\u03bb" * 25) == ("en", 0.5)
    assert marked.identify("\u0434" * 75 + "a" * 25) == ("ru", 0.75)
