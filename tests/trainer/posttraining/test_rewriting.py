"""The user's turns in other words: what must stay, what is refused, and what becomes of a row."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import itertools
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.posttraining.conftest import write_rows
from trainer.cli import add_commands
from trainer.errors import TrainerError
from trainer.posttraining.chat import Message
from trainer.posttraining.generators import Completed, GenerationRequest, Response
from trainer.posttraining.records import Dialog, Preference, Prompt, read_dialogs, read_preferences, read_prompts
from trainer.posttraining.refusals import Refusal
from trainer.posttraining.responses import read_jsonl
from trainer.posttraining.synthesize.facts import changed_fact, prose, spans
from trainer.posttraining.synthesize.paraphrasing import paraphrase
from trainer.posttraining.synthesize.rewriting import OVERLAP, Source, overlap, read_sources, why_refused
from trainer.posttraining.synthesize.snippets import EvaluationSets
from trainer.posttraining.synthesize.synonyms import add_synonyms, read_lexicon, replace_words

SYNONYMS = Path(os.environ.get("GRISTMILL_SHARED", ""), "data", "posttraining", "synonyms", "wordnet-common.jsonl.gz")
ORIGINAL = "Please tell me how often 3 trains leave from Paris each morning."
OTHER = "I would like to know: in the morning, 3 trains depart from Paris at which intervals?"


class Table:
    """Answers by a function of the question; counts what it is asked."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.answer, self.asked = answer, []
        self.description = {"model": "table", "sampling": {"seed": 0}}

    def complete(self, requests: Sequence[GenerationRequest]) -> Iterator[Completed]:
        for number, request in enumerate(requests):
            (message,) = request.messages
            self.asked.append(message.content)
            text = self.answer(message.content)
            yield Completed(number, [Response(Message("assistant", text), "length" if text == "CUT" else "stop")])


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("What does `f(x)` do?", "code", "`f(x)`"),
        ("Mend:\n```py\nx = 1\n\ny = 2\n```\nplease", "code", "```py\nx = 1\n\ny = 2\n```"),
        ("Mend:\n    a b\nplease", "code", "    a b"),
        ("A template {name} here", "code", "{name}"),
        ("See https://a.b/c?x=1.", "link", "https://a.b/c?x=1"),
        ("Write to a.b@c.org, please", "link", "a.b@c.org"),
        ('He said "go home" twice', "quote", '"go home"'),
        ("the word 'big' here", "quote", "'big'"),
        ("the word „groß“ here", "quote", "„groß“"),
        ("when x=3 then", "symbol", "x=3"),
        ("in C++ or so", "symbol", "C++"),
        ("call get_name now", "symbol", "get_name"),
        ("costs 1,234.50 now", "number", "1,234.50"),
        ("on 2020-01-02 at", "number", "2020-01-02"),
        ("the 2nd one", "number", "2nd"),
        ("it has Twenty parts", "number", "Twenty"),
        ("it was Anna who", "name", "Anna"),
        ("a phone, iPhone indeed", "name", "iPhone"),
        ("NASA flies", "name", "NASA"),
    ],
)
def test_what_must_stay_is_found(text: str, kind: str, found: str) -> None:
    assert (kind, found) in [(span.kind, span.text) for span in spans(text)]


def test_words_that_begin_sentences_and_contractions_are_no_names_or_quotes() -> None:
    assert spans("Tell me. Don't wait! I'm here; I know (they'll come).\nThen go") == []


