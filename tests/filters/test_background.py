"""Tables of languages at large: whole, of the size they say, and remade from lists as their maker says."""

from __future__ import annotations

import numpy as np
import pytest

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
