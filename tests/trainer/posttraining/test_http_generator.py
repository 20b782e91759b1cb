from __future__ import annotations

import pytest

from tests.trainer.posttraining.chat_server import choices, served, status
from tokens.tokenizer import load
from trainer.errors import TrainerError
from trainer.posttraining.chat import ChatFormat, Message
from trainer.posttraining.generators import GenerationRequest
from trainer.posttraining.http_generator import ATTEMPTS, HTTPGenerator
from trainer.posttraining.sampling_noise import response_key
from trainer.posttraining.slots import Sampling

SAMPLING = Sampling(max_tokens=16, temperature=0.5, top_p=0.9, seed=3)
PROMPT = [Message("system", "Be brief."), Message("user", "Hello")]


def requests(count: int = 1, samples: int = 1) -> list[GenerationRequest]:
    return [GenerationRequest(f"p{n}", PROMPT, samples) for n in range(count)]


def generator(url: str, waits: list[float] | None = None, **options) -> HTTPGenerator:
    return HTTPGenerator(url, "wanted", SAMPLING, sleep=(waits if waits is not None else []).append, **options)


def texts(found) -> list[list[str]]:
    return [[one.message.content for one in done.responses] for done in sorted(found, key=lambda done: done.request)]


def test_a_request_says_what_is_wanted_and_its_answer_is_read() -> None:
    with served(lambda body, number: choices("Hi.", "Hello!")) as (url, bodies):
        one = generator(url, api_key="secret")
        (done,) = one.complete(requests(samples=2))
    assert texts([done]) == [["Hi.", "Hello!"]]
    assert [response.finish_reason for response in done.responses] == ["stop", "stop"]
    body = bodies[0]
    assert body["_path"] == "/v1/chat/completions" and body["_key"] == "Bearer secret"
    assert (body["model"], body["n"], body["temperature"], body["top_p"], body["max_tokens"]) == (
        "wanted",
        2,
        0.5,
        0.9,
        16,
    )
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    assert one.served_by == {"served fp-1"}


def test_a_server_that_ignores_n_is_asked_until_all_are_there_with_another_seed_each_time() -> None:
    with served(lambda body, number: choices(f"answer {number}")) as (url, bodies):
        found = list(generator(url).complete(requests(samples=4)))
    assert texts(found) == [["answer 0", "answer 1", "answer 2", "answer 3"]]
    assert [body["n"] for body in bodies] == [4, 3, 2, 1]
    keys = [response_key(SAMPLING.seed, SAMPLING.purpose, "p0", offset)[0] for offset in range(4)]
    assert [body["seed"] for body in bodies] == [key & 0x7FFFFFFF for key in keys] and len(set(keys)) == 4


def test_more_choices_than_asked_for_are_left_out() -> None:
    with served(lambda body, number: choices("a", "b", "c")) as (url, _):
        assert texts(generator(url).complete(requests(samples=2))) == [["a", "b"]]


@pytest.mark.parametrize(
    ("bad", "wait"),
    [
        (status(429, Retry_After="7"), 7),
        (status(503, Retry_After="0"), 0),
        (status(429, Retry_After="9999"), 60),
        (status(503, Retry_After="-5"), 0),
        (status(408, Retry_After="7"), 7),
        (status(409, Retry_After="7"), 7),
        (status(500), None),
        (status(502, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"), None),
        ((200, {"Content-Type": "application/json"}, b'{"choices": [{"mess'), None),
        ((0, {}, b""), None),
        (choices(), None),
        ((200, {"Content-Length": "5000", "Connection": "close"}, b'{"choices": ['), None),
    ],
)
def test_what_passes_is_tried_again(bad, wait) -> None:
    waits: list[float] = []
    with served(lambda body, number: bad if number < 2 else choices("fine")) as (url, bodies):
        assert texts(generator(url, waits).complete(requests())) == [["fine"]]
    assert len(bodies) == 3
    if wait is not None:
        assert waits == [wait, wait]
    else:
        assert 1 <= waits[0] <= 2 <= waits[1] <= 4  # grows


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (status(401), "GRISTMILL_API_KEY"),
        (status(403), "not allowed"),
        (status(404), "nothing at that address"),
        (status(400), "HTTP 400"),
        ((200, {"Content-Type": "text/html"}, b"<html>Hello</html>"), "answers with a web page"),
        ((200, {"Content-Type": "application/json"}, b'{"error": "no"}'), "without choices"),
        ((200, {"Content-Type": "application/json"}, b"[1]"), "without choices"),
    ],
)
def test_what_does_not_pass_ends_it_with_a_sentence(answer, words) -> None:
    with served(lambda body, number: answer) as (url, bodies), pytest.raises(TrainerError, match=words):
        list(generator(url, concurrency=1).complete(requests()))
    assert len(bodies) == 1