@given(st.text(max_size=60))
def test_spans_lie_apart_and_say_their_text(text: str) -> None:
    found = spans(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(text[span.start : span.end] == span.text and span.text for span in found)
    assert changed_fact(text, text) is None


@pytest.mark.parametrize("text", ["a.", "'", "“", "«", "‘", "a-", "</", "a "])
def test_long_runs_end(text: str) -> None:
    assert spans(text * 20_000) == [] or text == "</"  # hours, were the work a square of the length


PIECES = ["3", "Anna Smith", "`x = 1`", "https://a.b/c", '"so it is"', "f(x)", "twelve"]


@given(st.sampled_from(PIECES), st.sampled_from(PIECES))
def test_a_fact_that_is_changed_left_out_or_new_is_seen(one: str, another: str) -> None:
    said = f"we know that {one} is there"
    assert changed_fact(said, f"there is {one}, as we know") is None
    if one != another:
        assert changed_fact(said, f"there is {another}, as we know")
    assert changed_fact(said, "there it is, as we know") and changed_fact("there it is, as we know", said)


def test_a_name_may_begin_a_sentence_and_be_said_more_often() -> None:
    assert changed_fact("we saw Paris", "Paris was seen by us. We liked Paris") is None
    assert changed_fact("Paris was seen", "we saw Paris") is None


@pytest.mark.parametrize(
    ("rewritten", "reason"),
    [
        (OTHER, None),
        (ORIGINAL, "copy"),
        (ORIGINAL.upper().replace("PARIS", "Paris"), "facts_changed"),  # all words are names now
        ("So, " + ORIGINAL.replace("Please t", "t"), "copy"),
        (OTHER.replace("3", "4"), "facts_changed"),
        (OTHER.replace("Paris", "Rome"), "facts_changed"),
        ("When do 3 trains leave Paris?", "length"),
        (OTHER + " It is of interest to me because there are so many of them, I think.", "length"),
    ],
)
def test_a_paraphrase_has_other_words_and_the_same_facts(rewritten: str, reason: str | None) -> None:
    assert why_refused(ORIGINAL, rewritten) == reason


def test_length_and_likeness_are_those_of_the_prose() -> None:
    code = "```\n" + "total = total + item\n" * 30 + "```"
    assert prose(f"Explain this function to me, please\n{code}") == "Explain this function to me, please"
    assert (
        why_refused(f"Explain this function to me, please\n{code}", f"What happens in the following code?\n{code}")
        is None
    )
    assert why_refused(f"Explain this function to me, please\n{code}", f"Why?\n{code}") == "length"
    assert overlap("a b c d e", "a b c") == 0
    assert overlap("a b c d e", "a b c d f") == 0.5 < OVERLAP <= overlap("a b c d e", "a b c d e")


def sources_in(file: str) -> list[Source]:
    found = list(read_sources([file]))
    sources = [source for source in found if isinstance(source, Source)]
    assert len(sources) == len(found)
    return sources


def rows(tmp_path: Path) -> list[Source]:
    ask, reply = (
        {"role": "user", "content": ORIGINAL},
        {"role": "assistant", "content": "Every 10 minutes.", "ids": [5, 6]},
    )
    file = write_rows(tmp_path / "rows.jsonl", [
        {"messages": [{"role": "system", "content": "Be short."}, ask, reply], "id": "x", "tokenizer": "abc"},
        {"messages": [ask], "chosen": "Often.", "rejected": "Never.", "strength": "better"},
        {"prompt": ORIGINAL, "answer": "10", "verifier": "exact"},
        {"prompt": "Why not?"},
    ])  # fmt: skip
    return sources_in(file)


@pytest.mark.parametrize("pivot", [None, "French"])
def test_only_turns_of_the_user_change(pivot: str | None, tmp_path: Path) -> None:
    def answer(text: str) -> str:
        if text.startswith("Translate") and "into French" in text:
            return "Dites-moi : 3 trains, Paris."
        assert pivot is None or (
            ORIGINAL not in text and "into English" in text
        )  # the way back sees the translation alone
        return OTHER

    table = Table(answer)
    counts = paraphrase(table, rows(tmp_path), tmp_path / "out", pivot)
    assert counts == {
        "rows": 4, "turns": 4, "too_short": 1, "rewritten": 3, "kept": 3, "no_answer": 0, "in_evaluation_sets": 0
    }  # fmt: skip
    assert len(table.asked) == (2 if pivot else 1)  # equal texts are asked for once
    dialog, preference, prompt = read_jsonl(tmp_path / "out" / "rows.jsonl")
    assert [message["content"] for message in dialog["messages"]] == ["Be short.", OTHER, "Every 10 minutes."]
    assert dialog["messages"][2]["ids"] == [5, 6] and dialog["tokenizer"] == "abc" and "id" not in dialog
    assert (preference["messages"][0]["content"], preference["chosen"], preference["strength"]) == (
        OTHER,
        "Often.",
        "better",
    )
    assert (prompt["prompt"], prompt["answer"], prompt["verifier"]) == (OTHER, "10", "exact")
    said = dialog["synthetic"]
    assert said["method"] == "paraphrase" and said["model"] == "table" and said["from"].endswith("rows.jsonl:1")
    assert said.get("pivot") == pivot
    again = Table(answer)
    assert paraphrase(again, rows(tmp_path), tmp_path / "out", pivot) == counts and not again.asked
    file = write_rows(tmp_path / "dialog.jsonl", [{**dialog, "tokenizer": None}])
    assert all(isinstance(one, Dialog) for one in read_dialogs([file]))
    assert all(isinstance(p, Preference) for p in read_preferences([write_rows(tmp_path / "p.jsonl", [preference])]))
    assert all(isinstance(p, Prompt) for p in read_prompts([write_rows(tmp_path / "q.jsonl", [prompt])]))


def test_turns_that_come_back_changed_stay_and_rows_without_a_new_one_go(tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": ORIGINAL}, {"role": "assistant", "content": "So."},
        {"role": "user", "content": "And how many {x} leave in the afternoon then?"},
    ]  # fmt: skip
    sources = sources_in(write_rows(tmp_path / "rows.jsonl", [{"messages": turns}]))
    good = Table(lambda text: OTHER if "Paris" in text else "CUT")
    counts = paraphrase(good, sources, tmp_path / "good")
    assert counts["no_answer"] == counts["kept"] == counts["rewritten"] == 1 and "{x} leave" in good.asked[1]
    (row,) = read_jsonl(tmp_path / "good" / "rows.jsonl")
    assert [message["content"] for message in row["messages"]] == [OTHER, "So.", turns[2]["content"]]
    bad = Table(lambda text: OTHER.replace("3", "5"))
    counts = paraphrase(bad, sources, tmp_path / "bad")
    assert counts["facts_changed"] == 2 and counts["kept"] == 0
    assert (tmp_path / "bad" / "rows.jsonl").read_text() == ""


def test_turns_of_fewer_than_four_words_stay(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "rows.jsonl", [{"prompt": "Why not go?"}, {"prompt": "Why not go `x` now?"}])
    table = Table(lambda question: "What keeps us from going at `x`?")
    counts = paraphrase(table, sources_in(file), tmp_path / "out")
    assert counts["turns"] == 2 and counts["too_short"] == 1 and len(table.asked) == 1


def test_evaluation_sets_are_left_out_before_and_after(tmp_path: Path) -> None:
    for text, asked in ((ORIGINAL + " Now?", 0), (OTHER, 1)):
        evaluation = EvaluationSets([write_rows(tmp_path / "evaluation.jsonl", [{"question": f"So, {text}"}])])
        table = Table(lambda question: OTHER)
        sources = sources_in(write_rows(tmp_path / "asked.jsonl", [{"prompt": ORIGINAL + " Now?"}]))
        counts = paraphrase(table, sources, tmp_path / "new" / str(asked), evaluation=evaluation)
        assert (counts["in_evaluation_sets"], counts["kept"], len(table.asked)) == (1, 0, asked)


def test_a_pivot_is_another_language(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="name another language"):
        paraphrase(Table(str), [], tmp_path, "english")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": "x"}, "unknown keys"),
        ({"messages": "x"}, "unknown keys"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "role out of turn"),
        ({"prompt": " "}, "no user turn"),
        (
            {"prompt": "x", "chosen": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]},
            "sides with prompts",
        ),
    ],
)
def test_rows_without_turns_are_refused(row: dict, reason: str, tmp_path: Path) -> None:
    (found,) = read_sources([write_rows(tmp_path / "rows.jsonl", [row])])
    assert isinstance(found, Refusal) and found.reason == reason


