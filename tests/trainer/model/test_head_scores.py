from __future__ import annotations

import torch

from trainer.labels import IGNORE
from trainer.model.cross_entropy import head_scores


def test_scores_are_log_probabilities_and_greedy_choices():
    generator = torch.Generator().manual_seed(0)
    hidden, weight = torch.randn(2, 7, 8, generator=generator), torch.randn(11, 8, generator=generator)
    logits = hidden @ weight.T
    labels = torch.randint(11, (2, 7), generator=generator)
    labels[0, :3] = logits[0, :3].argmax(-1)
    labels[1, 2] = IGNORE
    scores = head_scores(hidden, weight, labels, chunk=4)
    expected = logits.log_softmax(-1).gather(-1, labels.clamp_min(0)[..., None])[..., 0]
    expected[1, 2] = 0
    torch.testing.assert_close(scores.log_probs, expected)
    assert scores.best.tolist() == ((logits.argmax(-1) == labels) | (labels == IGNORE)).tolist()
    assert scores.best[0, :3].all() and not scores.best.all()
