from __future__ import annotations

import json
import math

import pytest
import torch
import torch.nn.functional as F

from tokens.tokenizer import TokenizerInfo, load
from trainer.errors import TrainerError
from trainer.evaluation.held_out import choose_tokenizer, held_out_losses, mean, multiple_choice, needle_accuracy
from trainer.model.cross_entropy import IGNORE, Scores, head_scores
from trainer.data.mixture import open_data
from trainer.model.llama import Llama
from trainer.distributed.parallelize import Ranks
from trainer.config.schema import ModelConfig

ALONE = Ranks(0, 1, torch.device("cpu"), None)
TOKENIZER = load()


def make(vocab_size: int) -> Llama:
    model = Llama(ModelConfig(dim=16, num_layers=1, num_heads=2, num_kv_heads=1, vocab_size=vocab_size))
    model.init_weights(0)
    return model


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


@torch.no_grad()
def test_held_out_loss_of_each_source_is_that_of_its_documents(shards, tmp_path, write_shard):
    documents = [[5, 9, 5, 9], [7] * 6]
    write_shard(tmp_path / "b" / "x.parquet", documents, split="held_out")
    model = make(64)
    losses = held_out_losses(model, open_data([f"a={shards}", f"b={tmp_path / 'b'}"]), 8, 2, 1000, ALONE)
    assert set(losses) == {"a", "b"}
    assert losses["b"].labels == sum(len(tokens) + 1 for tokens in documents)
    total = 0.0
    whole = held_out_losses(model, open_data([f"b={tmp_path / 'b'}"]), 16, 1, 1000, ALONE)["b"]
    for tokens in documents:
        framed = torch.tensor([[62, *tokens, 63]])
        logits = model.logits(framed[:, :-1], torch.arange(framed.shape[1] - 1)[None])
        total += F.cross_entropy(logits[0], framed[0, 1:], reduction="sum").item()
    assert whole.total == pytest.approx(total, rel=1e-5)
    assert mean([whole, losses["a"]]) == (whole.total + losses["a"].total) / (whole.labels + losses["a"].labels)
    assert mean([]) is None


class Reader(torch.nn.Module):
    """Knows only to copy: behind a word that occurred before it expects what followed it then."""

    def __init__(self, reach: int) -> None:
        super().__init__()
        self.reach = reach

    def forward(self, tokens, positions, labels, score):
        (text,) = tokens.tolist()
        best = torch.ones_like(labels, dtype=torch.bool)
        for place in range(len(text)):
            if labels[0, place] != IGNORE:
                context = text[max(0, place - 7) : place + 1]
                begin = max(8, place - self.reach)
                earlier = [at for at in range(begin, place) if text[at - len(context) + 1 : at + 1] == context]
                best[0, place] = bool(earlier) and text[earlier[-1] + 1] == labels[0, place]
        return Scores(torch.zeros(labels.shape), best)


def test_needles_are_found_by_who_can_look_back_far_enough():
    haystack = TOKENIZER.encode("The river runs past the old mill and on to the sea. " * 9)
    accuracy = [needle_accuracy(Reader(reach), TOKENIZER, haystack, 400, 8, ALONE) for reach in (0, 200, 400)]
    assert accuracy[0] == 0 and accuracy[2] == 1
    assert 0.3 < accuracy[1] < 0.7
    with pytest.raises(TrainerError, match="A row of 20 tokens has no room"):
        needle_accuracy(Reader(1), TOKENIZER, haystack, 20, 1, ALONE)


@torch.no_grad()
def test_multiple_choice_takes_the_likeliest(tmp_path):
    model = make(TOKENIZER.vocab_size)

    def log_likelihood(question: str, choice: str) -> float:
        prompt = [TOKENIZER.bos_id, *TOKENIZER.encode(question)]
        ids = [*prompt, *TOKENIZER.encode(f" {choice}")]
        logits = model.logits(torch.tensor([ids]), torch.arange(len(ids))[None])[0].log_softmax(-1)
        return sum(logits[place - 1, ids[place]].item() for place in range(len(prompt), len(ids)))

    entries, right, right_by_byte = [], 0, 0
    for number in range(12):
        choices = ["a mill", "water and a good deal of wind", f"number {number}"]
        question = f"What turns the wheel on day {number}?"
        scores = [log_likelihood(question, choice) for choice in choices]
        by_byte = [score / len(choice.encode()) for score, choice in zip(scores, choices, strict=True)]
        entries.append({"question": question, "choices": choices, "answer": number % 3})
        right += scores.index(max(scores)) == number % 3
        right_by_byte += by_byte.index(max(by_byte)) == number % 3
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(map(json.dumps, entries)) + "\n\n")
    found = multiple_choice(model, TOKENIZER, path, ALONE)
    assert found == (12, pytest.approx(right / 12), pytest.approx(right_by_byte / 12))


@pytest.mark.parametrize(
    "line",
    ['{"question": "a"}', "x", '{"question": "a", "choices": ["b"], "answer": 0}',
     '{"question": "a", "choices": ["b", "c"], "answer": 2}', '{"question": "a", "choices": ["b", ""], "answer": 0}'],
)  # fmt: skip
def test_bad_questions_are_refused_with_their_line(line, tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "a", "choices": ["b", "c"], "answer": 1}\n' + line)
    with pytest.raises(TrainerError, match="Line 2 of .* is no question. Write"):
        multiple_choice(make(TOKENIZER.vocab_size), TOKENIZER, path, ALONE)
    path.write_text("\n")
    with pytest.raises(TrainerError, match="holds no questions"):
        multiple_choice(make(TOKENIZER.vocab_size), TOKENIZER, path, ALONE)
    with pytest.raises(TrainerError, match="There is no file"):
        multiple_choice(make(TOKENIZER.vocab_size), TOKENIZER, tmp_path / "none", ALONE)


def test_another_tokenizer_is_refused():
    assert choose_tokenizer(TOKENIZER.info, None).info == TOKENIZER.info
    other = TokenizerInfo("theirs", "ab" * 32, 10, 1, 2)
    with pytest.raises(TrainerError, match="those of theirs .* it is not built in. Name its file"):
        choose_tokenizer(other, None)
    with pytest.raises(TrainerError, match="gristmill-8k is another one"):
        choose_tokenizer(other, "gristmill-8k")


def test_perplexity_of_a_model_that_knows_nothing_is_the_vocabulary(shards):
    model = make(64)
    with torch.no_grad():
        model.lm_head.weight.zero_()
    losses = held_out_losses(model, open_data([f"a={shards}"]), 16, 3, 1000, ALONE)
    assert math.exp(mean([*losses.values()])) == pytest.approx(64, rel=1e-5)
