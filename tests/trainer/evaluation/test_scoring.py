"""The log-probability of a text's last tokens, against the model's own logits."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

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


@pytest.mark.parametrize(
    ("device", "shared", "length", "filled"),
    [("cpu", (1, 1), 5, 6), ("cpu", (1, 1), 6, 6), ("cpu", (3, 2), 5, 12), ("cpu", (3, 2), 13, 24),
     ("cuda", (1, 1), 5, 256), ("cuda", (1, 1), 257, 512), ("cuda", (3, 1), 5, 768)],
)  # fmt: skip
def test_texts_are_filled_up_to_what_ranks_divide_and_kernels_are_compiled_for(
    device: str, shared: tuple[int, int], length: int, filled: int
) -> None:
    seen: list[torch.Tensor] = []

    def model(tokens: torch.Tensor, positions: torch.Tensor, labels: torch.Tensor, score: bool) -> object:
        seen.extend((tokens, positions, labels))
        return torch.full(tokens.shape, 0.5), torch.ones(tokens.shape, dtype=torch.bool)

    ranks: Any = SimpleNamespace(
        device=SimpleNamespace(type=device), context_size=shared[0], tensor_size=shared[1], data_size=2,
        part=lambda batch: SimpleNamespace(to=lambda device: batch), sum=lambda tensor: tensor,
    )  # fmt: skip
    text = list(range(7, 8 + length))
    model_: Any = model
    assert score_ending(model_, text, 3, ranks) == (filled / 4, True)
    tokens, positions, labels = (tensor[0].tolist() for tensor in seen)
    assert tokens == text[:-1] + [0] * (filled - length) and positions == list(range(filled))
    assert labels == [-100] * (length - 3) + text[-3:] + [-100] * (filled - length)
