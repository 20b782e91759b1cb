from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.config.model_config import ModelConfig
from trainer.model.init import Part, fill
from trainer.model.llama import Llama

ROWS, COLUMNS = 37, 29


def whole(rows: int = ROWS, columns: int = COLUMNS, seed: int = 3, name: str = "w", **shape: float) -> torch.Tensor:
    matrix = torch.full((rows, columns), torch.nan)
    fill(Part(matrix), columns, seed, name, **{"std": 0.5} | shape)
    return matrix


@given(st.tuples(*[st.integers(0, ROWS)] * 2).map(sorted), st.tuples(*[st.integers(0, COLUMNS)] * 2).map(sorted))
def test_any_part_is_that_of_the_whole(rows, columns):
    part = torch.full((rows[1] - rows[0], columns[1] - columns[0]), torch.nan)
    fill(Part(part, (rows[0], columns[0])), COLUMNS, 3, "w", 0.5)
    assert torch.equal(part, whole()[slice(*rows), slice(*columns)])


def test_a_part_that_does_not_say_where_it_begins_is_the_beginning():
    part = torch.full((5, 7), torch.nan)
    fill(Part(part), COLUMNS, 3, "w", 0.5)
    assert torch.equal(part, whole()[:5, :7])


def test_how_many_entries_are_drawn_together_changes_nothing(monkeypatch):
    at_once = whole()
    for size in (1, 3 * COLUMNS, 5 * COLUMNS + 1):
        monkeypatch.setattr("trainer.model.init._AT_ONCE", size)
        assert torch.equal(whole(), at_once)


def test_seeds_and_names_give_other_numbers():
    different = [whole(), whole(seed=4), whole(name="v"), whole(seed=31, name="w")]
    assert len({tuple(matrix.flatten().tolist()) for matrix in different}) == len(different)


@pytest.mark.parametrize("cut", [1.0, 3.0, math.inf])
def test_entries_are_normal_and_cut(cut):
    drawn = whole(400, 500, std=2.0, cut=cut).double().flatten() / 2
    density = math.exp(-(cut**2) / 2) / math.sqrt(2 * math.pi)
    inside = math.erf(cut / math.sqrt(2))
    variance = 1 - (2 * cut * density / inside if math.isfinite(cut) else 0)
    assert drawn.mean().item() == pytest.approx(0, abs=0.01)
    assert drawn.var().item() == pytest.approx(variance, rel=0.02)
    assert drawn.abs().max() <= cut
    assert (drawn < 0.5).double().mean().item() == pytest.approx(
        0.5 + 0.5 * math.erf(0.5 / math.sqrt(2)) / inside, abs=0.005
    )
    # Nothing of one entry is seen in the next, nor in the one below.
    for step in (1, 500):
        assert (drawn[:-step] * drawn[step:]).mean().item() == pytest.approx(0, abs=0.01)


def test_matrices_of_one_shape_differ():
    model = Llama(ModelConfig(dim=16, num_layers=3, num_heads=4, num_kv_heads=4, vocab_size=16, ffn_size=16))
    model.init_weights(0)
    drawn = [p.div(p.std()).flatten() for p in model.parameters() if p.ndim == 2]
    for number, one in enumerate(drawn):
        assert all((one * other).mean().abs() < 0.5 for other in drawn[:number])
