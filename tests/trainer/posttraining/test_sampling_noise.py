from __future__ import annotations

import torch

from trainer.posttraining.next_token import choose_tokens
from trainer.posttraining.sampling_noise import gumbel_noise, response_key


def keys(*found: tuple[int, int]) -> torch.Tensor:
    return torch.tensor(found, dtype=torch.int32)


def chi_square(drawn: torch.Tensor, probabilities: torch.Tensor) -> float:
    expected = probabilities * len(drawn)
    return float(((torch.bincount(drawn, minlength=len(probabilities)) - expected) ** 2 / expected).sum())


def test_a_key_depends_on_seed_purpose_prompt_and_sample() -> None:
    found = {response_key(*address) for address in [(0, "x", "a", 0), (1, "x", "a", 0), (0, "y", "a", 0), (0, "x", "b", 0), (0, "x", "a", 1)]}  # fmt: skip
    assert len(found) == 5
    assert response_key(0, "1", "a", 0) == response_key(0, "1", "a", 0)


def test_the_noise_of_an_address_is_the_same_whoever_else_is_there() -> None:
    one, two = response_key(0, "0", "a", 0), response_key(0, "0", "b", 3)
    together = gumbel_noise(keys(one, two), torch.tensor([5, 9]), 40)
    assert torch.equal(together[1:], gumbel_noise(keys(two), torch.tensor([9]), 40))
    assert torch.equal(together[:, :20], gumbel_noise(keys(one, two), torch.tensor([5, 9]), 20))


def test_both_halves_of_a_key_and_the_place_count() -> None:
    found = gumbel_noise(keys((1, 2), (3, 2), (1, 5), (2, 1)), torch.tensor([0, 0, 0, 0]), 30)
    later = gumbel_noise(keys((1, 2)), torch.tensor([1]), 30)
    rows = [*found, *later]
    assert not any(torch.equal(a, b) for n, a in enumerate(rows) for b in rows[:n])
    assert all((a == b).float().mean() < 0.2 for n, a in enumerate(rows) for b in rows[:n])


def test_its_mean_and_variance_are_gumbels_and_no_number_is_infinite() -> None:
    noise = gumbel_noise(keys(*(response_key(0, "0", str(n), n) for n in range(500))), torch.arange(500), 400)
    assert noise.isfinite().all()
    assert abs(noise.mean() - 0.5772) < 0.01  # Euler's constant
    assert abs(noise.var() - torch.pi**2 / 6) < 0.02


def test_draws_have_the_probabilities_of_the_logits() -> None:
    logits = torch.linspace(-2, 2, 30)
    many, key = 20_000, response_key(3, "1", "prompt", 0)
    along = gumbel_noise(keys(key).expand(many, 2), torch.arange(many), 30)
    across = gumbel_noise(
        keys(*(response_key(3, "1", "prompt", k) for k in range(many))), torch.zeros(many).long(), 30
    )
    for noise in (along, across):
        drawn = choose_tokens(logits.expand(many, -1), noise, 0.7, 1.0)
        assert chi_square(drawn, (logits / 0.7).softmax(0)) < 58  # 29 degrees of freedom: 1 in 1,000 is beyond


def test_top_p_keeps_the_likeliest_that_reach_it_and_no_other() -> None:
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    noise = gumbel_noise(keys(response_key(0, "0", "p", 0)).expand(2000, 2), torch.arange(2000), 4)
    drawn = choose_tokens(logits.expand(2000, -1), noise, 1.0, 0.75)
    assert set(drawn.tolist()) == {0, 1}
    assert abs((drawn == 0).float().mean() - 0.625) < 0.05
    assert set(choose_tokens(logits.expand(2000, -1), noise, 1.0, 1e-9).tolist()) == {0}


def test_temperature_0_takes_the_likeliest_whatever_the_noise() -> None:
    logits = torch.randn(50, 20, generator=torch.Generator().manual_seed(0))
    assert torch.equal(choose_tokens(logits, None, 0.0, 0.5), logits.argmax(-1))
