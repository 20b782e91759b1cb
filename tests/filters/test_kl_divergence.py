"""Excess divergence: additive statistics, no bias by length, outliers above and prose below the limit."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from filters.kl_divergence import KLDivergenceFilter
from filters.token_counts import BUCKETS, MAX_WORDS_PER_DOCUMENT, TokenCounts, buckets
from filters.verdict import Reject
from text.document import Document, Span
from text.hashing import hash64s

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
        table.add(hash64s(zipf_text(source, 400).split()))
    return table


def table_of(*documents: list[str]) -> TokenCounts:
    table = TokenCounts()
    for document in documents:
        table.add(hash64s(document))
    return table


@given(st.lists(WORDS, max_size=5), st.integers(0, 5))
def test_tables_of_parts_add_up_to_the_table_of_the_whole(documents: list[list[str]], cut: int) -> None:
    merged = table_of(*documents[cut:])
    merged.merge_bytes(table_of(*documents[:cut]).to_bytes())
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
    ids = buckets(hash64s(["one", "two", "one"]))
    assert ids[0] == ids[2] and ids.min() >= 0 and ids.max() < BUCKETS
    assert table_of(["one", "two", "one"]).counts[ids[0]] == 2


def test_divergence_is_the_textbook_sum_over_the_other_documents() -> None:
    document = "a a a b b a b b a a"
    table = table_of(["a"] * 30 + ["b"] * 10, document.split())
    judge = KLDivergenceFilter({"en": table}, window=10, min_documents=1, background=False)
    seen = 2
    q = {word: (count + seen / BUCKETS) / (40 + seen) for word, count in (("a", 30), ("b", 10))}
    expected = 0.6 * math.log(0.6 / q["a"]) + 0.4 * math.log(0.4 / q["b"])
    scores = judge.score(Document(document, "en"))
    assert scores["kl"] == pytest.approx(expected, abs=1e-4)


def test_expectation_is_the_mean_over_samples_of_the_corpus(corpus: TokenCounts) -> None:
    judge = KLDivergenceFilter({"en": corpus}, window=100, background=False)
    source = random.Random(2)
    excess = [judge.score(Document(zipf_text(source, 100), "en"))["excess"] for _ in range(200)]
    assert abs(np.mean(excess)) < 0.15


def test_length_does_not_move_the_score(corpus: TokenCounts) -> None:
    judge = KLDivergenceFilter({"en": corpus}, window=100, background=False)
    source = random.Random(3)
    short = np.mean([judge.score(Document(zipf_text(source, 100), "en"))["excess"] for _ in range(50)])
    long = judge.score(Document(zipf_text(source, 20_000), "en"))["excess"]
    assert abs(short - long) < 0.15


def test_a_log_goes_and_the_corpus_own_words_stay(corpus: TokenCounts, log_dump: str) -> None:
    judge = KLDivergenceFilter({"en": corpus}, background=False)
    verdict = judge.decide(judge.score(Document(log_dump, "en")))
    assert verdict is not None and verdict.reason == "outlier_tokens" and verdict.score > 4.2
    ordinary = zipf_text(random.Random(4), 300)
    assert judge.decide(judge.score(Document(ordinary, "en"))) is None
    text = ordinary + "\n" + log_dump
    with_code = Document(text, "en", (Span(len(ordinary), len(text), "code"),))
    assert judge.score(with_code) == judge.score(Document(ordinary, "en"))


def test_too_little_evidence_is_not_judged(corpus: TokenCounts) -> None:
    judge = KLDivergenceFilter({"en": corpus, "gv": table_of(["wort"])})
    text = zipf_text(random.Random(5), 50)
    assert judge.score(Document(text, "en")) is not None
    assert judge.score(Document(text.rpartition(" ")[0], "en")) is None
    # No table of these languages, and fewer than 100 documents.
    assert judge.score(Document(text, "gv")) is None
    assert judge.score(Document(text, "ko")) is None
    alone = KLDivergenceFilter({"de": table_of(["wort"])}, background=False)
    assert alone.score(Document(text, "de")) is None and alone.score(Document(text, "fr")) is None


def test_a_language_without_a_corpus_is_compared_with_the_language_at_large(prose: str) -> None:
    judge = KLDivergenceFilter({})
    short = " ".join(prose.split()[:60])
    for text in (prose, short):
        scores = judge.score(Document(text, "en"))
        assert scores["excess"] < 1.5 and judge.decide(scores) is None
    german = (
        "Der Müller stand vor Sonnenaufgang auf, weil sich der Wind in der Nacht gedreht hatte und vor der Tür das "
    )
    german += "Korn wartete. Er stieg die schmale Treppe hinauf, löste die Bremse und spannte das Tuch über zwei der "
    german += (
        "vier Flügel. Als die Steine zu mahlen begannen, ging ein tiefes Brummen durch den Turm, und feiner Staub "
    )
    assert judge.score(Document(german, "de"))["excess"] < 1.5 < judge.score(Document(german, "fr"))["excess"]


@pytest.mark.parametrize("words", [50, 150])
def test_random_letters_and_digits_go_in_every_line_length(words: int) -> None:
    judge = KLDivergenceFilter({})
    source = random.Random(8)
    for alphabet in ("abcdefghijklmnopqrstuvwxyz", "0123456789ABCDEF"):
        tokens = ["".join(source.choices(alphabet, k=8)) for _ in range(words)]
        for line in (1, 12):
            rows = [" ".join(tokens[start : start + line]) for start in range(0, words, line)]
            assert judge.decide(judge.score(Document("\n".join(rows), "en"))) is not None


DENSE = {
    "ward round": """82 y/o F, PMH HTN, OA, CKD3a, s/p R THA 2016, p/w fall from standing, L hip pain, unable to WB.
