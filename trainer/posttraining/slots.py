"""The rows in which responses are written: one token more in each, a step at a time, all of it on the device."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.model.llama import Llama
from trainer.posttraining.next_token import choose_tokens
from trainer.posttraining.prefill import Prompts
from trainer.posttraining.sampling_noise import gumbel_noise


class Sampling(NamedTuple):
    """How responses are drawn."""

    max_tokens: int
    """Tokens of a response, at most; the one that ends it counts."""
    temperature: float = 1.0
    top_p: float = 1.0
    stop: frozenset[int] = frozenset()
    """Ids that end a response."""
    seed: int = 0
    purpose: str = ""
    """What the responses are for, such as a round's stage: another purpose, other draws."""


class Slots:
    """R rows of S tokens each: prompt and response. A row is free, active, or holds a response that has ended.

    Every step is the same sequence of kernels on the same memory, whatever the rows hold; free and ended rows are
    computed and left as they are. On a GPU it can so be captured as a CUDA graph.
    """

    def __init__(self, model: Llama, rows: int, length: int, sampling: Sampling, as_graph: bool = False) -> None:
        self.rows = rows
        self._model, self._sampling = model, sampling
        device = model.head_weight.device

        def numbers(*shape: int, dtype: torch.dtype = torch.long) -> Tensor:
            return torch.zeros(shape, dtype=dtype, device=device)

        self._tokens, self._starts, self._places = numbers(rows), numbers(rows), numbers(rows)
        self._active, self._stopped = numbers(rows, dtype=torch.bool), numbers(rows, dtype=torch.bool)
        self._keys = numbers(rows, 2, dtype=torch.int32)
        self._written = numbers(rows, sampling.max_tokens)
        self._positions = numbers(rows)
        self._columns = torch.arange(length, device=device)
        self._stop = torch.tensor(sorted(sampling.stop), dtype=torch.long, device=device)
        shape = (rows, model.config.num_kv_heads, length, model.config.head_dim)
        self._caches = [_RowCache(shape, model.head_weight, self._positions) for _ in model.layers]
        self.step: Callable[[], None] = self._captured() if as_graph else self._step
        """Writes one token more in each active row."""

    def enter(
        self, rows: Sequence[int], prompts: Prompts, which: Sequence[int], keys: Sequence[tuple[int, int]]
    ) -> None:
        """Begins a response in each of ``rows``, to the prompt of ``prompts`` that stands at the same place in
        ``which``, with the noise of ``keys``; draws its first token."""
        device = self._tokens.device
        to, source = torch.tensor(rows, device=device), torch.tensor(which, device=device)
        for cache, prompt in zip(self._caches, prompts.caches, strict=True):
            cache.copy_prompts(to, prompt.keys[source], prompt.values[source])
        self._starts[to] = prompts.lengths[source]
        self._keys[to] = torch.tensor(keys, dtype=torch.int32, device=device)
        self._places[to] = 0
        self._stopped[to] = False
        entering = torch.zeros_like(self._active)
        entering[to] = True
        chosen = torch.zeros_like(self._tokens)
        chosen[to] = self._choose(prompts.logits[source], self._keys[to], self._places[to])
        self._active |= entering
        self._record(chosen, entering)

    def ended(self, rows: Iterable[int]) -> Iterator[tuple[int, list[int], bool]]:
        """Of ``rows``, those whose response has ended: row, ids, and whether a stop id ended it (the last of them)."""
        active = self._active.tolist()
        done = [row for row in rows if not active[row]]
        if not done:
            return
        where = torch.tensor(done, device=self._tokens.device)
        written, counts, stopped = (x[where].tolist() for x in (self._written, self._places, self._stopped))
        for row, ids, count, by_stop in zip(done, written, counts, stopped, strict=True):
            yield row, ids[:count], by_stop

    def _step(self) -> None:
        # The token that was chosen last is the one at place `places - 1`; a row that is free has none.
        self._positions.copy_((self._starts + self._places - 1).clamp_min(0))
        mask = (self._columns <= self._positions[:, None])[:, None, None]
        hidden = self._model.hidden_states(self._tokens[:, None], self._positions[:, None], mask, self._caches)
        logits = F.linear(hidden[:, -1], self._model.head_weight).float()
        self._record(self._choose(logits, self._keys, self._places), self._active)

    def _choose(self, logits: Tensor, keys: Tensor, places: Tensor) -> Tensor:
        temperature = self._sampling.temperature
        noise = gumbel_noise(keys, places, logits.shape[-1]) if temperature else None
        return choose_tokens(logits, noise, temperature, self._sampling.top_p)

    def _record(self, chosen: Tensor, rows: Tensor) -> None:
        """Adds ``chosen`` (R,) to the responses of those ``rows`` (R,) that are true. In place: a graph has no other
        way to leave anything behind."""
        last = self._sampling.max_tokens - 1
        place = self._places.clamp_max(last)[:, None]
        self._written.scatter_(1, place, torch.where(rows[:, None], chosen[:, None], self._written.gather(1, place)))
        self._tokens.copy_(torch.where(rows, chosen, self._tokens))
        self._places += rows
        self._stopped |= rows & (chosen[:, None] == self._stop).any(-1)
        self._active &= ~(self._stopped | (self._places > last))

    def _captured(self) -> Callable[[], None]:
        # No row is active yet: warming up writes nothing but keys that entering overwrites.
        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for _ in range(3):
                self._step()
        torch.cuda.current_stream().wait_stream(beside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._step()
        return graph.replay


class _RowCache:
    """Keys and values of all rows in one layer, (R, kv heads, S, E), each row filled up to its own position."""

    def __init__(self, shape: tuple[int, int, int, int], like: Tensor, positions: Tensor) -> None:
        # Zeros: what the mask hides is multiplied by 0, and memory that was not cleared may hold NaN.
        self._keys, self._values = (torch.zeros(shape, dtype=like.dtype, device=like.device) for _ in range(2))
        self._rows, self._positions = torch.arange(shape[0], device=like.device), positions

    def copy_prompts(self, rows: Tensor, keys: Tensor, values: Tensor) -> None:
        """Prompts' ``keys`` and ``values`` (N, kv heads, T, E) to the beginnings of ``rows`` (N,)."""
        self._keys[rows, :, : keys.shape[2]] = keys
        self._values[rows, :, : values.shape[2]] = values

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Writes ``k`` and ``v`` (R, kv heads, 1, E), each at its row's position; returns all."""
        self._keys[self._rows, :, self._positions] = k[:, :, 0]
        self._values[self._rows, :, self._positions] = v[:, :, 0]
        return self._keys, self._values
