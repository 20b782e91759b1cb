"""The configuration that an imported model comes with: its shape, and settings to train on with."""

from __future__ import annotations

import dataclasses
from typing import Any

from trainer.config.model_config import ModelConfig

LONGEST = 8192
"""Tokens of a row to begin with, where the model allows as many: the length of Llama 3's main stages."""
ROWS = 64


def continued_yaml(model: ModelConfig, length: int, source: str, gpu: bool) -> str:
    """YAML of a whole :class:`~trainer.config.schema.Config` that goes on with ``model``, imported from ``source``.

    ``length`` is the longest text that the model knows. With a ``gpu`` the settings are those that are fast there.
    The rate rises anew and falls again, as Ibrahim et al. (arXiv 2403.08763) found best; its peak, a tenth of that of
    Llama 3 8B (the paper's Table 3), batch and tokens are ours.
    """
    row = min(length, LONGEST)
    fast = "\nrun:\n  precision: bf16\n  attention: flex\n  activation_checkpointing: selective\n  compile: true\n"
    return f"""\
# The shape of the model that was imported from {source}, and settings to go on with. All but `model` may be changed.
model:
{_entries(dataclasses.asdict(model.spelled_out()), "  ")}
optimizer:
  peak_lr: 3.0e-5        # a tenth of Llama 3 8B's; higher learns the new data faster and forgets more of the old

stages:
  - name: continued
    tokens: 1_000_000_000
    sequence_length: {row}
    batch_tokens: {row * ROWS}
    micro_batch_rows: 1
    learning_rate: {{shape: cosine, end: 0.1, warmup_tokens: 10_000_000}}
{fast if gpu else ""}"""


def _entries(values: dict[str, Any], indent: str) -> str:
    defaults = {field.name: field.default for field in dataclasses.fields(ModelConfig)}
    lines = []
    for key, value in values.items():
        if isinstance(value, dict):
            inner = ", ".join(f"{name}: {_scalar(part)}" for name, part in value.items())
            lines.append(f"{indent}{key}: {{{inner}}}\n")
        elif value != defaults[key]:
            lines.append(f"{indent}{key}: {_scalar(value)}\n")
    return "".join(lines)


def _scalar(value: Any) -> str:
    if isinstance(value, float):
        text = repr(value)
        return text if "." in text else text.replace("e", ".0e")  # YAML 1.1 takes 1e-06 for text
    return str(value).lower() if isinstance(value, bool) else repr(value)
