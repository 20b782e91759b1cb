"""Batched sampling: many prompts, several responses to each, through one model.

The paper (arXiv 2407.21783, §4.2.2) samples with PagedAttention: the pages of a prompt are shared by its responses, and
a request starts only if memory for its greatest length is free. Here the same with plain tensors: a prompt is read
once and its keys and values are copied into the rows of its responses; a row is as long as prompt and response may
become; there are as many rows as fit the budget, so that none is ever swapped out. Rows whose response has ended are
given to the next.

A response does not depend on its neighbours, on the order of the requests, or on what was there before a kill: its
noise has an address (:mod:`~trainer.posttraining.sampling_noise`), and the shapes that it goes through depend on its
own length and the options alone. (Another shape may move logits by 1e-7, which would turn a token now and then.)
Fixed shapes are also what CUDA graphs need.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import torch

from trainer.errors import TrainerError
from trainer.model.llama import Llama
from trainer.posttraining.prefill import Prompts, read_prompts
from trainer.posttraining.sampling_noise import response_key
from trainer.posttraining.slots import Sampling, Slots

BUCKET = 128
"""Rows are as long as a multiple of it."""
PREFILL_TOKENS, PREFILL_ROWS = 8192, 16
"""Prompts are read together up to so many tokens and rows; one longer than that is read alone."""


class EngineOptions(NamedTuple):
    """What decides the shapes: it belongs to the settings that decide the responses."""

    rows: int = 64
    """Responses written at once, at most."""
    tokens_in_flight: int | None = None
    """Tokens that all rows may hold together, the prompts being read among them; without it, on a GPU what fits three
    quarters of its free memory, elsewhere no limit."""
    steps_between_checks: int | None = None
    """Steps after which the host looks which responses have ended: without it 1 on a CPU, 8 on a GPU, where looking
    waits for the device. Responses don't depend on it."""
    cuda_graphs: bool = True


class TokenRequest(NamedTuple):
    """A prompt as ids, and how many responses it is to have."""

    prompt_id: str
    """With the seed, what decides the noise: two prompts of one id would get the same draws."""
    ids: Sequence[int]
    samples: int = 1


class TokenResponse(NamedTuple):
    ids: list[int]
    """What was written; the id that ended it is the last, where one did."""
    finish_reason: Literal["stop", "length"]


