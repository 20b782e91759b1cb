"""Labels of language models as codes, and languages that count as one."""

from __future__ import annotations

import pytest

from filters.language_labels import LanguageGroups, language_of


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("en", "en"), ("eng_Latn", "en"), ("zho_Hans", "zh"), ("cmn_Hani", "zh"), ("nob_Latn", "no"), ("nno_Latn", "nn"),
        ("arb_Arab", "ar"), ("als_Latn", "sq"), ("als", "als"), ("zul_Latn", "zu"), ("kmr_Latn", "ku"), ("qqq_Latn", "qqq"),
    ],
)  # fmt: skip
def test_labels_of_both_schemes_become_codes(label: str, code: str) -> None:
    assert language_of(label) == code


def test_labels_of_one_language_or_group_are_added_up() -> None:
    plain, grouped = LanguageGroups(None), LanguageGroups({"hbs": ["hr", "bs", "sr"], "no": ["no", "nn"]})
    assert not plain and grouped
    assert plain.merged([("zho_Hans", 0.5), ("jpn_Jpan", 0.3), ("zho_Hant", 0.2)]) == [("zh", 0.7), ("ja", 0.3)]
    assert grouped.merged([("sl", 0.35), ("hr", 0.3), ("sr", 0.3), ("nn", 0.05)]) == [
        ("hbs", 0.6),
        ("sl", 0.35),
        ("no", 0.05),
    ]
    assert plain.merged([("en", 0.7), ("eng_Latn", 0.7)]) == [("en", 1.0)] and plain.merged([]) == []


def test_a_language_is_in_one_group() -> None:
    with pytest.raises(ValueError, match="'hr' in hbs and in other"):
        LanguageGroups({"hbs": ["hr"], "other": ["hr"]})
    with pytest.raises(ValueError, match="groups.no is 'nn'; it must list"):
        LanguageGroups({"no": "nn"})
