from __future__ import annotations

import random

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainer.config.model_config import ModelConfig
from trainer.errors import TrainerError
from trainer.model.generate import generate_ids
from trainer.model.llama import Llama
from trainer.posttraining.engine import Engine, EngineOptions, Sampling, TokenRequest
from trainer.posttraining.slots import Slots

STOP = frozenset(range(6))


@pytest.fixture(scope="module")
def model() -> Llama:
    config = ModelConfig(dim=32, num_layers=2, num_heads=4, num_kv_heads=2, vocab_size=64, ffn_multiple_of=16)
    model = Llama(config)
    model.init_weights(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(3)  # so that what is said depends on what came before
    return model.eval()


@pytest.fixture(scope="module")
def requests() -> list[TokenRequest]:
    draw = random.Random(1)
    lengths = [3, 8, 17, 40, 70, 118, 130]
    return [
        TokenRequest(f"prompt {n}", [draw.randrange(64) for _ in range(lengths[n % 7])], 1 + n % 4) for n in range(14)
    ]


def test_the_likeliest_are_those_of_one_by_one_generation(model, requests) -> None:
    sampling = Sampling(max_tokens=12, temperature=0, stop=STOP)
    found = dict(Engine(model, EngineOptions(rows=5)).sample(requests, sampling))
    reasons = set()
    for number, request in enumerate(requests):
        alone = list(generate_ids(model, list(request.ids), 12, STOP))
        assert len(found[number]) == request.samples
        for response in found[number]:
            reasons.add(response.finish_reason)
            if response.finish_reason == "stop":
                assert response.ids[:-1] == alone and response.ids[-1] in STOP
            else:
                assert response.ids == alone and len(alone) == 12
    assert reasons == {"stop", "length"}


@pytest.fixture(scope="module")
def drawn(model, requests) -> dict[int, list]:
    return dict(Engine(model, EngineOptions(rows=5)).sample(requests, Sampling(max_tokens=10, stop=STOP)))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(14)), count=st.integers(1, 14), checks=st.integers(1, 12))
def test_a_response_is_the_same_in_any_order_and_company(model, requests, drawn, order, count, checks) -> None:
    some = order[:count]
    engine = Engine(model, EngineOptions(rows=5, steps_between_checks=checks))
    found = dict(engine.sample([requests[n] for n in some], Sampling(max_tokens=10, stop=STOP)))
    assert [found[place] for place in range(count)] == [drawn[n] for n in some]


def test_the_samples_of_a_prompt_differ_and_other_seeds_and_purposes_draw_others(model, requests, drawn) -> None:
    assert any(len({tuple(one.ids) for one in responses}) > 1 for responses in drawn.values())
    for changed in ({"seed": 1}, {"purpose": "another"}):
        sampling = Sampling(max_tokens=10, stop=STOP, **changed)
        assert dict(Engine(model, EngineOptions(rows=5)).sample(requests, sampling)) != drawn


def test_more_samples_leave_the_first_ones_as_they_were(model, requests, drawn) -> None:
    more = [request._replace(samples=request.samples + 2) for request in requests]
    found = dict(Engine(model, EngineOptions(rows=5)).sample(more, Sampling(max_tokens=10, stop=STOP)))
    assert all(found[n][: len(drawn[n])] == drawn[n] for n in drawn)


def test_rows_never_exceed_the_budget(model, requests, monkeypatch) -> None:
    made = []
    original = Slots.__init__

    def init(self, model, rows, length, *rest):
        made.append((rows, length))
        original(self, model, rows, length, *rest)

    monkeypatch.setattr(Slots, "__init__", init)
    options = EngineOptions(rows=100, tokens_in_flight=8192 + 800)
    found = dict(Engine(model, options).sample(requests, Sampling(max_tokens=10, stop=STOP)))
    assert len(found) == 14
    assert sorted(made) == [(3, 256), (6, 128)]  # 800 // 256 and 800 // 128


def test_a_request_that_does_not_fit_the_budget_is_refused_before_the_first_token(model) -> None:
    engine = Engine(model, EngineOptions(tokens_in_flight=8192 + 100))
    with pytest.raises(TrainerError, match=r"takes 128 tokens.*not one fits tokens_in_flight"):
        next(engine.sample([TokenRequest("a", [1, 2])], Sampling(max_tokens=4)))


@pytest.mark.parametrize(
    ("sampling", "words"),
    [
        (Sampling(max_tokens=0), "max_tokens is 0"),
        (Sampling(max_tokens=4, temperature=-0.1), "temperature is -0.1"),
        (Sampling(max_tokens=4, temperature=float("nan")), "temperature is nan"),
        (Sampling(max_tokens=4, top_p=0), "top_p is 0; for sampling it must be more than 0"),
        (Sampling(max_tokens=4, top_p=1.1), "top_p is 1.1"),
    ],
)
def test_impossible_sampling_is_refused(model, sampling, words) -> None:
    with pytest.raises(TrainerError, match=words):
        next(Engine(model).sample([TokenRequest("a", [1])], sampling))


def test_no_rows_and_empty_prompts_are_refused(model) -> None:
    with pytest.raises(TrainerError, match="at least 1 row"):
        Engine(model, EngineOptions(rows=0))
    for request in (TokenRequest("a", []), TokenRequest("a", [1], samples=0)):
        with pytest.raises(TrainerError, match="prompt a is empty, or no response"):
            next(Engine(model).sample([request], Sampling(max_tokens=4)))
