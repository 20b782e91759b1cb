"""The script of a text, and which labels can't be right for it."""

from __future__ import annotations

from itertools import groupby

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters.scripts import broken_at_scripts, label_fits, may_hold_other_scripts, script_of, written_in

# Unicode's blocks of each script, as the module regex knows them.
BLOCKS = {
    "Grek": "Greek_and_Coptic Greek_Extended",
    "Cyrl": "Cyrillic Cyrillic_Supplement Cyrillic_Extended_A Cyrillic_Extended_B Cyrillic_Extended_C",
    "Armn": "Armenian",
    "Hebr": "Hebrew",
    "Arab": "Arabic Arabic_Supplement Arabic_Extended_A Arabic_Presentation_Forms_A Arabic_Presentation_Forms_B",
    "Syrc": "Syriac",
    "Thaa": "Thaana",
    "Nkoo": "NKo",
    "Deva": "Devanagari Devanagari_Extended",
    "Beng": "Bengali",
    "Guru": "Gurmukhi",
    "Gujr": "Gujarati",
    "Orya": "Oriya",
    "Taml": "Tamil",
    "Telu": "Telugu",
    "Knda": "Kannada",
    "Mlym": "Malayalam",
    "Sinh": "Sinhala",
    "Thai": "Thai",
    "Laoo": "Lao",
    "Tibt": "Tibetan",
    "Mymr": "Myanmar Myanmar_Extended_A Myanmar_Extended_B",
    "Geor": "Georgian Georgian_Extended Georgian_Supplement",
    "Ethi": "Ethiopic Ethiopic_Supplement Ethiopic_Extended",
    "Cher": "Cherokee Cherokee_Supplement",
    "Cans": "Unified_Canadian_Aboriginal_Syllabics Unified_Canadian_Aboriginal_Syllabics_Extended",
    "Khmr": "Khmer",
    "Mong": "Mongolian",
    "Limb": "Limbu",
    "Talu": "New_Tai_Lue",
    "Bugi": "Buginese",
    "Bali": "Balinese",
    "Sund": "Sundanese",
    "Lepc": "Lepcha",
    "Olck": "Ol_Chiki",
    "Tfng": "Tifinagh",
    "Kana": "Hiragana Katakana Katakana_Phonetic_Extensions",
    "Hani": "CJK_Radicals_Supplement Kangxi_Radicals CJK_Unified_Ideographs CJK_Unified_Ideographs_Extension_A "
    "CJK_Compatibility_Ideographs",
    "Yiii": "Yi_Syllables Yi_Radicals",
    "Lisu": "Lisu",
    "Vaii": "Vai",
    "Java": "Javanese",
    "Mtei": "Meetei_Mayek Meetei_Mayek_Extensions",
    "Hang": "Hangul_Jamo Hangul_Compatibility_Jamo Hangul_Jamo_Extended_A Hangul_Jamo_Extended_B Hangul_Syllables",
    "Goth": "Gothic",
    "Adlm": "Adlam",
}
# And what is no block, or not a whole one: letters among signs, the mark of byte order apart, and all planes of ideographs.
OTHERS = {
    "Latn": r"[a-zA-Zªº\u00c0-\u024f\p{Block=Latin_Extended_Additional}]",
    "Kana": r"[\uff66-\uff9f]",
    "Hani": r"[\U00020000-\U000323af]",
}
ALL = "".join(map(chr, range(0x32500)))


def test_scripts_are_unicode_s_blocks() -> None:
    expected = [""] * len(ALL)
    for script, names in BLOCKS.items():
        for name in names.split():
            for match in regex.finditer(rf"\p{{Block={name}}}+", ALL):
                expected[slice(*match.span())] = [script] * len(match[0])
    for script, pattern in OTHERS.items():
        for match in regex.finditer(pattern + "+", ALL):
            expected[slice(*match.span())] = [script] * len(match[0])
    expected[0x3040] = expected[0xFEFF] = ""
    # Where the script changes, and some within.
    places = {place for at in range(1, len(ALL)) if expected[at] != expected[at - 1] for place in (at - 1, at)}
    for place in sorted(places | set(range(0, len(ALL), 97))):
        assert script_of(ALL[place] + "\u2014")[0] == expected[place], hex(place)


def test_every_script_but_latin_has_languages() -> None:
    assert all(written_in(script) for script in BLOCKS) and written_in("Latn") == []


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
@example(1, 4, 0)
@example(1, 5, 0)
def test_ideographs_beside_a_fifth_of_kana_are_kana(kana: int, han: int, latin: int) -> None:
    counts = (
        {"Latn": latin, "Kana": kana + han, "Hani": 0}
        if 4 * kana >= han
        else {"Latn": latin, "Kana": kana, "Hani": han}
    )
    script, share = script_of("\u2014" + "a" * latin + "カ" * kana + "中" * han)
    if total := latin + kana + han:
        assert counts[script] == max(counts.values()) and share == counts[script] / total
    else:
        assert (script, share) == ("", 0.0)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("The mill.", "Latn"),
        ("Łódź, größer", "Latn"),
        ("Мельник встал", "Cyrl"),
        ("粉屋は夜明け前に起きました", "Kana"),
        ("夜之风向已经改变所以磨坊主在黎明前起身 カナ", "Hani"),
        ("ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ", "Mong"),
        ("방앗간", "Hang"),
        ("", ""),
        ("12:30 — 3,50", ""),
        ("…—", ""),
    ],
)
def test_the_script_of_most_letters(text: str, script: str) -> None:
    found, share = script_of(text)
    assert found == script and (share > 0.5 if script else share == 0.0)


