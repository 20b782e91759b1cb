"""Tables of languages at large: whole, of the size they say, and remade from lists as their maker says."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import numpy as np
import pytest

from filters import build_background
from filters.background import WORDS, background_counts, background_languages
from filters.build_background import LANGUAGES, count
from filters.token_counts import BUCKETS, buckets
from text.hashing import hash64s


def frequency(counts: np.ndarray, word: str) -> float:
    return float(counts[buckets(hash64s([word]))][0])


def test_every_language_has_a_table_of_nearly_a_million_words() -> None:
    assert background_languages() >= set(LANGUAGES) | {"nn", "bs"} and "ko" not in background_languages()
    for language in sorted(background_languages()):
        counts = background_counts(language)
        assert counts.shape == (BUCKETS,) and counts.dtype == np.int64 and counts.min() == 0
        assert 0.8 * WORDS < counts.sum() <= 1.01 * WORDS


@pytest.mark.parametrize(
    ("language", "common", "rarer"),
    [("en", "the", "mill"), ("de", "und", "mühle"), ("zh", "的", "磨"), ("zh", "这", "風"), ("ru", "не", "мельница")],
)
def test_common_words_are_common(language: str, common: str, rarer: str) -> None:
    counts = background_counts(language)
    assert frequency(counts, common) > 10 * frequency(counts, rarer) > 0


def test_tables_are_shared_and_cannot_be_changed() -> None:
    assert np.array_equal(background_counts("nn"), background_counts("no"))
    with pytest.raises(ValueError, match="read-only"):
        background_counts("en")[0] = 1
    with pytest.raises(KeyError):
        background_counts("ko")


def test_entries_become_our_words() -> None:
    counts = count([("Mill", 0.5), ("mill's", 0.1), ("水车", 0.2)], {"车": ["車"]})
    assert frequency(counts, "mill") == pytest.approx(0.5) and frequency(counts, "mill's") == pytest.approx(0.1)
    assert frequency(counts, "水") == pytest.approx(0.2)
    assert frequency(counts, "车") == frequency(counts, "車") == pytest.approx(0.1)


def test_numbers_are_spread_over_their_shape() -> None:
    counts = count([("00", 0.5), ("0.0", 0.2), ("7", 0.1), ("00000", 0.2)])
    assert frequency(counts, "42") == pytest.approx(0.5 / 100)
    assert frequency(counts, "3") == pytest.approx(0.4 / 10)
    assert frequency(counts, "7") == pytest.approx(0.1 + 0.4 / 10)
    assert counts.sum() == pytest.approx(0.5 + 0.4 + 0.1)  # no number of five digits


def test_shapes_that_are_too_rare_or_too_long_are_left_out() -> None:
    # Of a million words a number of four digits must have a hundredth of one: 0.0001 of all.
    for often, left in ((1e-4, True), (0.99e-4, False)):
        counts = count([("corn", 0.5), ("0000", often)])
        assert (frequency(counts, "1234") > 0) is left
        assert frequency(counts, "corn") == pytest.approx(0.5 / (0.5 + often * left))
    assert frequency(count([("corn", 0.5), ("00000", 0.5)]), "12345") == 0


def test_tables_are_made_from_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hundredths of a decade: each entry of list ``level`` is as frequent as 10 to the power of -level / 100."""
    lists = {"en": [[], ["mill"], *[[]] * 98, ["wind"]], "zh": [[], ["\u8f66"]], "de": [["korn"]]}
    wordfreq = types.ModuleType("wordfreq")
    wordfreq.__dict__["get_frequency_list"] = lambda code: lists[code]
    chinese = types.ModuleType("wordfreq.chinese")
    chinese.__dict__["SIMPLIFIED_MAP"] = {ord("\u8eca"): "\u8f66"}
    monkeypatch.setitem(sys.modules, "wordfreq", wordfreq)
    monkeypatch.setitem(sys.modules, "wordfreq.chinese", chinese)
    monkeypatch.setattr(build_background, "LANGUAGES", {"en": "en", "zh": "zh", "de": "de"})
    for name in ("one.npz", "other.npz"):
        monkeypatch.setattr(sys, "argv", ["build_background", str(tmp_path / name)])
        build_background.main()
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()
    with np.load(tmp_path / "one.npz") as tables:
        found = {name: tables[name] for name in tables.files}
    assert set(found) == {"en", "zh", "de"}
    mill, wind = 10**-0.01, 0.1
    assert frequency(found["en"], "mill") == pytest.approx(mill / (mill + wind) * WORDS, abs=1)
    assert frequency(found["en"], "wind") == pytest.approx(wind / (mill + wind) * WORDS, abs=1)
    assert frequency(found["de"], "korn") == 0.97 * WORDS
    assert frequency(found["de"], "mill") == pytest.approx(0.03 * mill / (mill + wind) * WORDS, abs=1)
    assert frequency(found["zh"], "\u8f66") == frequency(found["zh"], "\u8eca") == 0.485 * WORDS
    assert found["de"].dtype == np.uint32


def test_the_package_of_the_lists_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wordfreq", None)
    monkeypatch.setattr(sys, "argv", ["build_background", "out.npz"])
    with pytest.raises(SystemExit, match="The package wordfreq is missing"):
        build_background.main()
