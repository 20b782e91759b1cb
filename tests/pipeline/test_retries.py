"""Requests that are asked again: how often, after which pauses, and when that is given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pipeline import retries
from pipeline.retries import BROKEN_OFF, BUSY, UNREACHABLE, Trouble, patiently, seconds_of


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The pauses that would have been made."""
    made: list[float] = []
    monkeypatch.setattr(retries.time, "sleep", made.append)
    monkeypatch.setattr(retries, "_answered", set())
    retries.RETRIES.clear()
    yield made
    retries.RETRIES.clear()


def fails(times: int, kind: str, retry_after: float = 0.0) -> tuple[str, int]:
    """What comes of a request that fails so often, and how often it was made."""
    asked = 0

    def ask() -> str:
        nonlocal asked
        asked += 1
        if asked <= times:
            raise OSError("trouble")
        return "answer"

    return patiently("store", "a file", ask, lambda error: Trouble(kind, retry_after)), asked


def test_pauses_grow_and_are_never_alike(pauses: list[float]) -> None:
    assert fails(8, BUSY) == ("answer", 9)
    assert retries.RETRIES == {BUSY: 8}
    assert all(
        retries.FIRST_PAUSE * 2**n / 2 <= pause <= retries.FIRST_PAUSE * 2**n for n, pause in enumerate(pauses[:6])
    )
    first = pauses[0]
    fails(1, BUSY)
    assert pauses[-1] != first


def test_pauses_grow_to_a_minute_as_the_docs_say(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    fails(8, BUSY)
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0]


@pytest.mark.parametrize(("drawn", "first", "second", "asked_for"), [(min, 0.25, 0.5, 20.0), (max, 0.5, 1.0, 25.0)])
def test_pauses_are_half_as_long_at_the_least_and_a_quarter_longer_than_asked_for_at_the_most(
    pauses: list[float],
    monkeypatch: pytest.MonkeyPatch,
    drawn: Callable,
    first: float,
    second: float,
    asked_for: float,
) -> None:
    monkeypatch.setattr("random.uniform", drawn)
    fails(2, BUSY)
    fails(1, BUSY, retry_after=20)
    assert pauses == [first, second, asked_for]


def test_each_pause_is_told_with_what_is_wrong(pauses: list[float], caplog: pytest.LogCaptureFixture) -> None:
    fails(1, BUSY, retry_after=86_400)
    assert "a file: busy (trouble); asked again in 60.0 s, attempt 2 of 9" in caplog.text


def test_a_server_is_not_asked_sooner_than_it_wants_and_not_by_all_at_once(pauses: list[float]) -> None:
    for _ in range(5):
        fails(1, BUSY, retry_after=20)
    assert all(20 <= pause <= 25 for pause in pauses) and len(set(pauses)) == 5
    fails(1, BUSY, retry_after=86_400)
    assert pauses[-1] == retries.LONGEST_PAUSE


def test_what_stays_broken_is_raised_as_it_is(pauses: list[float]) -> None:
    with pytest.raises(OSError, match="trouble"):
        fails(9, BROKEN_OFF)
    assert len(pauses) == 8


def test_as_many_answers_are_waited_for_as_the_docs_say(pauses: list[float]) -> None:
    """Nine, whose pauses come to two minutes."""
    assert fails(8, BUSY) == ("answer", 9) and len(pauses) == 8
    with pytest.raises(OSError, match="trouble"):
        fails(9, BUSY)


@pytest.mark.parametrize(
    ("status", "again"),
    [
        (400, False), (401, False), (403, False), (404, False), (408, True), (409, False), (410, False), (424, False), (425, True),
        (426, False), (428, False), (429, True), (430, False), (499, False), (500, True), (501, False), (502, True), (503, True),
        (504, True), (505, False),
    ],
)  # fmt: skip
def test_statuses_of_which_http_says_that_the_same_request_may_succeed_later(status: int, again: bool) -> None:
    assert (status in retries.TRY_AGAIN) is again


def test_a_store_that_has_never_answered_is_given_up_soon(pauses: list[float]) -> None:
    with pytest.raises(OSError, match="trouble"):
        fails(9, UNREACHABLE)
    assert len(pauses) == 2  # asked three times, a second and a half in all
    fails(0, UNREACHABLE)
    assert fails(8, UNREACHABLE) == ("answer", 9)  # it was there before: a network may come back


def test_a_store_that_was_busy_once_is_there(pauses: list[float]) -> None:
    asked: list[str] = [BUSY, *[UNREACHABLE] * 7]

    def ask() -> str:
        if asked:
            raise OSError(asked.pop(0))
        return "answer"

    assert patiently("store", "a file", ask, lambda error: Trouble(str(error))) == "answer"
    assert retries.RETRIES == {BUSY: 1, UNREACHABLE: 7}


def test_what_no_second_request_helps_is_not_asked_again(pauses: list[float]) -> None:
    with pytest.raises(ValueError, match="no"):
        patiently("store", "a file", lambda: int("no"), lambda error: None)
    assert not pauses and not retries.RETRIES


def test_counts_are_taken_once() -> None:
    retries.RETRIES.clear()
    retries.RETRIES.update({BUSY: 2, BROKEN_OFF: 1})
    assert retries.take_counts() == {BROKEN_OFF: 1, BUSY: 2}
    assert retries.take_counts() == {}


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7), (" 120 ", 120), (None, 0), ("", 0), ("Fri, 31 Dec 1999 23:59:59 GMT", 0), ("-1", 0), ("²", 0)],
)
def test_retry_after(said: str | None, seconds: float) -> None:
    assert seconds_of(said) == seconds
