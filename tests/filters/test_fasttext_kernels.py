"""Our kernels and the module fasttext say the same of the same text: labels are equal, probabilities nearly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.fasttext_file import read_quantised
from filters.fasttext_kernels import Memory, best_labels, new_memory, probabilities
from filters.fasttext_model import FastTextModel, fasttext_module
from filters.language import SECOND_MODEL, find_model
from filters.quality import SHIPPED_MODEL

# A tree of labels with dropped n-grams; a softmax with all n-grams of characters; one with n-grams of words.
MODELS = (find_model(), SECOND_MODEL, SHIPPED_MODEL)
# Words that models know and don't, what fastText treats apart, characters of one byte to four, and words about as long as one
# that is remembered may be (55 bytes).
PIECES = ("the", "mill", "content", "privacy", "Mühle", "мельница", "製粉所", "💥", "</s>", "__label__en", "__label__x",
          "a" * 55, "a" * 56, "é" * 27, "é" * 28, "b" * 300, " ", " ", "\t", "\0", "\v", "\x85", "\u00a0", "<", ">", "x")  # fmt: skip
LINES = (
    st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join).filter(lambda t: "\n" not in t)
)
# Uncompiled, as mutants are tried, a line takes a thousand times as long.
SETTINGS: Any = numba.config
COMPILED = not SETTINGS.DISABLE_JIT
# fastText adds a text's rows up in float32, one after the other: these are digits that it loses.
NEAR = 2e-5
WIDE = (
    "The miller rose before dawn, because the wind had turned in the night.",
    "Der Müller stand vor dem Morgen auf, denn der Wind hatte sich gedreht.",
    "Le meunier se leva avant l'aube, car le vent avait tourné.",
    "El molinero se levantó antes del alba porque el viento había cambiado.",
    "Młynarz wstał przed świtem, bo wiatr się odwrócił.",
    "Değirmenci şafaktan önce kalktı, çünkü rüzgâr dönmüştü.",
    "Người thợ xay dậy trước bình minh vì gió đã đổi chiều.",
    "Мельник встал до рассвета, потому что ночью ветер переменился.",
    "Ο μυλωνάς σηκώθηκε πριν την αυγή, γιατί ο άνεμος είχε γυρίσει.",
    "הטוחן קם לפני עלות השחר כי הרוח התהפכה.",
    "استيقظ الطحان قبل الفجر لأن الريح تغيرت.",
    "चक्कीवाला भोर से पहले उठा क्योंकि हवा बदल गई थी।",
    "คนโม่แป้งตื่นก่อนรุ่งสางเพราะลมเปลี่ยนทิศ",
    "夜のうちに風向きが変わったので、粉屋は夜明け前に起きました。",
    "磨坊主在黎明前起床，因为夜里风向变了。",
    "방앗간 주인은 밤사이 바람이 바뀌어 새벽 전에 일어났다.",
    "მეწისქვილე გამთენიამდე ადგა.",
    "ነፋሱ ስለተለወጠ ወፍጮኛው ጎህ ሳይቀድ ተነሳ።",
    "Umgayi uvuke ngaphambi kokuntwela kokusa.",
    "", " ", "a\0b\0\0c", "\0" * 50, "0 1 2 3", "\ufffd\ufffd", "👩‍🌾🌾", "a </s> b",
)  # fmt: skip


@pytest.fixture(scope="module")
def both() -> list[tuple[Any, Memory, Any]]:
    """Of each model what we read, a memory, and fastText's own."""
    load = fasttext_module().load_model
    read = [read_quantised(path) for path in MODELS]
    return [(ours, new_memory(ours.tables), load(str(path))) for ours, path in zip(read, MODELS, strict=True) if ours]


def assert_near(ours: Any, memory: Memory, theirs: Any, lines: list[str], near: float = NEAR) -> None:
    data = [line.encode() for line in lines]
    rows = probabilities(ours.tables, memory, data)
    best, values = best_labels(ours.tables, memory, data)
    for row, label, value, line in zip(rows, best.tolist(), values, lines, strict=True):
        expected = {name: probability for probability, name in theirs.f.predict(line + "\n", -1, 0.0, "strict")}
        # Labels below fastText's least probability, 1e-5, may be there or not.
        found = {name: float(value) for name, value in zip(ours.labels, row, strict=True) if value >= 0}
        assert bool(found) == bool(expected)
        for name in found.keys() | expected.keys():
            assert abs(found.get(name, 0.0) - expected.get(name, 0.0)) < near
        if not found:
            assert label == -1 and value == -1
        else:
            assert label == row.argmax() and value == row[label]
            assert expected[ours.labels[label]] > max(expected.values()) - near


@settings(max_examples=100 if COMPILED else 10)
@given(st.lists(LINES, min_size=1, max_size=4))
def test_any_text_is_as_fasttext_has_it(both: list[tuple[Any, Memory, Any]], lines: list[str]) -> None:
    for ours, memory, theirs in both:
        assert_near(ours, memory, theirs, [line.encode("utf-8", "replace").decode() for line in lines])


