from __future__ import annotations

import pytest
import torch

from trainer.optim.clipping import clip


@pytest.mark.parametrize(("most", "scale"), [(10.0, 1.0), (2.5, 0.5), (5.0, 1.0)])
def test_gradients_are_scaled_down_to_a_norm_over_all_and_never_up(most: float, scale: float) -> None:
    model = torch.nn.Linear(2, 1)
    model.weight.grad, model.bias.grad = torch.tensor([[3.0, 0.0]]), torch.tensor([-4.0])
    norm = clip(model, most)
    assert norm.item() == 5 and norm.ndim == 0
    assert model.weight.grad.tolist() == [[pytest.approx(3 * scale, rel=1e-4), 0]]
    assert model.bias.grad.tolist() == [pytest.approx(-4 * scale, rel=1e-4)]
