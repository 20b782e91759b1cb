from __future__ import annotations

import torch
from torch.testing import assert_close

from trainer.config.model_config import ModelConfig
from trainer.model.attention import document_mask
from trainer.model.kv_cache import KVCache
from trainer.model.llama import Llama


def test_a_cache_returns_all_that_it_was_given():
    pieces = [torch.randn(2, 3, length, 4) for length in (5, 1, 1)]
    cache = KVCache((2, 3, 8, 4), pieces[0])
    for number, piece in enumerate(pieces, 1):
        keys, values = cache.extend(piece, -piece)
        assert torch.equal(keys, torch.cat(pieces[:number], 2)) and torch.equal(values, -keys)
    assert cache.length == 7


class Halves:
    """Rows of which the model is given the later half: whoever holds the earlier half answers for it."""

    def __init__(self, earlier: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
        self._earlier = iter(earlier)

    def mask(self, positions: torch.Tensor, backend: str) -> torch.Tensor:
        half = positions.shape[1]
        return document_mask(torch.arange(2 * half).expand(len(positions), -1))[:, :, half:]

    def extend(self, k: torch.Tensor, v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        keys, values = next(self._earlier)
        return torch.cat((keys, k), 2), torch.cat((values, v), 2)


class Recorder(Halves):
    def __init__(self) -> None:
        self.seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def mask(self, positions: torch.Tensor, backend: str) -> torch.Tensor:
        return document_mask(positions)

    def extend(self, k: torch.Tensor, v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self.seen.append((k, v))
        return k, v


@torch.no_grad()
def test_any_object_with_mask_and_extend_divides_rows():
    model = Llama(ModelConfig(dim=16, num_layers=2, num_heads=4, num_kv_heads=2, vocab_size=20, ffn_multiple_of=8))
    model.init_weights(0)
    tokens, positions = torch.arange(12)[None], torch.arange(12)[None]
    whole = model(tokens, positions)
    recorder = Recorder()
    model.context = recorder
    assert_close(model(tokens[:, :6], positions[:, :6]), whole[:, :6])
    model.context = Halves(recorder.seen)
    assert_close(model(tokens[:, 6:], positions[:, 6:]), whole[:, 6:])