def entry(lemma: str, *synonyms: str, share: float = 1.0, count: int = 10) -> dict:
    return {"lemma": lemma, "count": count, "senses": [{"share": share, "synonyms": list(synonyms)}]}


LEXICON = [
    entry("large", "big"), entry("big", "large"), entry("huge", "enormous"), entry("enormous", "huge"),
    entry("serve", "help", share=0.3), entry("help", "serve"), entry("rare", "odd one"),
    entry("print", "publish", count=91), entry("print", count=10), entry("publish", "print"),
    entry("all", "wholly"), entry("wholly", "all"), entry("step", "pace"), entry("steps", "stairs"), entry("stairs", "steps"),
]  # fmt: skip


def test_only_words_of_one_clear_sense_both_ways_are_in_the_lexicon(tmp_path: Path) -> None:
    found = read_lexicon([write_rows(tmp_path / "lexicon.jsonl", LEXICON)])
    assert found == {
        "large": ["big"], "big": ["large"], "huge": ["enormous"], "enormous": ["huge"], "print": ["publish"],
        "publish": ["print"],
    }  # fmt: skip
    often = [row | {"count": 89} if row["lemma"] == "print" and row["count"] == 91 else row for row in LEXICON]
    assert "print" not in read_lexicon([write_rows(tmp_path / "lexicon.jsonl", often)])  # 89 of 99 uses


