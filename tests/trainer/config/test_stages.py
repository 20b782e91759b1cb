from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trainer.config.schema import LearningRate, StageConfig
from trainer.config.stages import locate, total_tokens


def stage(name: str, steps: int, batch: int, **settings: object) -> StageConfig:
    return StageConfig(name=name, tokens=steps * batch, sequence_length=4, batch_tokens=batch, **settings)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 5)), min_size=1, max_size=4))
def test_every_step_belongs_to_the_stage_whose_tokens_it_consumes(shapes):
    stages = [
        stage(str(n), steps, 4 * rows, learning_rate=LearningRate(shape="constant") if n == 0 else None)
        for n, (steps, rows) in enumerate(shapes)
    ]
    tokens, seen = 0, [0] * len(stages)
    while tokens < total_tokens(stages):
        place = locate(tokens, stages)
        assert place.begin == sum(s.whole_tokens for s in stages[: place.number])
        seen[place.number] += 1
        tokens += stages[place.number].batch_tokens
    assert seen == [s.steps for s in stages]
    assert tokens == total_tokens(stages)