def test_no_letter_of_another_script_is_overlooked() -> None:
    for code in (*range(0x3000), *range(0x3000, 0x110000, 13)):
        if script_of(chr(code))[0] not in ("", "Latn"):
            assert may_hold_other_scripts(f"Łódź, “größer” – {chr(code)}!")
    assert not may_hold_other_scripts("The mill, “größer” – Łódź ₤ ™ … naïve ạ")


@given(st.text())
def test_shares_are_shares_and_nothing_fails(text: str) -> None:
    script, share = script_of(text)
    assert 0 <= share <= 1 and (script == "") == (share == 0) and isinstance(written_in(script), list)


@pytest.mark.parametrize(
    ("label", "language", "script", "fits"),
    [
        ("zh", "zh", "Mong", False),
        ("mn", "mn", "Mong", True),
        ("khk_Cyrl", "mn", "Mong", False),
        ("zho_Hant", "zh", "Hani", True),
        ("jpn_Jpan", "ja", "Hani", True),
        ("rus_Cyrl", "ru", "Arab", False),
        ("aii_Syrc", "aii", "Syrc", True),
        ("ru", "ru", "Latn", True),  # any language may be romanised
        ("en", "en", "", True),
    ],
)
def test_a_label_fits_a_script_or_does_not(label: str, language: str, script: str, fits: bool) -> None:
    assert label_fits(label, language, script) is fits


@given(st.text(st.sampled_from("aZ дЖ中文かな한글 .\n1")) | st.text())
def test_breaks_at_scripts_add_line_feeds_and_nothing_else(text: str) -> None:
    broken = broken_at_scripts(text)
    assert broken.replace("\n", "") == text.replace("\n", "") and len(broken) >= len(text)


def test_passages_in_another_script_stand_alone() -> None:
    latin, han, cyrillic = (
        "abcd efgh ijkl mnop qrst uvwx yz",
        "磨坊主在天亮之前就起床了",
        "Мельник встал до рассвета, потому что",
    )
    assert broken_at_scripts(f"{latin} {han} {latin}") == f"{latin} \n{han} \n{latin}"
    assert broken_at_scripts(f"{cyrillic}, {latin}") == f"{cyrillic}, \n{latin}"
    assert broken_at_scripts(f"{han}Google Cloud{han}") == f"{han}Google Cloud{han}"
    assert broken_at_scripts(f"{latin}中文{latin}") == f"{latin}中文{latin}"


LETTERS = {"a": "Latn", "Ж": "Cyrl", "中": "Hani", "か": "Hani", "한": "Hang"}


def plainly_broken(text: str) -> str:
    places = [place for place, letter in enumerate(text) if letter in LETTERS]
    of = [LETTERS[text[place]] for place in places]
    if sum(of.count(script) * 20 > len(of) for script in set(of)) < 2:
        return text
    for least in (2, 24):
        runs = [(script, len(list(letters))) for script, letters in groupby(of)]
        passages = [script for script, length in runs if length * weight(script) >= least]
        if len(passages) < 2:
            return text
        current, of = passages[0], []
        for script, length in runs:
            current = script if length * weight(script) >= least else current
            of += [current] * length
    sums = {script: of.count(script) * weight(script) for script in set(of)}
    if 10 * (sum(sums.values()) - max(sums.values())) < sum(sums.values()):
        return text
    cuts = [place for place, script, before in zip(places[1:], of[1:], of, strict=False) if script != before]
    return "".join("\n" * (place in cuts) + letter for place, letter in enumerate(text))


def weight(script: str) -> int:
    return 3 if script in ("Hani", "Hang") else 1


RUNS = st.tuples(st.sampled_from([*LETTERS]), st.sampled_from([1, 1, 2, 3, 7, 8, 9, 23, 24, 25, 60])).map(
    lambda run: run[0] * run[1]
)


@settings(max_examples=300)
@given(st.lists(RUNS | st.sampled_from([" ", "1. "]), max_size=12).map("".join))
@example("a" * 24 + "Ж" * 216)
@example("a" * 24 + "Ж" * 217)
@example("中" * 8 + "Ж" * 216)
@example("中" * 8 + "Ж" * 217)
@example(("Ж" * 19 + "a") * 12)
@example("a" + "Ж" * 24 + "a" * 24)
def test_breaks_are_those_of_a_plain_reading(text: str) -> None:
    assert broken_at_scripts(text) == plainly_broken(text)
