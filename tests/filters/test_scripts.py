"""The script of a text, and which labels can't be right for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.scripts import broken_at_scripts, label_fits, may_hold_other_scripts, script_of, written_in


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