Denies LOC, CP, SOB. Meds: amlodipine 5 qd, ramipril 2.5 qd, paracetamol prn, vit D.
VS: BP 148/76 HR 88 RR 18 SpO2 96% RA T 36.9.
Exam: L leg short, ext rotated, NV intact, skin ok.
Labs: Hb 11.4, WBC 9.8, plt 210, Na 137, K 4.4, Cr 1.3, INR 1.0, CK 240.
XR: displaced L NOF fx, Garden IV. CXR: NAD. ECG: SR, no ischaemia.
A/P: L hemi am list, NBM 0200, IVF, FIB, tinzaparin, cefuroxime on induction, ortho geri rv, bone profile, MFFA.""",
    "scores": """R Hartley (ENG) bt T Novak (CZE) 6-4, 7-6(3)
S Lindqvist (SWE) bt P Moreau (FRA) 3-6, 6-3, 6-4
K Yamada (JPN) bt A Costa (POR) 7-5, 6-7(5), 6-2
M Okafor (NGR) bt J Dubois (BEL) 6-1, 6-4
L Petrov (BUL) bt C Romero (ESP) 6-3, 4-6, 7-6(8)
D Schmidt (GER) bt W Kowalski (POL) 6-2, 6-2
E Rossi (ITA) bt N Andersen (DEN) 7-6(2), 6-3
B Nagy (HUN) bt F Silva (BRA) 6-7(4), 6-4, 6-3""",
    "bake": """Rye levain 30 %, hydration 82 %
Wholemeal rye 300 g, T80 wheat 700 g
Water 780 g plus 40 g bassinage
Salt 21 g, malt 5 g, caraway 8 g
Mix 4 min slow, 3 min fast, DDT 26 C
Bulk 2.5 h, folds at 30, 60, 90 min
Retard 12 h, 5 C, divide 900 g, boule
Proof 50 min, score cross, deck 250 C
Steam 10 s, vent 15 min, total 42 min
Core 98 C, rack 3 h, slice next day
Yield 2 loaves, 780 g baked, crumb tight, crust dark""",
}


@pytest.mark.parametrize("kind", DENSE)
def test_dense_notes_stay(kind: str) -> None:
    judge = KLDivergenceFilter({})
    scores = judge.score(Document(DENSE[kind], "en"))
    assert scores["excess"] > 2 and judge.decide(scores) is None


def test_mistakes_are_sentences() -> None:
    for name, value in [
        ("max_excess", -1),
        ("max_excess_long_lines", -1),
        ("long_line", 0),
        ("window", 5),
        ("min_documents", 0),
        ("min_words", 9),
    ]:
        with pytest.raises(ValueError, match=f"{name} is {value}"):
            KLDivergenceFilter({}, **{name: value})


def slow_divergence(table: TokenCounts, tokens: list[str], window: int) -> float:
    """Mean divergence of the windows, as the module's docstring states it."""
    seen, total = int((table.counts > 0).sum()), int(table.counts.sum())
    ids = buckets(hash64s(tokens)).tolist()

    def q(bucket: int) -> float:
        others = max(int(table.counts[bucket]) - ids.count(bucket), 0)
        return (others + seen / BUCKETS) / (max(total - len(ids), 0) + seen)

    found = []
    for start in range(0, len(ids) - window + 1, window):
        part = ids[start : start + window]
        shares = {bucket: part.count(bucket) / window for bucket in part}
        found.append(sum(p * math.log(p / q(bucket)) for bucket, p in shares.items()))
    return sum(found) / len(found)