def test_texts_in_many_scripts_and_odd_ones_are_as_fasttext_has_them(both: list[tuple[Any, Memory, Any]]) -> None:
    length = 30_000 if COMPILED else 300
    for ours, memory, theirs in both:
        assert_near(ours, memory, theirs, [*WIDE, *map(str.upper, WIDE), " ".join(WIDE)])
        # So many rows that are alike cost fastText's float32 more of its digits.
        assert_near(ours, memory, theirs, ["a" * length, "製" * (length // 3)], near=1e-3)


def test_no_result_depends_on_what_is_remembered_or_on_lines_beside_it() -> None:
    ours = read_quantised(SECOND_MODEL)
    assert ours is not None
    # More words than there are places: most of them drive others out.
    memory = new_memory(ours.tables)
    if not COMPILED:
        memory = Memory(memory.words[:64], memory.sums[:64])
    words = len(memory.words) * 9 // 32
    lines = [" ".join(f"{letter}{number}" for number in range(words)).encode() for letter in "abcde"]
    together = probabilities(ours.tables, memory, lines)
    assert memory.words[:, 0].astype(bool).mean() > 0.7
    again = probabilities(ours.tables, memory, lines[::-1])[::-1]
    alone = [probabilities(ours.tables, new_memory(ours.tables), [line])[0] for line in lines]
    assert np.array_equal(together, again) and np.array_equal(together, alone)


def test_words_that_share_a_place_or_a_beginning_are_told_apart() -> None:
    ours = read_quantised(find_model())
    assert ours is not None
    small = Memory(np.zeros((2, 8), np.uint64), np.empty((2, ours.tables.rows.shape[1]), np.float32))
    lines = [word.encode() for word in ("a", "ab", "abcdefgh", "abcdefghi", "a" * 16, "a" * 17, "a" * 55, "a" * 56)]
    fresh = [probabilities(ours.tables, new_memory(ours.tables), [line])[0] for line in lines]
    for _ in range(3):
        assert np.array_equal(probabilities(ours.tables, small, lines), fresh)


@pytest.mark.parametrize("cut", [100, 5_000, 500_000])
def test_a_file_that_is_cut_is_a_sentence(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cut.ftz"
    path.write_bytes(SHIPPED_MODEL.read_bytes()[:cut])
    with pytest.raises(ValueError, match=r"cut\.ftz can't be opened as a fastText model: it is cut or damaged"):
        FastTextModel(path).predict("a")


def test_a_file_of_another_kind_is_fasttexts_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "text.ftz"
    path.write_bytes(b"no model, whatever it is called")
    with pytest.raises(ValueError, match="can't be opened as a fastText model: .*wrong file format"):
        FastTextModel(path).predict("a")


def test_a_model_that_is_not_quantised_is_fasttexts(tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("__label__a one two\n__label__b three four\n" * 20, "utf-8")
    trained = fasttext_module().train_supervised(str(texts), dim=4, bucket=50, epoch=3, thread=1, verbose=0)
    trained.save_model(str(tmp_path / "whole.bin"))
    assert read_quantised(tmp_path / "whole.bin") is None
    model = FastTextModel(tmp_path / "whole.bin")
    assert [sorted(label for label, _ in found) for found in model.predict_each(["one", "four"], 2)] == [
        ["a", "b"]
    ] * 2
    assert model.probabilities(["one"], "none") == [0.0]


@pytest.mark.parametrize("loss", ["softmax", "hs"])
def test_norms_and_outputs_that_are_quantised_too(tmp_path: Path, loss: str) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("".join(f"__label__l{n} w{n} v{n % 9}\n" for n in range(300)), "utf-8")
    options = {"dim": 5, "bucket": 300, "minn": 1, "maxn": 3, "wordNgrams": 2, "epoch": 2, "thread": 1, "verbose": 0}
    trained = fasttext_module().train_supervised(str(texts), loss=loss, **options)
    trained.quantize(qnorm=True, qout=True)
    trained.save_model(str(tmp_path / "small.ftz"))
    ours = read_quantised(tmp_path / "small.ftz")
    assert ours is not None
    lines = ["w1 v1", "w299 something else", "v3"]
    assert_near(ours, new_memory(ours.tables), trained, lines)


@pytest.mark.parametrize(("minn", "maxn", "ngrams"), [(0, 0, 3), (0, 2, 1), (1, 1, 2), (3, 6, 1), (4, 4, 2)])
def test_n_grams_of_all_sizes(tmp_path: Path, minn: int, maxn: int, ngrams: int) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("".join(f"__label__l{n % 5} wörd{n} v{n % 9} {'z' * 60}\n" for n in range(300)), "utf-8")
    options = {"dim": 9, "bucket": 500, "epoch": 3, "thread": 1, "verbose": 0}
    trained = fasttext_module().train_supervised(
        str(texts), minn=minn, maxn=maxn, wordNgrams=ngrams, loss="hs", **options
    )
    trained.quantize(cutoff=400, retrain=False)
    trained.save_model(str(tmp_path / "small.ftz"))
    ours = read_quantised(tmp_path / "small.ftz")
    assert ours is not None
    lines = ["wörd1 v1", f"{'z' * 60} v3 v4", "製 é x", "none", " ".join(f"wörd{n}" for n in range(300))]
    assert_near(ours, new_memory(ours.tables), trained, lines)


@pytest.mark.parametrize(
    ("dim", "maxn", "places"),
    [(16, 4, 32_768), (32, 1, 32_768), (33, 4, 16_384), (64, 4, 16_384), (65, 4, 8_192), (20_000, 4, 64), (16, 0, 2)],
)
def test_what_is_remembered_takes_6_mb_at_most(dim: int, maxn: int, places: int) -> None:
    ours = read_quantised(SHIPPED_MODEL)
    assert ours is not None
    tables = ours.tables._replace(rows=np.empty((0, dim), np.float32), numbers=np.array([0, 10, 1, maxn, 1], np.int64))
    memory = new_memory(tables)
    assert memory.words.shape == (places, 8) and memory.sums.shape == (places, dim)
    assert not memory.words.any() and memory.sums.dtype == np.float32
