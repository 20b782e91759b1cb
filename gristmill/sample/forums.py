"""Forum threads and questions with answers: short turns by several people, in two common makes of software."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from gristmill.sample import prose
from gristmill.sample.articles import boilerplate
from gristmill.sample.capture import DAYS, Capture
from gristmill.sample.dice import Dice
from gristmill.sample.grammar import Voice, bank
from gristmill.sample.site import Site, p, slug

THREADS, QUESTIONS = 18, 14
_FORUM = Site("the-long-bench.example", menu=("Board index", "New posts", "Members", "Rules"))
_ANSWERS = Site("ask-the-shed.example", menu=("Questions", "Tags", "Users", "Unanswered"))


def plant(seed: int) -> Iterator[Capture]:
    """All threads, then all questions."""
    for number in range(THREADS):
        dice = Dice(seed, "thread", number)
        speaker = _voice(dice)
        title = speaker.sentence("ttitle").rstrip(".")
        page = _FORUM.page(title, _thread(speaker))
        yield Capture(f"https://{_FORUM.host}/viewtopic.php?t={4100 + 7 * number}", dice.below(DAYS), "forum-thread",
                      page.encode())  # fmt: skip
    for number in range(QUESTIONS):
        dice = Dice(seed, "question", number)
        speaker = _voice(dice)
        title = speaker.sentence("qtitle")
        page = _ANSWERS.page(title, _answers(speaker))
        yield Capture(f"https://{_ANSWERS.host}/questions/{880 + number}/{slug(title)}", dice.below(DAYS), "question",
                      page.encode())  # fmt: skip


def _voice(dice: Dice) -> Voice:
    name = dice.pick(prose.topics())
    return Voice(dice, *(bank(f"generic/{part}") for part in (*prose.GENERIC, "forum")), prose.topic(name))


def _thread(speaker: Voice) -> list[str]:
    turns = [_turn(speaker, "ask", 2)]
    turns += [_turn(speaker, "reply", speaker.dice.between(1, 2)) for _ in range(speaker.dice.between(6, 10))]
    turns.append(_turn(speaker, "thanks", 0))
    posts = []
    for number, turn in enumerate(turns):
        user = escape(speaker.draw("user"))
        posts.append(
            f'<div class="post" id="p{number}"><div class="postprofile"><a href="#">{user}</a> Posts: '
            f'{speaker.dice.between(3, 900)}</div><div class="postbody"><div class="content">{p(turn)}</div></div>'
            "</div>"
        )
    return [f'<div class="topic">{"".join(posts)}</div>']


def _answers(speaker: Voice) -> list[str]:
    asked = f'<div class="question"><div class="post-text">{p(_turn(speaker, "ask", 3))}</div></div>'
    answers = []
    for _ in range(speaker.dice.between(3, 5)):
        text = "".join(p(_turn(speaker, "reply", speaker.dice.between(1, 3))) for _ in range(2))
        votes = f'<div class="vote-count">{speaker.dice.between(0, 41)}</div>'
        answers.append(f'<div class="answer">{votes}<div class="post-text">{text}</div></div>')
    return [asked, f'<div id="answers">{"".join(answers)}</div>', p(boilerplate()[0])]


def _turn(speaker: Voice, kind: str, extra: int) -> str:
    return " ".join([speaker.sentence(kind), *(prose.statement(speaker, 0.45) for _ in range(extra))])
