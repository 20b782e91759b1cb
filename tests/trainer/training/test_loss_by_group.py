from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from tokens.shards import CLASSES
from trainer.config.run_config import RunConfig
from trainer.data.batch import group_number
from trainer.distributed.ranks import connect
from trainer.labels import IGNORE
from trainer.training.loss_by_group import LossByGroup

RANKS = connect(RunConfig(device="cpu"))
TOKENS = st.tuples(st.integers(0, 1), st.integers(0, len(CLASSES)), st.floats(0, 9, width=32), st.booleans())


@given(st.lists(st.lists(TOKENS, min_size=1, max_size=20), min_size=1, max_size=3))
def test_means_are_those_of_the_labels_of_each_source_and_class(batches):
    found = LossByGroup(["web", "code"], RANKS)
    for batch in batches:
        sources, classes, losses, trained = zip(*batch, strict=True)
        groups = [group_number(*pair) for pair in zip(sources, classes, strict=True)]
        labels = [1 if label else IGNORE for label in trained]
        each = [loss if label else 0.0 for loss, label in zip(losses, trained, strict=True)]
        found.add(torch.tensor(each), torch.tensor(labels), torch.tensor(groups, dtype=torch.int16))
    tokens = [token for batch in batches for token in batch if token[3]]

    def means(names: list[str], part: int) -> dict[str, float]:
        chosen = {name: [t[2] for t in tokens if t[part] == number] for number, name in enumerate(names)}
        return {name: sum(losses) / len(losses) for name, losses in chosen.items() if losses}

    expected = {"loss_by_source": means(["web", "code"], 0), "loss_by_class": means([*CLASSES], 1)}
    measured = found.means()
    assert measured.keys() == {name for name, group in expected.items() if group}
    for name, group in measured.items():
        assert group.keys() == expected[name].keys()
        assert all(abs(group[key] - expected[name][key]) < 1e-9 for key in group)


def test_a_step_that_was_not_measured_says_nothing():
    found = LossByGroup(["web"], RANKS)
    found.add(torch.ones(2), torch.ones(2), torch.zeros(2, dtype=torch.int16))
    assert found.means() == {"loss_by_class": {"general": 1.0}}
    found.clear()
    assert found.means() == {}