def test_a_word_whose_uses_nobody_counted_has_one_and_one_without_uses_says_nothing(tmp_path: Path) -> None:
    def uncounted(lemma: str, synonym: str, share: float = 1.0) -> dict:
        return {key: value for key, value in entry(lemma, synonym, share=share).items() if key != "count"}

    rows = [uncounted("large", "big"), uncounted("big", "large"), entry("large", "other", count=0)]
    assert read_lexicon([write_rows(tmp_path / "lexicon.jsonl", rows)]) == {"large": ["big"], "big": ["large"]}
    # One use of two has this sense.
    rows.append(entry("big", "great", count=1))
    with pytest.raises(TrainerError, match="no word has a synonym"):
        read_lexicon([write_rows(tmp_path / "lexicon.jsonl", rows)])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"lemma": "a"}, ":1 is no entry of a lexicon"),
        (entry("a") | {"count": "x"}, ":1: count is 'x'"),
        (entry("large", "big", share=0.5), "no word has a synonym of one clear sense"),
    ],
)
def test_a_file_that_is_no_lexicon_is_refused(row: dict, words: str, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match=words):
        read_lexicon([write_rows(tmp_path / "lexicon.jsonl", [row])])


PAIRS = {"large": ["big"], "big": ["large"], "huge": ["enormous", "vast"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Large words", "Big words"),
        ("LARGE words", "LARGE words"),
        ('the word "large" here', 'the word "large" here'),
        ("`large` and large-scale larger", "`large` and large-scale larger"),
        ("we saw Large there", "we saw Large there"),
        ("a huge one", "a vast one"),
        ("large `x` big", "big `x` large"),
        ("large`x`big", "big`x`large"),
    ],
)
def test_a_word_keeps_its_form_and_what_is_quoted_stays(text: str, expected: str) -> None:
    assert replace_words(text, PAIRS, 1.0, "0")[0] == expected


@given(st.lists(st.sampled_from(["large", "big", "huge", "3", "Anna", "`large`", "so", '"big"', "x=1"]), max_size=30),
       st.floats(0.05, 1), st.integers(0, 3))  # fmt: skip
def test_facts_stay_the_rate_holds_and_the_seed_decides(words: list[str], rate: float, seed: int) -> None:
    text = " ".join(["well", *words])
    new, replaced = replace_words(text, PAIRS, rate, str(seed))
    assert replace_words(text, PAIRS, rate, str(seed)) == (new, replaced)
    assert changed_fact(text, new) is None
    assert len(replaced) <= max(1, round(rate * len(text.split()) * 2)) and bool(replaced) == (new != text)
    assert all(new_word in PAIRS[old] for old, new_word in replaced)
    kept = {"large", "big", "huge"}
    assert replace_words(text, PAIRS, rate, str(seed), kept) == (text, [])


