"""The engine's numbers: lengths of rows and prompts, bytes of a token, how many rows fit, and what cannot be sampled."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from tests.trainer.posttraining.conftest import MODEL
from trainer.errors import TrainerError
from trainer.model.llama import Llama
from trainer.posttraining import engine as engine_module
from trainer.posttraining.engine import (
    Engine,
    EngineOptions,
    TokenRequest,
    check_sampling,
    prompt_length,
    row_length,
    token_bytes,
)
from trainer.posttraining.slots import Sampling


@pytest.fixture(scope="module")
def model() -> Llama:
    found = Llama(MODEL)
    found.init_weights(0)
    return found.eval()


def test_rows_are_multiples_of_128_and_short_prompts_powers_of_two() -> None:
    assert [row_length(tokens) for tokens in (1, 127, 128, 129, 256)] == [128, 128, 128, 256, 256]
    found = [prompt_length(tokens) for tokens in (1, 15, 16, 17, 32, 33, 64, 65, 128, 129)]
    assert found == [16, 16, 16, 32, 32, 64, 64, 128, 128, 256]


def test_a_token_has_keys_and_values_in_every_layer(model: Llama) -> None:
    assert token_bytes(model) == 2 * 2 * 2 * 4 * 4  # two layers, two kv heads of 4 in fp32
    assert token_bytes(Llama(MODEL).bfloat16()) == 2 * 2 * 2 * 4 * 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"temperature": 0.0}, None), ({"temperature": 1e9}, None), ({"temperature": -0.1}, "temperature is -0.1; .* at least 0"),
        ({"temperature": math.inf}, "temperature is inf"), ({"temperature": math.nan}, "temperature is nan"),
        ({"top_p": 1.0}, None), ({"top_p": 0.01}, None), ({"top_p": 0.0}, "top_p is 0.0; .* more than 0 and at most 1"),
        ({"top_p": 1.01}, "top_p is 1.01"), ({"max_tokens": 1}, None), ({"max_tokens": 0}, "max_tokens is 0; .* at least 1"),
    ],
)  # fmt: skip
def test_what_can_be_sampled(changes: dict[str, Any], words: str | None) -> None:
    sampling = Sampling(**{"max_tokens": 5, **changes})
    if words is None:
        check_sampling(sampling)
    else:
        with pytest.raises(TrainerError, match=words):
            check_sampling(sampling)


def test_requests_that_ask_for_nothing_are_refused(model: Llama) -> None:
    with pytest.raises(TrainerError, match="rows is 0; sampling needs at least 1 row"):
        Engine(model, EngineOptions(rows=0))
    engine = Engine(model, EngineOptions(rows=1))
    for request in (TokenRequest("p", []), TokenRequest("p", [1], samples=0)):
        with pytest.raises(TrainerError, match="The prompt p is empty, or no response to it"):
            next(engine.sample([request], Sampling(2)))


class StoppedError(Exception):
    pass


def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """(rows, length) of all slots that an engine makes."""
    found: list[tuple[int, int]] = []

    def slots(model: Any, rows: int, length: int, *rest: Any) -> None:
        found.append((rows, length))
        raise StoppedError

    monkeypatch.setattr(engine_module, "Slots", slots)
    return found


@pytest.mark.parametrize(
    ("in_flight", "prompt", "expected"),
    [
        (None, 10, (4, 128)),
        (8192 + 4 * 128, 10, (4, 128)),
        (8192 + 9 * 128, 10, (4, 128)),  # no more rows than were asked for
        (8192 + 4 * 128 - 1, 10, (3, 128)),
        (8192 + 128, 10, (1, 128)),
        (8192 + 127, 10, None),
        (9088 * 2, 9000, (1, 9088)),  # a prompt that is longer than those that are read together
        (9088 * 2 - 1, 9000, None),
    ],
)
def test_as_many_rows_as_fit_beside_the_prompts_that_are_read(
    model: Llama, monkeypatch, in_flight: int | None, prompt: int, expected: tuple[int, int] | None
) -> None:
    found = made(monkeypatch)
    engine = Engine(model, EngineOptions(rows=4, tokens_in_flight=in_flight))
    request = TokenRequest("p", [1] * prompt)
    if expected is None:
        with pytest.raises(TrainerError, match=rf"not one fits tokens_in_flight \({in_flight:,}\)"):
            next(engine.sample([request], Sampling(5)))
        assert found == []
    else:
        with pytest.raises(StoppedError):
            next(engine.sample([request], Sampling(5)))
        assert found == [expected]


def test_on_a_gpu_three_quarters_of_its_free_memory_are_the_budget(model: Llama, monkeypatch) -> None:
    found = made(monkeypatch)
    free = (8192 + 2 * 128) * token_bytes(model) * 4 // 3 + 4
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free, 1 << 60))
    engine = Engine(model)
    engine._device = torch.device("cuda")
    with pytest.raises(StoppedError):
        next(engine.sample([TokenRequest("p", [1])], Sampling(5)))
    assert found == [(2, 128)]
    assert engine.steps_between_checks == 8 and Engine(model).steps_between_checks == 1
    assert Engine(model, EngineOptions(steps_between_checks=3)).steps_between_checks == 3
    assert EngineOptions() == (64, None, None, True) and Sampling(5) == (5, 1.0, 1.0, frozenset(), 0, "")
    assert TokenRequest("p", [1]).samples == 1


def test_prompts_are_read_together_by_length_up_to_so_many(model: Llama, monkeypatch) -> None:
    read: list[tuple[int, int, int]] = []
    original = engine_module.read_prompts

    def read_prompts(model: Llama, prompts: Any, rows: int, length: int) -> Any:
        read.append((len(prompts), rows, length))
        return original(model, prompts, rows, length)

    monkeypatch.setattr(engine_module, "read_prompts", read_prompts)
    engine = Engine(model, EngineOptions(rows=64))
    requests = [TokenRequest(str(n), [1] * (5 if n % 2 else 20)) for n in range(36)]
    found = dict(engine.sample(requests, Sampling(1)))
    assert sorted(found) == list(range(36)) and all(len(responses) == 1 for responses in found.values())
    assert read == [(16, 16, 16), (2, 16, 16), (16, 16, 32), (2, 16, 32)]
    read.clear()
    long = [TokenRequest(str(n), [1] * 1000) for n in range(9)]
    assert len(dict(engine.sample(long, Sampling(1)))) == 9
    assert read == [(8, 8, 1024), (1, 8, 1024)]
