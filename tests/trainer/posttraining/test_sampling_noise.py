from __future__ import annotations

import hashlib
import math
import struct

import pytest
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


def finalized(h: int) -> int:
    """MurmurHash3's finalizer over whole numbers of 32 bits without a sign, as its author wrote it."""
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16


def unfinalized(h: int) -> int:
    """What :func:`finalized` makes ``h`` of."""
    h = (h ^ h >> 16) * pow(0xC2B2AE35, -1, 2**32) & 0xFFFFFFFF
    h = (h ^ h >> 13 ^ h >> 26) * pow(0x85EBCA6B, -1, 2**32) & 0xFFFFFFFF
    return h ^ h >> 16


def noise_of(bits: int) -> float:
    return -math.log(-math.log((bits + 0.5) / 2**23))


def test_a_token_s_number_is_murmur_s_of_key_place_and_id() -> None:
    golden, place, one, two = 0x9E3779B9, 77, 123_456_789, -987_654_321
    row = finalized((one ^ place * golden) & 0xFFFFFFFF)
    inner = [finalized(token * golden & 0xFFFFFFFF ^ row) for token in range(400)]
    expected = [noise_of(finalized(h ^ two & 0xFFFFFFFF) >> 9) for h in inner]
    found = gumbel_noise(keys((one, two)), torch.tensor([place]), 400)[0]
    assert found.tolist() == pytest.approx(expected, rel=1e-5, abs=1e-6)
    # The lowest and the highest number that there is, where fp32 ends.
    for h in (0, 0xFFFFFFFF):
        other = inner[5] ^ unfinalized(h)
        signed = other - (1 << 32 if other >> 31 else 0)
        found = gumbel_noise(keys((one, signed)), torch.tensor([place]), 6)[0, 5]
        assert found.item() == pytest.approx(noise_of(h >> 9), rel=1e-5)


def test_a_key_is_the_first_eight_bytes_of_a_hash() -> None:
    digest = hashlib.blake2b(b"7\x00chosen\x00ab\x003", digest_size=8).digest()
    assert response_key(7, "chosen", "ab", 3) == struct.unpack("<2i", digest)


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
