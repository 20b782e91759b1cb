"""How often models are right: the stages ``evaluate`` and ``choose`` of a round.

evaluate/NAME/     the responses of a candidate to the dev prompts
evaluate/rates.json    of each candidate its rate on every prompt, in one order
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from trainer.files import replace_file
from trainer.posttraining.chat import Message
from trainer.posttraining.records import Prompt
from trainer.posttraining.responses import RESPONSES, read_jsonl
from trainer.posttraining.round_setting import Model, Setting
from trainer.posttraining.stage_manifest import Outcome
from trainer.posttraining.verify import verifier_for

RATES = "rates.json"


def rates_of(responses: Path) -> list[float]:
    """Of each prompt of a file of responses, the mean of what its verifier says of them. One that was cut off is wrong.

    Raises :class:`TrainerError` for a prompt without a verifier.
    """
    rates = []
    for row in read_jsonl(responses):
        verify = verifier_for(row.get("verifier"), row.get("answer"), f"prompt {row['prompt_id']}")
        found = verify([Message.from_json(response["message"]).content for response in row["responses"]])
        finished = [response["finish_reason"] == "stop" for response in row["responses"]]
        rates.append(math.fsum(r for r, done in zip(found, finished, strict=True) if done) / len(found))
    return rates


def evaluate(
    setting: Setting, candidates: Mapping[str, Model], known: Mapping[str, Sequence[float]], directory: Path
) -> Outcome:
    """The rates of ``candidates`` on the dev prompts, all with the same noise; those of ``known`` are at hand."""
    prompts, samples = setting.pools.dev, setting.config.dev_samples
    rates, files = {}, []
    for name, model in candidates.items():
        if name in known:
            rates[name] = list(known[name])
            continue
        setting.sample(model, prompts, samples, "dev", directory / name)
        rates[name] = rates_of(directory / name / RESPONSES)
        files.append(f"{name}/{RESPONSES}")
    replace_file(directory / RATES, json.dumps({"rates": rates}) + "\n")
    means = {name: math.fsum(found) / len(found) for name, found in rates.items()}
    return Outcome([RATES, *files], counts={"prompts": len(prompts), "samples": samples, "pass": means})


def read_rates(directory: Path) -> dict[str, list[float]]:
    """What :func:`evaluate` has found."""
    return json.loads((directory / RATES).read_text("utf-8"))["rates"]


def check_verifiers(prompts: Sequence[Prompt]) -> None:
    """Raises :class:`TrainerError` for the first of ``prompts`` whose verifier is missing or impossible."""
    for prompt in prompts:
        verifier_for(prompt.verifier, prompt.answer, prompt.place)
