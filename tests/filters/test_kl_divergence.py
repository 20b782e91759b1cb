"""Excess divergence: additive statistics, no bias by length, outliers above and prose below the limit."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.kl_divergence import KLDivergenceFilter
from filters.token_counts import BUCKETS, MAX_WORDS_PER_DOCUMENT, TokenCounts, buckets
from filters.vocabulary import folded_words
from text.document import Document, Span

WORDS = st.lists(st.text("abc", min_size=1, max_size=3), max_size=20)
LEXICON = [f"word{number}" for number in range(1000)]


def zipf_text(source: random.Random, length: int) -> str:
    """Words whose frequencies fall off as a language's do."""
    return " ".join(LEXICON[min(int(math.exp(source.random() * math.log(1000))), 1000) - 1] for _ in range(length))


@pytest.fixture(scope="module")
def corpus() -> TokenCounts:
    source = random.Random(1)
    table = TokenCounts()
    for _ in range(300):
        table.add(folded_words(zipf_text(source, 400)))
    return table


def table_of(*documents: list[str]) -> TokenCounts:
    table = TokenCounts()
    for document in documents:
        table.add(document)
    return table


@given(st.lists(WORDS, max_size=5), st.integers(0, 5))
def test_tables_of_parts_add_up_to_the_table_of_the_whole(documents: list[list[str]], cut: int) -> None:
    merged = table_of(*documents[cut:])
    merged.merge(table_of(*documents[:cut]))
    assert merged == table_of(*documents)
    assert merged.documents == len(documents)
    assert int(merged.counts.sum()) == sum(map(len, documents))


@given(st.lists(WORDS, max_size=3))
def test_tables_survive_as_bytes(documents: list[list[str]]) -> None:
    table = table_of(*documents)
    assert TokenCounts.from_bytes(table.to_bytes()) == table


def test_foreign_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="no table of token counts"):
        TokenCounts.from_bytes(b"x" * 100)


def test_one_huge_document_is_counted_in_part() -> None:
    table = table_of(["spam"] * (10 * MAX_WORDS_PER_DOCUMENT))
    assert 0 < int(table.counts.sum()) <= MAX_WORDS_PER_DOCUMENT


def test_buckets_are_those_of_the_table() -> None:
    ids = buckets(["one", "two", "one"])
    assert ids[0] == ids[2] and ids.min() >= 0 and ids.max() < BUCKETS
    assert table_of(["one", "two", "one"]).counts[ids[0]] == 2


def test_divergence_is_the_textbook_sum_over_the_other_documents() -> None:
    document = "a a a b b a b b a a"
    table = table_of(["a"] * 30 + ["b"] * 10, document.split())
    judge = KLDivergenceFilter({"en": table}, window=10, min_documents=1)
    seen = 2
    q = {word: (count + seen / BUCKETS) / (40 + seen) for word, count in (("a", 30), ("b", 10))}
    expected = 0.6 * math.log(0.6 / q["a"]) + 0.4 * math.log(0.4 / q["b"])
    scores = judge.score(Document(document, "en"))
    assert scores["kl"] == pytest.approx(expected, abs=1e-4)


def test_expectation_is_the_mean_over_samples_of_the_corpus(corpus: TokenCounts) -> None:
    judge = KLDivergenceFilter({"en": corpus}, window=100)
    source = random.Random(2)
    excess = [judge.score(Document(zipf_text(source, 100), "en"))["excess"] for _ in range(200)]
    assert abs(np.mean(excess)) < 0.15


def test_length_does_not_move_the_score(corpus: TokenCounts) -> None:
    judge = KLDivergenceFilter({"en": corpus}, window=100)
    source = random.Random(3)
    short = np.mean([judge.score(Document(zipf_text(source, 100), "en"))["excess"] for _ in range(50)])
    long = judge.score(Document(zipf_text(source, 20_000), "en"))["excess"]
    assert abs(short - long) < 0.15


def test_a_log_goes_and_the_corpus_own_words_stay(corpus: TokenCounts, log_dump: str) -> None:
    judge = KLDivergenceFilter({"en": corpus})
    verdict = judge.decide(judge.score(Document(log_dump, "en")))
    assert verdict is not None and verdict.reason == "outlier_tokens" and verdict.score > 2.5
    ordinary = zipf_text(random.Random(4), 300)
    assert judge.decide(judge.score(Document(ordinary, "en"))) is None
    text = ordinary + "\n" + log_dump
    with_code = Document(text, "en", (Span(len(ordinary), len(text), "code"),))
    assert judge.score(with_code) == judge.score(Document(ordinary, "en"))


def test_too_little_evidence_is_not_judged(corpus: TokenCounts) -> None:
    judge = KLDivergenceFilter({"en": corpus, "de": table_of(["wort"])})
    text = zipf_text(random.Random(5), 100)
    assert judge.score(Document(text, "en")) is not None
    assert judge.score(Document(text.rpartition(" ")[0], "en")) is None
    assert judge.score(Document(text, "de")) is None
    assert judge.score(Document(text, "fr")) is None


def test_mistakes_are_sentences() -> None:
    for name, value in [("max_excess", -1), ("window", 5), ("min_documents", 0)]:
        with pytest.raises(ValueError, match=f"{name} is {value}"):
            KLDivergenceFilter({}, **{name: value})
