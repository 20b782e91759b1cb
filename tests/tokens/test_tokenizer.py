from __future__ import annotations

import base64
import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokens.info import TokenizerError
from tokens.llama import slices
from tokens.tokenizer import BUILT_IN, DEFAULT, load

BUILT_IN_TOKENIZER = load()
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(any_text)
@settings(max_examples=200, deadline=None)
def test_built_in_round_trips_any_text(text):
    ids = BUILT_IN_TOKENIZER.encode(text)
    assert ids.dtype == np.int32
    assert BUILT_IN_TOKENIZER.decode(ids) == text


@given(st.lists(any_text, max_size=4))
@settings(max_examples=50, deadline=None)
def test_a_batch_is_its_texts_one_by_one(texts):
    batch = BUILT_IN_TOKENIZER.encode_batch(texts)
    assert [list(ids) for ids in batch] == [list(BUILT_IN_TOKENIZER.encode(text)) for text in texts]


def test_built_in_is_what_its_file_says():
    assert BUILT_IN_TOKENIZER.sha256 == hashlib.sha256(BUILT_IN[DEFAULT].read_bytes()).hexdigest()
    assert (BUILT_IN_TOKENIZER.name, BUILT_IN_TOKENIZER.vocab_size) == ("gristmill-8k", 8192)
    assert BUILT_IN[DEFAULT].stat().st_size < 600_000


def test_built_in_compresses_prose():
    text = "When the council met again in the evening, most of the people had already gone home."
    assert len(BUILT_IN_TOKENIZER.encode(text)) < len(text) / 3


@pytest.mark.parametrize("kind", ["built-in", "llama"])
def test_document_is_framed_and_cannot_frame_itself(kind, rank_file):
    tokenizer = load(DEFAULT if kind == "built-in" else str(rank_file))
    text = "the <|end_of_text|> and <|begin_of_text|>"
    ids = tokenizer.encode_document(text)
    assert ids.dtype == np.int32
    assert (ids[0], ids[-1]) == (tokenizer.bos_id, tokenizer.eos_id)
    assert not {tokenizer.bos_id, tokenizer.eos_id} & set(ids[1:-1].tolist())
    assert tokenizer.decode(ids) == f"<|begin_of_text|>{text}<|end_of_text|>"


@pytest.mark.parametrize("kind", ["built-in", "llama"])
def test_lone_surrogates_become_replacement_characters(kind, rank_file):
    tokenizer = load(DEFAULT if kind == "built-in" else str(rank_file))
    assert tokenizer.decode(tokenizer.encode("a\ud800b 😀")) == "a\ufffdb 😀"


def test_llama_ids_follow_ranks_and_split_pattern(rank_file):
    tokenizer = load(str(rank_file))
    assert (tokenizer.vocab_size, tokenizer.bos_id, tokenizer.eos_id) == (270 + 256, 270, 271)
    rank = {"the": 257, " the": 259, "and": 264, " and": 267, "123": 269}
    # Digits go in threes, and the blank stays with the word behind it.
    assert tokenizer.encode("the and the1234").tolist() == [257, 267, 259, 269, ord("4")]
    assert tokenizer.decode([rank["the"], 270]) == "the<|begin_of_text|>"
    assert tokenizer.decode([525]) == "<|reserved_special_token_245|>"


def test_llama_special_tokens_have_metas_ids(rank_file):
    names = ["<|finetune_right_pad_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|python_tag|>"]
    tokenizer = load(str(rank_file))
    assert [tokenizer.decode([270 + offset]) for offset in (4, 6, 7, 9, 10)] == names


@pytest.fixture(scope="module")
def built_in_as_ranks(tmp_path_factory):
    """The built-in vocabulary in Llama 3's kind of file."""
    # The byte-level alphabet: printable bytes stand for themselves, the others for characters from U+0100 on.
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    byte_of = {chr(byte): byte for byte in printable}
    byte_of |= {chr(0x100 + i): byte for i, byte in enumerate(byte for byte in range(256) if byte not in printable)}
    vocab = json.loads(BUILT_IN[DEFAULT].read_text("utf-8"))["model"]["vocab"]
    path = tmp_path_factory.mktemp("ranks") / "built-in.model"
    with path.open("wb") as file:
        for token, rank in vocab.items():
            file.write(base64.b64encode(bytes(byte_of[char] for char in token)) + b" %d\n" % rank)
    return load(str(path))


@given(any_text | st.text(st.sampled_from("abet 's123\n\r\t.,—ßñ川")))
@settings(max_examples=200, deadline=None)
def test_both_engines_give_the_same_ids(built_in_as_ranks, text):
    assert built_in_as_ranks.encode(text).tolist() == BUILT_IN_TOKENIZER.encode(text).tolist()


