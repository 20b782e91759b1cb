"""Which token comes next, from logits: temperature, top-p, and noise that is given."""

from __future__ import annotations

from torch import Tensor


def choose_tokens(logits: Tensor, noise: Tensor | None, temperature: float, top_p: float) -> Tensor:
    """(B,) token ids from ``logits`` and Gumbel ``noise``, both (B, V) in fp32; at temperature 0 the likeliest, and
    there ``noise`` may be ``None``.

    A token stays in the draw while those likelier than it have together less than the probability ``top_p`` at this
    temperature; the likeliest always does (the rule of :func:`trainer.model.generate.generate_ids`).
    """
    if temperature == 0 or noise is None:
        return logits.argmax(-1)
    scaled = logits / temperature
    if top_p < 1:
        probabilities, ids = scaled.softmax(-1).sort(dim=-1, descending=True, stable=True)
        dropped = probabilities.cumsum(-1) - probabilities >= top_p
        scaled = scaled.masked_fill(dropped.scatter(-1, ids, dropped), -float("inf"))
    return (scaled + noise).argmax(-1)
