"""Llama 3's chat format for Hugging Face's libraries: the template that renders dialogs, and where generation stops.

The template gives the ids of :class:`trainer.posttraining.chat.ChatFormat`, with two limits that are theirs: a name of
a special token in a text becomes that token, and ids that a model has generated are not kept. It adds no line with a
date. What the assistant says is marked, for libraries that train on it ({% generation %}).
"""

from __future__ import annotations

import re
from typing import Any

from tokens.special import BOS, END_HEADER, EOM, EOS, EOT, PAD, PYTHON_TAG, START_HEADER
from tokens.tokenizer import Tokenizer

CHAT_TEMPLATE = f"""
{{{{- '{BOS}' }}}}
{{%- for message in messages %}}
    {{%- set is_tool = message.role in ['tool', 'ipython'] %}}
    {{{{- '{START_HEADER}' + ('ipython' if is_tool else message.role) + '{END_HEADER}\n\n' }}}}
    {{%- if message.role == 'assistant' %}}
        {{%- set waits = message.python_tag if loop.last else loop.nextitem.role in ['tool', 'ipython'] %}}
        {{%- set terminator = message.terminator or ('eom' if waits else 'eot') %}}
        {{%- generation %}}
            {{{{- '{PYTHON_TAG}' if message.python_tag else '' }}}}
            {{{{- message.content | trim + ('{EOM}' if terminator == 'eom' else '{EOT}') }}}}
        {{%- endgeneration %}}
    {{%- else %}}
        {{{{- message.content | trim + '{EOT}' }}}}
    {{%- endif %}}
{{%- endfor %}}
{{%- if add_generation_prompt %}}
    {{{{- '{START_HEADER}assistant{END_HEADER}\n\n' }}}}
{{%- endif %}}
""".strip()
"""Jinja, as transformers 4 and 5 render it."""
PLAIN_CHAT_TEMPLATE = re.sub(r"\n *\{%- (?:end)?generation %\}", "", CHAT_TEMPLATE)
"""The same without the marks, which are an extension of transformers' that other renderers may not know."""


def generation_config(tokenizer: Tokenizer) -> dict[str, Any]:
    """The content of ``generation_config.json``: an answer ends where the turn does, where a tool must answer, or where
    a text ends."""
    ids = tokenizer.special_ids
    return {"bos_token_id": ids[BOS], "eos_token_id": [ids[EOT], ids[EOM], ids[EOS]], "pad_token_id": ids[PAD]}
