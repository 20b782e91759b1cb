from __future__ import annotations

import io

import pytest
import torch

from gristmill.cli import main
from trainer.checkpoint.convert import load_model
from trainer.model.generate import generate_ids
from trainer.posttraining import conversation
from trainer.posttraining.chat import ChatError, Message
from trainer.posttraining.conversation import Speaker, converse


@pytest.fixture
def speaker(make_base, byte_tokenizer) -> Speaker:
    model = load_model(make_base()).model
    return Speaker.of(model, byte_tokenizer, 200, 12)._replace(temperature=0.0)


def test_what_a_speaker_does_where_nobody_says_how(speaker) -> None:
    found = Speaker(speaker.model, speaker.chat, 200, 12)
    assert (found.temperature, found.top_p, found.seed) == (0.6, 0.9, 0)
    assert Speaker.of(speaker.model, speaker.chat.tokenizer, 20, 12).tokens == 10  # half of the length at the most


def test_lines_are_answered_in_turn_and_remembered(speaker) -> None:
    written: list[str] = []
    dialog = converse(speaker, ["Hello", "  ", "And now?"], written.append, "Be brief.")
    assert [message.role for message in dialog] == ["system", "user", "assistant", "user", "assistant"]
    ids = list(generate_ids(speaker.model, speaker.chat.encode_prompt(dialog[:4]).tolist(), 12, speaker.chat.stop_ids))
    assert Message("assistant", speaker.chat.tokenizer.decode(ids)) == dialog[4]
    assert "".join(written).count("\n") >= 2


def test_pieces_are_whole_characters(speaker, monkeypatch) -> None:
    ids = speaker.chat.tokenizer.encode("a€b").tolist()
    monkeypatch.setattr(conversation, "generate_ids", lambda *args: iter([*ids, 0xE2]))
    pieces = list(conversation.answer_to(speaker, [Message("user", "?")], 0))
    assert pieces == ["a", "€", "b", "�"]


def test_older_turns_are_forgotten_and_one_too_long_is_refused(speaker) -> None:
    dialog = converse(speaker, ["x" * 60, "y" * 60, "z" * 60], lambda piece: None)
    assert len(dialog) == 6
    with pytest.raises(ChatError, match="too long|ids are left"):
        converse(speaker, ["x" * 190], lambda piece: None)


def test_the_command_talks_until_its_input_ends(make_base, monkeypatch, capsys) -> None:
    torch.set_num_threads(1)
    base = str(make_base())
    monkeypatch.setattr("sys.stdin", io.StringIO("Hello\n\nBye\n"))
    assert main(["train", "generate", base, "--chat", "--tokens", "4", "--temperature", "0"]) == 0
    assert capsys.readouterr().out.count("\n") >= 2
    assert main(["train", "generate", base, "--prompt", "a", "--system", "b"]) == 1
    assert "needs --chat" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("x" * 500))
    assert main(["train", "generate", base, "--chat"]) == 1
    assert "That cannot be answered" in capsys.readouterr().err
