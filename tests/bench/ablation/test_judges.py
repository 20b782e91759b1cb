"""What models are asked beside the cost of texts: minimal pairs, and texts of their own."""

from __future__ import annotations

from collections import Counter

import numpy as np

from bench.ablation.generated_text import boilerplate_share, is_boilerplate
from bench.ablation.judges import Questions
from bench.ablation.kneser_ney import KneserNey
from bench.ablation.minimal_pairs import minimal_pairs
from tokens.tokenizer import load


def test_each_rule_has_pairs_and_none_has_more_than_forty() -> None:
    pairs = minimal_pairs()
    assert max(Counter(pair.rule for pair in pairs).values()) == 40
    assert min(Counter(pair.rule for pair in pairs).values()) == 20
    assert all(pair.right != pair.wrong for pair in pairs) and len(set(pairs)) == len(pairs)
    # Neither form of a rule decides alone: what is right in one pair is wrong in another.
    agreement = [pair.right for pair in pairs if pair.rule == "subject and verb"]
    assert 10 < sum(" is " in right or " was " in right for right in agreement) < 30


def test_phrases_of_boilerplate_are_whole_words_in_any_case() -> None:
    assert is_boilerplate("… © 2020. All  Rights\nreserved.")
    assert is_boilerplate("Sign in to write")
    assert not is_boilerplate("A design inspired by rivers: checkouts were many.")
    assert boilerplate_share(["Read more", "The mill."]) == 0.5


def test_a_model_that_has_read_the_right_sentences_finds_them_likelier() -> None:
    tokenizer = load("gristmill-8k")
    questions = Questions([np.asarray(tokenizer.encode("The mill."), np.int32)], tokenizer)

    def learnt(sentences) -> KneserNey:
        return KneserNey([tokenizer.encode(sentence) for sentence in sentences], tokenizer.vocab_size)

    right = questions.ask(learnt([pair.right for pair in questions.pairs]), 1)
    wrong = questions.ask(learnt([pair.wrong for pair in questions.pairs]), 1)
    assert right.right.mean() > 0.9 > 0.2 > wrong.right.mean()
    assert right.bits.shape == (1,) and right.boilerplate == 0
    assert questions.ask(learnt(["Read more: all rights reserved."]), 1).boilerplate > 0.5