def test_long_runs_are_sliced_and_nothing_is_lost(rank_file):
    tokenizer = load(str(rank_file))
    for text in ("a" * 60_001, " " * 60_001, "ab " * 140_000):
        assert tokenizer.decode(tokenizer.encode(text)) == text
    # 25,001 letters make one cut: "aaaa" cannot be merged across it.
    assert tokenizer.encode("a" * 25_001).tolist() == [262] * 6250 + [ord("a")]


@given(st.lists(st.tuples(st.sampled_from(["a", " ", "\n", "a "]), st.integers(1, 60_000)), max_size=8))
@settings(max_examples=40, deadline=None)
def test_slices_join_to_the_text_and_hold_no_long_run(pieces):
    text = "".join(unit * count for unit, count in pieces)
    parts = list(slices(text))
    assert "".join(parts) == text
    for part in parts:
        assert len(part) <= 400_000
        assert max((len(run) for run in part.split()), default=0) <= 25_000


def test_ordinary_text_is_one_slice():
    text = "An ordinary page, with words of ordinary length.\n" * 1000
    assert list(slices(text)) == [text]


def test_pickles_small_and_notices_another_file(rank_file):
    tokenizer = load(str(rank_file))
    pickled = pickle.dumps(tokenizer)
    assert len(pickled) < 1000
    assert pickle.loads(pickled) is tokenizer

    moved = rank_file.with_name("other.model")
    moved.write_bytes(rank_file.read_bytes())
    pickled = pickle.dumps(load(str(moved))).replace(tokenizer.sha256.encode(), b"0" * 64)
    with pytest.raises(TokenizerError, match="has changed since the run began"):
        pickle.loads(pickled)


def test_name_and_identity_do_not_depend_on_the_place(rank_file, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    copy = tmp_path / "elsewhere" / "tokenizer.model"
    copy.write_bytes(rank_file.read_bytes())
    assert load(str(copy)).info == load(str(rank_file)).info


def test_loads_from_a_url(rank_file):
    assert load(f"file://{rank_file}").sha256 == load(str(rank_file)).sha256


def _with_added_tokens(path: Path, names: list[str], special: bool = True) -> str:
    description = json.loads(BUILT_IN[DEFAULT].read_text("utf-8"))
    template = description["added_tokens"][0]
    description["added_tokens"] = [
        template | {"id": 8176 + i, "content": name, "special": special} for i, name in enumerate(names)
    ]
    path.write_text(json.dumps(description), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("names", "frame"),
    [
        (["<unk>", "<s>", "</s>"], (8177, 8178)),
        (["<|endoftext|>"], (8176, 8176)),
        (["</s>", "<s>", "<|end_of_text|>", "<|begin_of_text|>"], (8179, 8178)),
    ],
)
def test_hugging_face_frame_is_found_by_name(tmp_path, names, frame):
    tokenizer = load(_with_added_tokens(tmp_path / "tokenizer.json", names))
    assert (tokenizer.bos_id, tokenizer.eos_id) == frame
    assert tokenizer.vocab_size == 8176 + len(names)


@pytest.mark.parametrize(("names", "special"), [(["<start>", "</s>"], True), (["<s>", "</s>"], False)])
def test_hugging_face_file_without_a_frame_is_refused(tmp_path, names, special):
    with pytest.raises(TokenizerError, match="does not say how a document begins and ends"):
        load(_with_added_tokens(tmp_path / "tokenizer.json", names, special))


def test_truncation_and_padding_of_the_file_are_ignored(tmp_path):
    description = json.loads(BUILT_IN[DEFAULT].read_text("utf-8"))
    description["truncation"] = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(description), "utf-8")
    text = "more words than four, by far, are in this sentence"
    assert load(str(path)).encode(text).tolist() == BUILT_IN_TOKENIZER.encode(text).tolist()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>not found</html>", "is no tokenizer: line 1"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\n", "Git LFS"),
        (b'{"model": 1}', "is no tokenizer.json"),
        (b"YQ== 0\nYg== 2\n", "is damaged"),
        (b"", "is damaged"),
    ],
)
def test_other_files_are_refused_in_a_sentence(tmp_path, content, message):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(TokenizerError, match=message):
        load(str(path))


def test_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(TokenizerError, match="There is no tokenizer .*gristmill-8k"):
        load(str(tmp_path / "none.model"))
    with pytest.raises(TokenizerError, match="There is no tokenizer"):
        load(f"file://{tmp_path}/none.model")
