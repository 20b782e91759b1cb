"""Signals set a flag, a second Ctrl-C interrupts, and what was there before is there again."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from trainer.training.signals import StopRequest

NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_is_asked_to_end(number: signal.Signals) -> None:
    before = [signal.getsignal(each) for each in NUMBERS]
    with StopRequest() as asked:
        assert not asked.received and not asked.take_save_request()
        os.kill(os.getpid(), number)
        assert asked.received and not asked.take_save_request()
        os.kill(os.getpid(), signal.SIGTERM)  # a scheduler may ask twice
        assert asked.received
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert [signal.getsignal(each) for each in NUMBERS] == before


def test_a_run_is_asked_to_save_and_goes_on() -> None:
    with StopRequest() as asked:
        os.kill(os.getpid(), signal.SIGUSR1)
        assert not asked.received and asked.take_save_request() and not asked.take_save_request()


def test_in_another_thread_nothing_is_set_up() -> None:
    before, found = [signal.getsignal(each) for each in NUMBERS], []

    def enter() -> None:
        with StopRequest() as asked:
            found.append((asked.received, [signal.getsignal(each) for each in NUMBERS]))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert found == [(False, before)]