@given(st.lists(st.sampled_from("abcd"), min_size=10, max_size=45), st.lists(st.sampled_from("abce"), max_size=60))
def test_divergence_equals_a_slow_reading_also_of_a_document_that_was_not_counted(
    document: list[str], others: list[str]
) -> None:
    for table in (table_of(others, document), table_of([*others, "a"])):
        scores = KLDivergenceFilter({"en": table}, window=10, min_documents=1, background=False).score(
            Document(" ".join(document), "en")
        )
        assert scores["kl"] == pytest.approx(slow_divergence(table, document, 10), abs=2e-4)


def test_the_expectation_is_that_of_binomial_counts() -> None:
    table = table_of(["a"] * 30 + ["b"] * 10 + ["c"] * 5)
    seen = 3
    counts = table.counts[buckets(hash64s(["a", "b", "c"]))]
    q = np.append((counts + seen / BUCKETS) / (45 + seen), (seen / BUCKETS) / (45 + seen))
    many = np.array([1, 1, 1, BUCKETS - 3])
    n = 20
    c = np.arange(1, n + 1)
    entropy = math.log(n) - float((many[:, None] * binom.pmf(c, n, q[:, None]) * (c * np.log(c))).sum()) / n
    expected = float(-(many * q * np.log(q)).sum()) - entropy
    scores = KLDivergenceFilter({"en": table}, window=n, min_documents=1, background=False).score(
        Document("a b " * 10, "en")
    )
    assert scores["kl"] - scores["excess"] == pytest.approx(expected, abs=2e-4)


def test_the_shipped_limits() -> None:
    judge = KLDivergenceFilter({})
    assert judge.decide({"kl": 9.0, "excess": 2.5}) is None
    assert judge.decide({"kl": 9.0, "excess": 2.5001}) == Reject("outlier_tokens", 2.5001)
    for words, limit in ((3.9, 2.5), (4, 4.0)):
        assert judge.decide({"kl": 9.0, "excess": limit, "words_per_line": words}) is None
        assert judge.decide({"kl": 9.0, "excess": limit + 0.0001, "words_per_line": words}) is not None
    hundred = Document("mill " * 100, "en")
    for documents in (99, 100):
        scores = KLDivergenceFilter({"en": table_of(*[["mill"] * 5] * documents)}, background=False).score(hundred)
        assert (scores is not None) == (documents == 100)


def test_the_least_limits_and_a_corpus_without_words() -> None:
    lowest = KLDivergenceFilter({"en": table_of([])}, max_excess=0, window=10, min_documents=1, background=False)
    assert lowest.score(Document("mill " * 10, "en")) is None
    assert lowest.decide({"excess": 0.0}) is None and lowest.decide({"excess": 0.0001}) is not None


def test_a_huge_document_takes_out_what_was_counted_of_it() -> None:
    words = ["spam", "ham"] * MAX_WORDS_PER_DOCUMENT
    table = table_of(["spam", "ham"] * 50, words)
    # Every second word of it was counted, spam alone; without those are left 50 of each.
    scores = KLDivergenceFilter({"en": table}, window=10, min_documents=1, background=False).score(
        Document(" ".join(words), "en")
    )
    assert scores["kl"] == pytest.approx(math.log(0.5 / ((50 + 2 / BUCKETS) / 102)), abs=1e-3)


def test_scores_have_four_decimals(corpus: TokenCounts) -> None:
    scores = dict(
        KLDivergenceFilter({"en": corpus}, background=False).score(Document(zipf_text(random.Random(6), 700), "en"))
    )
    assert scores.pop("words_per_line") == 700
    assert all(score == round(score, 4) != round(score, 3) for score in scores.values())


def test_the_shipped_windows_have_a_hundred_words_and_fifty_are_enough(corpus: TokenCounts) -> None:
    text = zipf_text(random.Random(9), 303)
    shipped = KLDivergenceFilter({"en": corpus}, background=False)
    hundred = KLDivergenceFilter({"en": corpus}, window=100, background=False)
    assert shipped.score(Document(text, "en")) == hundred.score(Document(text, "en"))
    for window in (99, 101):
        other = KLDivergenceFilter({"en": corpus}, window=window, background=False)
        assert other.score(Document(text, "en")) != shipped.score(Document(text, "en"))
    for words, is_judged in ((49, False), (50, True)):
        assert (shipped.score(Document(zipf_text(random.Random(9), words), "en")) is not None) is is_judged
