"""Questions to the reader with buttons for the answers."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.polls import drop_polls

STEP = "<p>Press the switch for three seconds, and the lamp blinks twice.</p>"
POLL = "<div><p>Did this help?</p><button>Yes</button> <button>No</button><p>Thank you!</p></div>"


def left(html: str, *dropped: str) -> list[str]:
    parsed = parse(f"<html><body><div>{html}</div></body></html>")
    texts = [parsed.inline_text.block_text(row) for row in range(len(parsed.page.blocks))]
    kept = drop_polls(parsed.page, np.array([text not in dropped for text in texts], bool))
    return [text for text, is_kept in zip(texts, kept.tolist(), strict=True) if is_kept]


def test_a_poll_of_the_readers_goes_with_what_is_said_to_them() -> None:
    assert len(left(STEP + POLL)) == 4
    assert left(STEP + POLL, "Yes No") == ["Press the switch for three seconds, and the lamp blinks twice."]


def test_other_questions_stay() -> None:
    assert "Did this help?" in left(STEP + POLL.replace("<button>No</button>", "No, or that I don't know yet"), "Yes")
    assert "Did it." in left(STEP + POLL.replace("Did this help?", "Did it."), "Yes No")
    assert "Did this help?" in left(POLL.replace("Thank you!", "The lamp blinks twice. " * 12), "Yes No")
    assert left("") == []


def words(count: int) -> str:
    return " ".join(["so"] * count)


def goes(poll: str, buttons: str = "Yes No") -> bool:
    """Whether a question goes with its buttons, which aren't kept."""
    texts = left(STEP + poll + STEP, buttons)
    assert [text for text in texts if text.startswith("Press")] == [STEP[3:-4]] * 2
    return len(texts) == 2


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (f"<p>{words(14)} help?</p>", True), (f"<p>{words(15)} help?</p>", False), ("<p>Help？</p>", True), ("<p>Help؟</p>", True), ("<p>Help? </p>", True), ("<p>Help!</p>", False), ("<p>Help?.</p>", False),
        ("<div>" * 5 + "<p>Help?</p>" + "</div>" * 5, True), ("<div>" * 6 + "<p>Help?</p>" + "</div>" * 6, False),
    ],
)  # fmt: skip
def test_a_question_is_short_and_near_its_buttons(question: str, expected: bool) -> None:
    assert goes(f"<div>{question}<div><button>Yes</button> <button>No</button></div></div>") is expected


@pytest.mark.parametrize(
    ("buttons", "expected"),
    [
        ("<button>so so so</button> <button>so so so</button>", True), ("<button>so so so</button> <button>so so so so</button>", False), ("<input> so", True), ("<b>so</b> so", False),
    ],
)  # fmt: skip
def test_answers_are_buttons_of_a_few_words(buttons: str, expected: bool) -> None:
    texts = left(f"{STEP}<div><p>Help?</p><div>{buttons}</div></div>", *(words(count) for count in (1, 2, 6, 7)))
    assert ("Help?" not in texts) is expected


@pytest.mark.parametrize(("count", "expected"), [(37, True), (38, False)])
def test_a_poll_has_forty_words_at_most(count: int, expected: bool) -> None:
    poll = "<div>{}<p>Help?</p><div><button>Yes</button> <button>No</button></div>{}</div>"
    assert goes(poll.format(f"<p>{words(count)}</p>", "")) is expected
    assert goes(poll.format("", f"<p>{words(count)}</p>")) is expected
    assert goes(poll.format(f"<p>{words(count - 9)}</p>" + "<p>so</p>" * 4, "<p>so</p>" * 5)) is expected


def test_only_kept_questions_and_buttons_that_are_left_make_a_poll() -> None:
    assert len(left(STEP + POLL, "Did this help?", "Yes No")) == 2 and len(left(STEP + POLL)) == 4
    assert left("<p>Help?</p>" + STEP + "<button>Yes</button>", "Yes")[0] == "Help?"