class Engine:
    """``model``, in evaluation mode and on its device, with room for responses."""

    def __init__(self, model: Llama, options: EngineOptions = EngineOptions()) -> None:  # noqa: B008 (immutable)
        if options.rows < 1:
            raise TrainerError(f"rows is {options.rows}; sampling needs at least 1 row.")
        self.model, self.options = model, options
        self._device = model.head_weight.device

    @torch.no_grad()
    def sample(
        self, requests: Sequence[TokenRequest], sampling: Sampling
    ) -> Iterator[tuple[int, list[TokenResponse]]]:
        """(index of the request, its responses) of each request as soon as its last response has ended.

        Raises :class:`TrainerError` before the first token for options that cannot be, and for a request whose
        greatest length does not fit the budget.
        """
        check_sampling(sampling)
        groups: dict[int, list[int]] = {}
        for index, request in enumerate(requests):
            if not request.ids or request.samples < 1:
                raise TrainerError(f"The prompt {request.prompt_id} is empty, or no response to it is asked for.")
            groups.setdefault(row_length(len(request.ids) + sampling.max_tokens), []).append(index)
        rooms = {length: self._rows_for(length) for length in groups}
        for length, indices in sorted(groups.items()):
            # Prompts that are read together have one length in memory, which must not depend on who comes with whom.
            indices.sort(key=lambda index: prompt_length(len(requests[index].ids)))
            slots = Slots(self.model, rooms[length], length, sampling, self._graphs)
            yield from _Batch(self, slots, requests, indices, sampling).run()

    def _rows_for(self, length: int) -> int:
        budget = self.options.tokens_in_flight
        if budget is None:
            if self._device.type != "cuda":
                return self.options.rows
            free, _ = torch.cuda.mem_get_info(self._device)
            budget = int(free * 0.75) // token_bytes(self.model)
        rows = min(self.options.rows, (budget - max(PREFILL_TOKENS, length)) // length)
        if rows < 1:
            raise TrainerError(
                f"A prompt with its longest response takes {length:,} tokens, and with the prompts that are read ahead "
                f"({max(PREFILL_TOKENS, length):,}) not one fits tokens_in_flight ({budget:,}). Raise it, or lower the "
                "most tokens of a response."
            )
        return rows

    @property
    def _graphs(self) -> bool:
        return self.options.cuda_graphs and self._device.type == "cuda"

    @property
    def steps_between_checks(self) -> int:
        return self.options.steps_between_checks or (8 if self._device.type == "cuda" else 1)


def check_sampling(sampling: Sampling) -> None:
    """Raises :class:`TrainerError` for values that cannot be."""
    for name, value, is_possible, words in (
        ("temperature", sampling.temperature, 0 <= sampling.temperature < math.inf, "at least 0"),
        ("top_p", sampling.top_p, 0 < sampling.top_p <= 1, "more than 0 and at most 1"),
        ("max_tokens", sampling.max_tokens, sampling.max_tokens >= 1, "at least 1"),
    ):
        if not is_possible:
            raise TrainerError(f"{name} is {value}; for sampling it must be {words}.")


def row_length(tokens: int) -> int:
    """Tokens of the row for a prompt with its longest response."""
    return math.ceil(tokens / BUCKET) * BUCKET


def prompt_length(tokens: int) -> int:
    """Tokens to which a prompt is padded while it is read: a power of two below :data:`BUCKET`, then its multiples."""
    return row_length(tokens) if tokens > BUCKET // 2 else max(16, 1 << (tokens - 1).bit_length())


def token_bytes(model: Llama) -> int:
    """Bytes of the keys and values of one token."""
    config = model.config
    return 2 * config.num_layers * config.num_kv_heads * config.head_dim * model.head_weight.element_size()


class _Waiting(NamedTuple):
    """A response that has no row yet."""

    request: int
    sample: int
    place: int


class _Batch:
    """The requests of one row length on their way through the slots."""

    def __init__(
        self, engine: Engine, slots: Slots, requests: Sequence[TokenRequest], indices: list[int], sampling: Sampling
    ) -> None:
        self._engine, self._slots, self._requests, self._sampling = engine, slots, requests, sampling
        self._unread = deque(indices)
        self._waiting: deque[_Waiting] = deque()
        self._prompts: Prompts | None = None
        self._in_row: dict[int, _Waiting] = {}
        self._responses: dict[int, dict[int, TokenResponse]] = {}

    def run(self) -> Iterator[tuple[int, list[TokenResponse]]]:
        while self._unread or self._waiting or self._in_row:
            self._admit()
            for _ in range(self._engine.steps_between_checks):
                self._slots.step()
            yield from self._collect()

    def _admit(self) -> None:
        free = [row for row in range(self._slots.rows) if row not in self._in_row]
        while free and (self._waiting or self._unread):
            if not self._waiting:
                self._read_prompts()
            entering = [self._waiting.popleft() for _ in range(min(len(free), len(self._waiting)))]
            rows, free = free[: len(entering)], free[len(entering) :]
            self._in_row |= dict(zip(rows, entering, strict=True))
            assert self._prompts is not None
            sampling = self._sampling
            keys = [
                response_key(sampling.seed, sampling.purpose, self._requests[one.request].prompt_id, one.sample)
                for one in entering
            ]
            self._slots.enter(rows, self._prompts, [one.place for one in entering], keys)

    def _read_prompts(self) -> None:
        length = prompt_length(len(self._requests[self._unread[0]].ids))
        together = max(1, min(PREFILL_ROWS, PREFILL_TOKENS // length))
        taken: list[int] = []
        while (
            self._unread
            and len(taken) < together
            and prompt_length(len(self._requests[self._unread[0]].ids)) == length
        ):
            taken.append(self._unread.popleft())
        self._prompts = read_prompts(self._engine.model, [self._requests[i].ids for i in taken], together, length)
        for place, index in enumerate(taken):
            self._waiting.extend(_Waiting(index, sample, place) for sample in range(self._requests[index].samples))

    def _collect(self) -> Iterator[tuple[int, list[TokenResponse]]]:
        for row, ids, stopped in self._slots.ended(self._in_row):
            index, sample, _ = self._in_row.pop(row)
            responses = self._responses.setdefault(index, {})
            responses[sample] = TokenResponse(ids, "stop" if stopped else "length")
            if len(responses) == self._requests[index].samples:
                del self._responses[index]
                yield index, [responses[k] for k in range(len(responses))]
