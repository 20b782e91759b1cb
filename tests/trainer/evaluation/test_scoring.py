"""The log-probability of a text's last tokens, against the model's own logits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from tests.trainer.evaluation.tiny import ALONE, make
from trainer.evaluation.scoring import score_ending
from trainer.model.llama import Llama


@pytest.fixture(scope="module")
def model() -> Llama:
    return make(64)


@torch.no_grad()
@pytest.mark.parametrize("text", [[62, 5, 9], [62, 5, 9, 5, 9, 7], [62, *range(20)]])
def test_an_ending_is_as_likely_as_the_model_says(model: Llama, text: list[int]) -> None:
    logits = model.logits(torch.tensor([text[:-1]]), torch.arange(len(text) - 1)[None])[0]
    chances = logits.log_softmax(-1)
    for count in (1, 2, len(text) - 1):
        expected = sum(chances[place - 1, text[place]].item() for place in range(len(text) - count, len(text)))
        likeliest = all(logits[place - 1].argmax() == text[place] for place in range(len(text) - count, len(text)))
        found, best = score_ending(model, text, count, ALONE)
        assert found == pytest.approx(expected, rel=1e-4) and best is likeliest


@torch.no_grad()
def test_the_likeliest_ending_is_known_as_such(model: Llama) -> None:
    text = [62, 3, 8]
    for _ in range(3):
        text.append(int(model.logits(torch.tensor([text]), torch.arange(len(text))[None])[0, -1].argmax()))
    assert score_ending(model, text, 3, ALONE)[1] is True
    assert score_ending(model, [*text[:-1], (text[-1] + 1) % 60], 1, ALONE)[1] is False


def test_rows_divide_by_what_ranks_share_them() -> None:
    """What is added stands behind the text, and nothing is added where the text divides already."""
    widths: list[int] = []

    class Seen(torch.nn.Module):
        def forward(self, tokens: torch.Tensor, positions: torch.Tensor, labels: torch.Tensor, score: bool):
            widths.append(tokens.shape[1])
            assert tokens[0, :3].tolist() == [1, 2, 3] and not tokens[0, 3:].any()
            return torch.zeros(labels.shape), torch.ones(labels.shape, dtype=torch.bool)

    share: Callable[..., object] = ALONE._replace
    for ranks in (ALONE, share(tensor_size=3, size=3), share(tensor_size=2, size=2)):
        score_ending(Seen(), [1, 2, 3, 4], 1, ranks)  # type: ignore[arg-type]
        score_ending(Seen(), [1, 2, 3, 0, 0, 0, 0], 1, ranks)  # type: ignore[arg-type]
    assert widths == [4, 6, 6, 6, 4, 8]
