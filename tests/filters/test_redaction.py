"""Personal data become placeholders, spans stay on what they marked, and nothing else changes."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.national_ids import national_ids
from filters.redaction import KINDS, PLACEHOLDERS, Redactor
from text.document import Document, Span

REDACT = Redactor(["US", "GB", "DE"])


def redacted(text: str, redact: Redactor = REDACT) -> str:
    return redact(Document(text)).document.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to ada.byron@miller-mail.net.", "Write to [EMAIL]."),
        ("Call +44 20 7946 0958 or (212) 664-7665!", "Call [PHONE] or [PHONE]!"),
        ("IBAN DE89 3704 0044 0532 0130 00, Berlin", "IBAN [IBAN], Berlin"),
        ("card 4539 1488 0343 6467 x", "card [CARD] x"),
        ("from 81.2.69.142 and 2a00:1450:4001:81b::200e", "from [IP] and [IP]"),
        ("SSN 536-90-4399", "SSN [ID]"),
        ("CPF 111.444.777-35", "CPF [ID]"),
        ("DNI 12345678Z, NIE X1234567L", "DNI [ID], NIE [ID]"),
        ("Codice fiscale RSSMRA85T10A562S", "Codice fiscale [ID]"),
        ("NIR 2 55 08 14 168 025 38", "NIR [ID]"),
        ("PESEL: 44051401359", "PESEL: [ID]"),
        ("twice ada@gmx.de, ada@gmx.de", "twice [EMAIL], [EMAIL]"),
    ],
)
def test_what_is_replaced(text: str, expected: str) -> None:
    assert redacted(text) == expected
    assert redacted(expected) == expected, "placeholders hold nothing personal"


@pytest.mark.parametrize(
    "text",
    [
        "info@miller.com and ada@example.com",
        "IBAN DE89 3704 0044 0532 0130 01",
        "card 4539 1488 0343 6468",
        "CPF 111.444.777-36, DNI 12345678A",
        "44051401359",
        "192.168.0.1 and 8.8.8.8, 1.2.3.4",
        "In 1999 we sold 1 234 567 mills.",
        "",
    ],
)
def test_what_stays(text: str) -> None:
    assert redacted(text) == text


def test_spans_stay_on_what_they_marked() -> None:
    text = "Ask ada@gmx.de for code: x = 1 or call +49 30 2345 6781 now"
    marked = ["ada@gmx.de for", "x = 1", "code: x = 1 or call +49 30", "now", "Ask"]
    spans = tuple(Span(text.index(part), text.index(part) + len(part), "code") for part in marked)
    found = REDACT(Document(text, spans=spans)).document
    assert found.text == "Ask [EMAIL] for code: x = 1 or call [PHONE] now"
    assert [found.text[span.start : span.end] for span in found.spans] == [
        "[EMAIL] for", "x = 1", "code: x = 1 or call [PHONE]", "now", "Ask"
    ]  # fmt: skip


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["ada@gmx.de", "DE89370400440532013000", "111.444.777-35", "corn", "\n", "caf\u00e9"]),
        max_size=12,
    )
)
def test_between_placeholders_nothing_changes_and_spans_keep_their_words(parts: list[str]) -> None:
    replaced = {"ada@gmx.de": "[EMAIL]", "DE89370400440532013000": "[IBAN]", "111.444.777-35": "[ID]"}
    text, spans = "", []
    for part in parts:
        spans.append(Span(len(text), len(text) + len(part), "list"))
        text += part + " "
    found = REDACT(Document(text, spans=tuple(spans))).document
    assert found.text == "".join(replaced.get(part, part) + " " for part in parts)
    assert [found.text[span.start : span.end] for span in found.spans] == [replaced.get(part, part) for part in parts]


def test_kinds_and_counts_are_the_callers() -> None:
    document = Document("ada@gmx.de, 111.444.777-35, ada@gmx.de")
    assert REDACT(document).counts == {"email": 2, "national_id": 1}
    assert redacted(document.text, Redactor(kinds=["national_id"])) == "ada@gmx.de, [ID], ada@gmx.de"
    assert redacted(document.text, pickle.loads(pickle.dumps(REDACT))).startswith("[EMAIL]")
    assert set(PLACEHOLDERS) == set(KINDS)
    with pytest.raises(ValueError, match="kinds is"):
        Redactor(kinds=["name"])


@pytest.mark.parametrize(
    "valid",
    ["111.444.777-35", "12345678Z", "X1234567L", "RSSMRA85T10A562S", "255081416802538", "2 55 08 14 168 025 38"],
)
def test_a_wrong_digit_is_no_id(valid: str) -> None:
    assert list(national_ids(f"id {valid}, yes")) == [valid]
    place = next(place for place in range(3, len(valid)) if valid[place].isdigit())
    wrong = valid[:place] + str((int(valid[place]) + 1) % 10) + valid[place + 1 :]
    assert list(national_ids(f"id {wrong}, no")) == []


def test_what_begins_with_a_sign_ends_where_its_word_ends() -> None:
    text = "Call +49 30 2345 6100. The order is +49 30 2345 6100b."
    assert Redactor()(Document(text, "en")).document.text == "Call [PHONE]. The order is +49 30 2345 6100b."
