from __future__ import annotations

import base64
import gzip
import itertools
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from tokens.ranks_json import _byte_letters
from tokens.tokenizer import load, read_file
from tokens.tokenizer_json import tokenizer_json


def write_ranks(path: Path) -> str:
    """A rank file in the form of Llama 3's: bytes, then what byte-pair counting finds in a text of ours."""
    text = (Path(__file__).parents[2] / "README.md").read_bytes() * 2
    tokens = [bytes([n]) for n in range(256)]
    words = [[bytes([byte]) for byte in word] for word in text.replace(b" ", b"\n ").split(b"\n")]
    for _ in range(300):
        counts: dict[bytes, int] = {}
        for word in words:
            for pair in itertools.pairwise(word):
                counts[pair[0] + pair[1]] = counts.get(pair[0] + pair[1], 0) + 1
        best = max(sorted(joined for joined in counts if joined not in tokens), key=lambda joined: counts[joined])
        tokens.append(best)
        for word in words:
            place = 0
            while place < len(word) - 1:
                if word[place] + word[place + 1] == best:
                    word[place : place + 2] = [best]
                place += 1
    lines = [f"{base64.b64encode(token).decode()} {rank}" for rank, token in enumerate(tokens)]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    ours = load(write_ranks(tmp_path_factory.mktemp("ranks") / "tokenizer.model"))
    return ours, Tokenizer.from_buffer(tokenizer_json(ours))


@pytest.fixture(scope="module")
def full_size(tmp_path_factory):
    """A rank file of thousands of ranks: those of the built-in tokenizer's vocabulary, in the order of its ids."""
    letters = {letter: byte for byte, letter in enumerate(_byte_letters())}
    vocab = json.loads(read_file("gristmill-8k"))["model"]["vocab"]
    path = tmp_path_factory.mktemp("ranks") / "tokenizer.model"
    path.write_text(
        "".join(
            f"{base64.b64encode(bytes(letters[letter] for letter in token)).decode()} {rank}\n"
            for rank, token in enumerate(sorted(vocab, key=lambda token: vocab[token]))
        )
    )
    ours = load(str(path))
    assert ours.vocab_size > 8000
    return ours, Tokenizer.from_buffer(tokenizer_json(ours))


TEXTS = ["", "The mill's wheels TURN  1234567 times.\r\n\n  x\t", "héllo 中文 🦙 I'LL we've\u00a0\u3000 aaaaaaaaaa"]


@given(st.one_of(st.text(), st.text(alphabet="aeth 'SsTt1\n\r-", max_size=200), st.sampled_from(TEXTS)))
@settings(max_examples=300, deadline=None)
def test_ranks_and_the_file_made_of_them_give_the_same_ids(both, text):
    ours, theirs = both
    text = text.encode("utf-8", "replace").decode()
    if "<|" not in text:
        assert theirs.encode(text).ids == [ours.bos_id, *ours.encode(text).tolist()]


@given(st.one_of(st.text(), st.text(alphabet="aethinorsl 'SsTt1\n\r-", max_size=300), st.sampled_from(TEXTS)))
@settings(max_examples=200, deadline=None)
def test_thousands_of_ranks_give_the_same_ids(full_size, text):
    ours, theirs = full_size
    text = text.encode("utf-8", "replace").decode()
    if "<|" not in text:
        ids = ours.encode(text).tolist()
        assert theirs.encode(text).ids == [ours.bos_id, *ids]
        assert ids == load().encode(text).tolist()  # the same merges, read from another file


def test_thousands_of_ranks_give_the_same_ids_on_long_texts(full_size):
    ours, theirs = full_size
    root = Path(__file__).parents[2]
    for path in [*sorted(root.glob("docs/*.md")), *sorted(root.glob("parsers/*.py"))]:
        text = path.read_text("utf-8")
        if "<|" not in text:
            assert theirs.encode(text, add_special_tokens=False).ids == ours.encode(text).tolist()


def test_special_tokens_keep_their_ids(both):
    ours, theirs = both
    assert theirs.token_to_id("<|end_of_text|>") == ours.eos_id
    assert theirs.get_vocab_size() == ours.vocab_size
    assert theirs.decode(ours.encode("a mill").tolist()) == "a mill"


@pytest.mark.parametrize("text", TEXTS)
def test_the_built_in_tokenizer_begins_with_bos(text):
    ours = load()
    theirs = Tokenizer.from_buffer(tokenizer_json(ours))
    assert theirs.encode(text).ids == [ours.bos_id, *ours.encode(text).tolist()]
    assert theirs.encode(text, add_special_tokens=False).ids == ours.encode(text).tolist()


def test_a_file_that_begins_with_bos_stays_as_it_is(tmp_path):
    (tmp_path / "tokenizer.json").write_bytes(tokenizer_json(load()))
    again = load(str(tmp_path / "tokenizer.json"))
    assert tokenizer_json(again) == (tmp_path / "tokenizer.json").read_bytes()


def test_ids_of_real_text_are_equal(both):
    ours, theirs = both
    folder = Path(os.environ.get("GRISTMILL_SHARED", "/nowhere")) / "data" / "posttraining"
    if not folder.is_dir():
        pytest.skip("no texts at hand; set GRISTMILL_SHARED to the folder that holds data/posttraining")
    texts = []
    for path in sorted(folder.glob("*/*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for _, line in zip(range(300), file, strict=False):
                texts += [str(value) for value in json.loads(line).values()]
    assert texts
    for text in texts:
        assert theirs.encode(text, add_special_tokens=False).ids == ours.encode(text).tolist()
