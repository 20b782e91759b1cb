"""The stage ``collect``: two responses to each prompt, and which is better.

collect/responses-1/, responses-2/    what the models wrote
collect/comparisons.jsonl             for people: the prompts with their two responses
collect/preferences.jsonl             for reward model and DPO
collect/held-out.jsonl                measures the reward model
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError
from trainer.posttraining.annotators import preference_row
from trainer.posttraining.chat import Message
from trainer.posttraining.prompt_pools import POLICY, PREFERENCE, pool_of
from trainer.posttraining.records import Prompt, prompt_id, prompt_share, read_preferences
from trainer.posttraining.refusals import Refusals
from trainer.posttraining.responses import RESPONSES, read_jsonl, write_jsonl
from trainer.posttraining.round_setting import Model, Setting
from trainer.posttraining.row_files import read_rows
from trainer.posttraining.stage_manifest import Outcome

PREFERENCES, HELD_OUT, COMPARISONS = "preferences.jsonl", "held-out.jsonl", "comparisons.jsonl"


def collect(
    setting: Setting, round_number: int, prompts: Sequence[Prompt], writers: Sequence[Model], directory: Path
) -> Outcome:
    """Preferences between two responses to each of ``prompts``, by one of ``writers`` or one by each of two.

    Raises :class:`TrainerError` where people are to compare and haven't yet, and where no preference comes of it.
    """
    files = [f"responses-{number}/{RESPONSES}" for number in range(1, len(writers) + 1)]
    for file, writer in zip(files, writers, strict=True):
        purpose = f"round {round_number} {Path(file).parent}"
        setting.sample(writer, prompts, 2 // len(writers), purpose, (directory / file).parent)
    rows = [_joined(parts) for parts in zip(*(read_jsonl(directory / file) for file in files), strict=True)]
    if setting.annotator is None:
        write_jsonl(directory / COMPARISONS, rows)
        files.append(COMPARISONS)
        made = _from_people(setting, round_number, directory)
        reasons: list[str] = []
    else:
        found = [preference_row(row, setting.annotator) for row in rows]
        made = [row for row in found if not isinstance(row, str)]
        reasons = [row for row in found if isinstance(row, str)]
    apart: list[dict[str, Any]] = []
    train: list[dict[str, Any]] = []
    for row in made:
        (apart if _share(_prompt_of(row)) < setting.config.collect.held_out else train).append(row)
    if not train:
        raise TrainerError(f"{directory}: of {len(rows)} comparisons no preference came. Give more prompts.")
    write_jsonl(directory / PREFERENCES, train)
    write_jsonl(directory / HELD_OUT, apart)
    counts = {
        "prompts": len(rows), "pairs": len(train), "held_out": len(apart),
        "edited": sum("edited" in row for row in train),
        "refused": {reason: reasons.count(reason) for reason in sorted(set(reasons))},
    }  # fmt: skip
    return Outcome([PREFERENCES, HELD_OUT, *files], counts=counts)


def _joined(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One row of the responses to a prompt that several models wrote."""
    return parts[0] | {"responses": [response for part in parts for response in part["responses"]]}


def _from_people(setting: Setting, round_number: int, directory: Path) -> list[dict[str, Any]]:
    assert setting.people is not None
    path = Path(setting.people.replace("{round}", f"{round_number:02}"))
    if not path.exists():
        raise TrainerError(
            f"Round {round_number} waits for people: {directory / COMPARISONS} has two responses to each prompt. Write "
            f'which is better to {path}, as {{"messages", "chosen", "rejected", "edited"?, "strength"?}}, and run the '
            "same command again."
        )
    # Read for its errors: a row that cannot be used is refused here, and not in the middle of a training.
    for preference in Refusals().kept(read_preferences([path])):
        pool = pool_of(preference.prompt_id, setting.config.splits.shares)
        if pool not in (PREFERENCE, POLICY):
            raise TrainerError(
                f"{preference.place} has a prompt that models are measured on ({pool}). A reward model must not be "
                f"trained on it: take it out, or compare the prompts of {COMPARISONS} alone."
            )
    return [row.content for row in read_rows([path])]


def _prompt_of(row: dict[str, Any]) -> str:
    return prompt_id([Message.from_json(message) for message in row["messages"]])


def _share(prompt: str) -> float:
    # By another hash of the prompt: a pool is itself an interval of the first one's shares.
    return prompt_share(hashlib.blake2b(prompt.encode(), digest_size=16, person=b"held out").hexdigest())