def test_with_a_rate_of_1_every_word_is_replaced_that_stands_in_no_span() -> None:
    text = "well, large 3 big Anna huge `large` so"
    new, replaced = replace_words(text, PAIRS, 1.0, "0")
    assert [pair[0] for pair in replaced] == ["large", "big", "huge"]
    assert new == f"well, big 3 large Anna {replaced[2][1]} `large` so"


@pytest.mark.parametrize("seed", ["0", "1", "2 0"])
def test_which_words_are_replaced_by_which_is_a_hash_of_seed_place_and_text(seed: str) -> None:
    text = "so " + "huge " * 9
    places = range(3, len(text), 5)
    draws = {place: hashlib.blake2b(f"{seed} {place} {text}".encode(), digest_size=16).digest() for place in places}
    chosen = sorted(sorted(places, key=draws.__getitem__)[:3])
    expected = [("huge", PAIRS["huge"][int.from_bytes(draws[place][:8]) % 2]) for place in chosen]
    assert replace_words(text, PAIRS, 0.3, seed)[1] == expected


def test_words_of_answers_stay(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "rows.jsonl", [
        {"messages": [{"role": "user", "content": "How large is it?"}, {"role": "assistant", "content": "Big."}]},
        {"messages": [{"role": "user", "content": "How large is it?"}, {"role": "assistant", "content": "Large."}]},
        {"prompt": "How large is it?", "chosen": "Rather large", "rejected": "no"},
    ])  # fmt: skip
    counts = add_synonyms(sources_in(file), PAIRS, tmp_path / "new" / "out")
    assert counts == {"rows": 3, "words": 12, "replaced": 1, "kept": 1, "in_evaluation_sets": 0}
    (row,) = read_jsonl(tmp_path / "new" / "out" / "rows.jsonl")
    assert row["messages"][0]["content"] == "How big is it?" and row["messages"][1]["content"] == "Big."
    assert row["synthetic"] == {
        "method": "synonyms", "rate": 0.1, "seed": 0, "replaced": [["large", "big"]], "from": f"{file}:1"
    }  # fmt: skip
    assert json.loads((tmp_path / "new" / "out" / "counts.json").read_text()) == counts
    with pytest.raises(TrainerError, match="The rate is 0"):
        add_synonyms([], PAIRS, tmp_path, rate=0)


def test_the_commands_write_rows_and_refuse_in_a_sentence(tmp_path: Path, make_base, capsys) -> None:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    lexicon = write_rows(tmp_path / "lexicon.jsonl", LEXICON)
    file = write_rows(tmp_path / "prompts.jsonl", [{"prompt": "How large is a mill?"}])
    more = ["--from", file, "--output", str(tmp_path / "out")]
    args = parser.parse_args(["synthesize", "synonyms", "--lexicon", lexicon, *more])
    assert args.run(args) == 0 and json.loads(capsys.readouterr().out)["kept"] == 1
    more[3] = str(tmp_path / "model")
    args = parser.parse_args(
        ["synthesize", "paraphrase", str(make_base()), *more, "--tokens", "4", "--pivot", "French"]
    )
    assert args.run(args) == 0 and json.loads(capsys.readouterr().out)["kept"] == 0  # a model that was not trained
    args = parser.parse_args(["synthesize", "paraphrase", *more])
    with pytest.raises(TrainerError, match="Name a RUN of ours, or a server"):
        args.run(args)


@pytest.mark.skipif(not SYNONYMS.exists(), reason="the shared data is not at hand")
def test_the_common_words_of_wordnet() -> None:
    lexicon = read_lexicon([SYNONYMS])
    assert len(lexicon) > 150 and "serve" not in lexicon and "nearly" in lexicon["almost"]
    with gzip.open(SYNONYMS, "rt") as file:
        assert sum(1 for _ in file) == 5902
