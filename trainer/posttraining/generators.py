"""What writes responses to prompts: a model of ours here, a server in :mod:`~trainer.posttraining.http_generator`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import torch

from trainer.checkpoint.convert import find_tokenizer, load_model
from trainer.posttraining.base import Base, weights_hash
from trainer.posttraining.chat import ChatFormat, Message
from trainer.posttraining.engine import Engine, EngineOptions, TokenRequest
from trainer.posttraining.slots import Sampling


class GenerationRequest(NamedTuple):
    """A prompt, the turns before the assistant's, and how many responses it is to have."""

    prompt_id: str
    messages: Sequence[Message]
    samples: int = 1


class Response(NamedTuple):
    message: Message
    """With its ids where the generator knows them."""
    finish_reason: Literal["stop", "length"]
    """``length``: it was cut off, and has no terminator."""


class Completed(NamedTuple):
    request: int
    """Its place among those that were asked for."""
    responses: list[Response]


class Generator(Protocol):
    """Anything that writes ``samples`` responses to each request, in any order of the requests."""

    @property
    def description(self) -> dict[str, object]:
        """What wrote the responses, and how: kept beside them, and compared before a session goes on."""
        ...

    def complete(self, requests: Sequence[GenerationRequest]) -> Iterator[Completed]:
        """Each request as soon as it has all its responses. Raises :class:`~trainer.errors.TrainerError`."""
        ...


class OwnModel:
    """A model of ours, in this process, by the batched :class:`~trainer.posttraining.engine.Engine`.

    The same responses in any order of the requests and after any kill, on one kind of device.
    """

    def __init__(
        self, name: str, engine: Engine, chat: ChatFormat, sampling: Sampling, trained_length: int | None = None
    ) -> None:
        self._name, self._engine, self._chat = name, engine, chat
        self.trained_length = trained_length
        """Tokens of the longest rows that the model was trained on, where that is known."""
        self._sampling = sampling._replace(stop=sampling.stop | chat.stop_ids)

    @classmethod
    def load(
        cls,
        run: str | Path,
        sampling: Sampling,
        options: EngineOptions = EngineOptions(),  # noqa: B008 (immutable)
        tokenizer: str | None = None,
        device: torch.device = torch.device("cpu"),  # noqa: B008 (immutable)
        name: str | None = None,
    ) -> OwnModel:
        """The latest model of ``run``, in bf16 on a GPU; ``name`` is what its responses say it is, the run and a hash
        of its weights without it. Raises
        :class:`~trainer.errors.TrainerError` for a run that has no model that writes, or no chat format."""
        trained = load_model(run, device)
        chat = ChatFormat(find_tokenizer(trained, tokenizer))
        model = trained.model.to(torch.bfloat16) if device.type == "cuda" else trained.model
        name = name or f"{run} {weights_hash(Base.open(run, tokenizer).checkpoint)[:16]}"
        return cls(name, Engine(model, options), chat, sampling, trained.length)

    @property
    def description(self) -> dict[str, object]:
        sampling, options = self._sampling, self._engine.options
        return {
            "model": self._name,
            "tokenizer": self._chat.tokenizer.sha256,
            "sampling": sampling._asdict() | {"stop": sorted(sampling.stop)},
            # Shapes move logits in their last digit.
            "rows": options.rows,
            "tokens_in_flight": options.tokens_in_flight,
        }

    def longer_than_trained(self, prompts: Iterable[Sequence[Message]]) -> int:
        """How many of ``prompts`` are longer than any row that the model was trained on."""
        if self.trained_length is None:
            return 0
        return sum(len(self._chat.encode_prompt(messages)) > self.trained_length for messages in prompts)

    def complete(self, requests: Sequence[GenerationRequest]) -> Iterator[Completed]:
        wanted = [
            TokenRequest(request.prompt_id, self._chat.encode_prompt(request.messages).tolist(), request.samples)
            for request in requests
        ]
        for index, responses in self._engine.sample(wanted, self._sampling):
            yield Completed(index, [self._response(ids, reason) for ids, reason in responses])

    def _response(self, ids: list[int], reason: Literal["stop", "length"]) -> Response:
        message = self._chat.parse(ids).message
        # Ids without a terminator are no message that could be trained on.
        return Response(message if reason == "stop" else replace(message, ids=None), reason)
