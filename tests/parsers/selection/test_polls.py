"""Questions to the reader with buttons for the answers."""

from __future__ import annotations

import numpy as np

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
