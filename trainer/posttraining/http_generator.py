"""Responses from any server that speaks OpenAI's chat completions, such as ``vllm serve``.

Such servers differ in what they honour: some ignore ``n``, some ``seed``, some return the ids of what they wrote and most
don't. So a prompt is asked for until it has all its responses, what the server says of its model is recorded, and a
text without ids is encoded by whoever trains on it. What comes back is not reproducible; later stages read what was
written down, never the server again.
"""

from __future__ import annotations

import http.client
import json
import random
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import Any

from trainer.errors import TrainerError
from trainer.posttraining.chat import ChatError, ChatFormat, Message
from trainer.posttraining.generators import Completed, GenerationRequest, Response
from trainer.posttraining.sampling_noise import response_key
from trainer.posttraining.slots import Sampling

ATTEMPTS = 6
"""Requests in a row that may fail, or bring nothing new, before a prompt is given up."""
LONGEST_WAIT = 60.0
"""Seconds: a ``Retry-After`` of more is not waited out."""


class _TemporaryError(Exception):
    """Worth another attempt, after ``wait`` seconds where the server named them."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass
class HTTPGenerator:
    """``model`` at ``endpoint``, the URL up to ``/v1``. A key, where the server wants one, is ``api_key``.

    Ids that the server returns are kept where ``chat`` knows them for a finished message.
    """

    endpoint: str
    model: str
    sampling: Sampling
    chat: ChatFormat | None = None
    api_key: str | None = None
    concurrency: int = 8
    timeout: float = 600.0
    sleep: Callable[[float], object] | None = None
    """For tests; otherwise it waits, and ends waiting when another request has failed for good."""
    served_by: set[str] = field(default_factory=set)
    """``model system_fingerprint`` of every answer: one that changes on the way is another model."""

    def __post_init__(self) -> None:
        if urllib.parse.urlsplit(self.endpoint).scheme not in ("http", "https"):
            raise TrainerError(f"{self.endpoint} is no URL of a server. Name one such as http://localhost:8000/v1.")
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._sleep = self.sleep or self._ended.wait
        self._url = self.endpoint.rstrip("/") + "/chat/completions"

    @property
    def description(self) -> dict[str, object]:
        sampling = self.sampling._asdict()
        del sampling["stop"]
        return {"endpoint": self.endpoint, "model": self.model, "sampling": sampling}

    def complete(self, requests: Sequence[GenerationRequest]) -> Iterator[Completed]:
        """Each request with all its responses, as they arrive. Raises :class:`TrainerError` where the server refuses
        (401, 404, a page instead of JSON), or gives less than it was asked for again and again."""
        self._ended.clear()
        failure: TrainerError | None = None
        with ThreadPoolExecutor(self.concurrency) as pool:
            pending = {pool.submit(self._ask_for_all, request): index for index, request in enumerate(requests)}
            try:
                for done in as_completed(pending):
                    try:
                        responses = done.result()
                    except TrainerError as error:
                        # What others have been given is paid for, and handed over before the failure is told.
                        failure = failure or error
                        self._ended.set()  # the rest ends without another request
                        continue
                    if len(responses) == requests[pending[done]].samples:
                        yield Completed(pending[done], responses)
            finally:
                self._ended.set()
        if failure:
            raise failure

    def _ask_for_all(self, request: GenerationRequest) -> list[Response]:
        responses: list[Response] = []
        failures, reason = 0, ""
        while len(responses) < request.samples and not self._ended.is_set():
            wait = None
            try:
                # Another seed for what is still missing: a server that honours it would repeat itself.
                new = self._ask(request, request.samples - len(responses), len(responses))
                reason = "it returned no choice"
            except _TemporaryError as error:
                new, wait, reason = [], error.wait, str(error)
            responses += new
            failures = 0 if new else failures + 1
            if failures == ATTEMPTS:
                raise TrainerError(
                    f"{self._url} gave {len(responses)} of {request.samples} responses to the prompt "
                    f"{request.prompt_id} and nothing more in {ATTEMPTS} attempts ({reason}). What has come is kept: "
                    "run the command again when the server answers."
                )
            if not new:
                backoff = 2.0**failures * random.uniform(0.5, 1)
                self._sleep(min(LONGEST_WAIT, backoff if wait is None else wait))
        return responses[: request.samples]

    def _ask(self, request: GenerationRequest, count: int, offset: int) -> list[Response]:
        sampling = self.sampling
        body = {
            "model": self.model,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            "n": count,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
            "seed": response_key(sampling.seed, sampling.purpose, request.prompt_id, offset)[0] & 0x7FFFFFFF,
        }
        answer = self._post(body)
        with self._lock:
            self.served_by.add(" ".join(str(answer.get(k)) for k in ("model", "system_fingerprint") if answer.get(k)))
        return [found for choice in answer["choices"][:count] if (found := self._response(choice)) is not None]

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        request = urllib.request.Request(self._url, json.dumps(body).encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as reply:
                content, kind = reply.read(), reply.headers.get_content_type()
        except urllib.error.HTTPError as error:
            raise self._refusal(error) from None
        except (OSError, http.client.HTTPException) as error:
            if isinstance(getattr(error, "reason", error), ssl.SSLError):
                raise TrainerError(f"{self._url} cannot be trusted ({error}).") from None
            raise _TemporaryError(f"no answer: {error or type(error).__name__}") from None
        if kind == "text/html":
            raise TrainerError(f"{self._url} answers with a web page. Name the server's URL up to /v1.")
        try:
            answer = json.loads(content)
        except ValueError:
            raise _TemporaryError("its answer broke off: it is no JSON") from None
        if not isinstance(answer, dict) or not isinstance(answer.get("choices"), list):
            raise TrainerError(
                f"{self._url} answers without choices, as no server of chat completions does: {content[:200]!r}."
            )
        return answer

    def _refusal(self, error: urllib.error.HTTPError) -> Exception:
        said = error.read(500).decode("utf-8", "replace").strip()
        if error.code in (408, 409, 429) or error.code >= 500:
            return _TemporaryError(f"HTTP {error.code}", _seconds(error.headers.get("Retry-After")))
        meaning = {
            401: "it wants a key: put it into the environment variable GRISTMILL_API_KEY",
            403: "the key that it was given is not allowed to",
            404: "there is nothing at that address, or it doesn't serve the model. Name the URL up to /v1 and the model",
        }.get(error.code, "it refuses the request")
        return TrainerError(f"{self._url} answers HTTP {error.code}: {meaning}. It says: {said[:200] or 'nothing'}")

    def _response(self, choice: Any) -> Response | None:
        """A choice of an answer; ``None`` where it has no text."""
        try:
            text, ids = choice["message"]["content"], choice.get("token_ids")
            finished = choice.get("finish_reason") == "stop"
            message = Message("assistant", text)
        except (TypeError, KeyError, AttributeError):
            return None
        if finished and self.chat and isinstance(ids, list) and all(type(i) is int for i in ids):
            message = self._with_ids(message, ids, self.chat)
        return Response(message, "stop" if finished else "length")

    @staticmethod
    def _with_ids(message: Message, ids: list[int], chat: ChatFormat) -> Message:
        known = replace(message, ids=tuple(ids))
        try:
            chat.encode_response(known)
        except (ChatError, ValueError):
            return message
        return known


def _seconds(retry_after: str | None) -> float | None:
    """``Retry-After`` in seconds; a date is left to our own backoff."""
    try:
        return max(0.0, float(retry_after or ""))
    except ValueError:
        return None