def test_a_server_that_never_gives_enough_is_given_up() -> None:
    words = r"gave 1 of 3 responses to the prompt p0 .* no choice"
    with (
        served(lambda body, number: choices("only one") if number == 0 else choices()) as (url, bodies),
        pytest.raises(TrainerError, match=words),
    ):
        list(generator(url).complete(requests(samples=3)))
    assert len(bodies) == 1 + ATTEMPTS


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (status(503, Retry_After="0"), "HTTP 503"),
        (status(500), "HTTP 500"),
        ((200, {}, b"{"), "its answer broke off: it is no JSON"),
    ],
)
def test_why_a_server_was_given_up_is_said(bad, reason) -> None:
    words = rf"gave 0 of 1 responses to the prompt p0 and nothing more in 6 attempts \({reason}\)\. What has come"
    with served(lambda body, number: bad) as (url, bodies), pytest.raises(TrainerError, match=words):
        list(generator(url, []).complete(requests()))
    assert len(bodies) == ATTEMPTS


def test_a_server_that_is_not_there_is_given_up() -> None:
    with served(lambda body, number: choices("a")) as (url, _):
        pass
    with pytest.raises(TrainerError, match="no answer"):
        list(generator(url).complete(requests()))


def test_what_was_cut_off_says_so_and_choices_without_text_do_not_count() -> None:
    with served(lambda body, number: choices("cut", finish="length") if number else choices(None, 7)) as (url, bodies):
        (done,) = generator(url).complete(requests())
    assert [one.finish_reason for one in done.responses] == ["length"]
    assert len(bodies) == 2


def test_ids_are_kept_where_they_are_a_finished_message_of_the_tokenizer() -> None:
    chat = ChatFormat(load())
    ids = [*chat.tokenizer.encode("Hi.").tolist(), chat.eot]
    kept = {}
    for name, returned in {"whole": ids, "open": ids[:-1], "foreign": [10**9, chat.eot], "empty": []}.items():
        with served(lambda body, number, returned=returned: choices("Hi.", token_ids=returned)) as (url, _):
            (done,) = generator(url, chat=chat).complete(requests())
            kept[name] = done.responses[0].message.ids
    assert kept == {"whole": tuple(ids), "open": None, "foreign": None, "empty": None}
    with served(lambda body, number: choices("Hi.", token_ids=ids)) as (url, _):
        (done,) = generator(url).complete(requests())  # whose ids they are is not known
    assert done.responses[0].message.ids is None


@pytest.mark.parametrize(("drawn", "waits"), [(min, [1.0, 2.0, 4.0]), (max, [2.0, 4.0, 8.0])])
def test_waits_double_and_are_drawn_from_the_upper_half(drawn, waits, monkeypatch) -> None:
    monkeypatch.setattr("random.uniform", drawn)
    found: list[float] = []
    with served(lambda body, number: status(500) if number < 3 else choices("fine")) as (url, _):
        list(generator(url, found).complete(requests()))
    assert found == waits


def test_a_failure_ends_the_rest() -> None:
    def answer(body, number):
        return choices(body["messages"][0]["content"]) if number < 2 else status(401)

    wanted = [GenerationRequest(letter, [Message("user", letter)]) for letter in "abcdefgh"]
    found: list = []
    with served(answer) as (url, bodies):
        with pytest.raises(TrainerError, match="HTTP 401"):
            found += generator(url, concurrency=1).complete(wanted)
        asked = len(bodies)
    assert asked < len(wanted)


def test_a_generator_that_nobody_listens_to_any_more_asks_no_further() -> None:
    wanted = [GenerationRequest(str(n), [Message("user", str(n))]) for n in range(50)]
    with served(lambda body, number: choices("fine")) as (url, bodies):
        found = generator(url, concurrency=1).complete(wanted)
        next(found)
        found.close()
        asked = len(bodies)
        assert asked < 50
    assert len(bodies) == asked


def test_a_generator_answers_again_also_after_a_failure() -> None:
    with served(lambda body, number: status(401) if number == 1 else choices("fine")) as (url, _):
        one = generator(url)
        assert texts(one.complete(requests())) == [["fine"]]
        with pytest.raises(TrainerError, match="HTTP 401"):
            list(one.complete(requests()))
        assert texts(one.complete(requests())) == [["fine"]]


def test_many_prompts_each_get_their_own() -> None:
    with served(lambda body, number: choices(*(body["messages"][0]["content"] * body["n"]))) as (url, _):
        wanted = [GenerationRequest(letter, [Message("user", letter)], 2) for letter in "abcdefgh"]
        assert texts(generator(url).complete(wanted)) == [[letter] * 2 for letter in "abcdefgh"]


def test_what_is_no_url_is_refused() -> None:
    with pytest.raises(TrainerError, match="no URL of a server"):
        generator("localhost:8000")
