"""Encoders of a tokenizer.json: how a document is framed, special names in texts, and the slow way where the fast one fails."""

from __future__ import annotations

import json

import pytest

from tokens.huggingface import FRAMES, HuggingFaceEncoder
from tokens.info import TokenizerError
from tokens.tokenizer import read_file


def described(*names: str, special: bool = True, **changes: object) -> bytes:
    """The shipped tokenizer with these tokens besides its own words."""
    description = json.loads(read_file("gristmill-8k"))
    template = description["added_tokens"][0]
    description["added_tokens"] = [
        template | {"id": 8176 + place, "content": name, "special": special} for place, name in enumerate(names)
    ]
    return json.dumps(description | changes).encode()


@pytest.mark.parametrize("place", range(len(FRAMES)))
def test_of_several_frames_the_first_of_the_list_counts(place: int) -> None:
    names = list(dict.fromkeys(name for frame in FRAMES[: place - 1 if place else None : -1] for name in frame))
    encoder = HuggingFaceEncoder("x", described("<unk>", *names))
    assert (encoder.bos_id, encoder.eos_id) == tuple(8177 + names.index(name) for name in FRAMES[place])
    assert encoder.special_ids == {name: 8176 + number for number, name in enumerate(["<unk>", *names])}
    assert encoder.vocab_size == 8177 + len(names)


def test_names_of_special_tokens_in_a_text_are_text_and_ids_are_shown_as_names() -> None:
    encoder = HuggingFaceEncoder("x", described("<s>", "</s>"))
    text = "a <s> of the mill"
    ids = list(encoder.encode(text))
    assert not {8176, 8177} & set(ids) and encoder.decode(ids) == text
    assert encoder.decode([8176, *ids, 8177]) == f"<s>{text}</s>"


def test_a_text_that_the_fast_encoder_refuses_is_encoded_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = HuggingFaceEncoder("x", described("<s>", "</s>"))
    expected = list(encoder.encode("the mill by the river"))

    def refuses(text: str) -> list[int]:
        raise ValueError(text)

    for fast in (refuses, None):
        monkeypatch.setattr(encoder, "_fast", fast)
        assert list(encoder.encode("the mill by the river")) == expected
    monkeypatch.setattr(encoder, "_fast", lambda text: [7])
    assert list(encoder.encode("the mill")) == [7]


@pytest.mark.parametrize("names", [(), ("<s>",), ("</s>", "<bos>"), ("<|endoftext|", "<s >")])
def test_a_file_without_a_frame_is_refused_with_what_it_has(names: tuple[str, ...]) -> None:
    with pytest.raises(TokenizerError, match=rf"x does not say .*\({', '.join(names).replace('|', '.') or 'none'}\)"):
        HuggingFaceEncoder("x", described(*names))
    with pytest.raises(TokenizerError, match=r"\(none\)"):
        HuggingFaceEncoder("x", described("<s>", "</s>", special=False))
