"""Verifiers: responses whose truth can be computed. They have a reward model's interface, a number for each response.

A prompt names its verifier, alone or with what it needs::

    {"messages": […], "answer": "1379", "verifier": "exact"}
    {"messages": […], "answer": "… #### 72", "verifier": "final_number"}
    {"messages": […], "verifier": {"regex": "[A-Z][a-z]+"}}
    {"messages": […], "verifier": {"constraints": {"no_comma": true, "min_words": 40}}}

1.0 is right, 0.0 is wrong; of constraints, the share that is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from trainer.errors import TrainerError

Verifier = Callable[[Sequence[str]], list[float]]
"""Scores of the contents of responses."""


def verifier_for(spec: Any, answer: Any, place: str) -> Verifier:
    """The verifier that a prompt at ``place`` names by ``spec``, for its ``answer``. Raises :class:`TrainerError` for
    one that is unknown or lacks what it needs."""
    if isinstance(answer, int | float) and not isinstance(answer, bool):
        answer = str(answer)
    if not isinstance(answer, str | None):
        raise TrainerError(f"{place}: the answer is {json.dumps(answer)}, neither text nor a number.")
    name, option = (spec, None) if isinstance(spec, str) else _only_entry(spec, place)
    if name in ("exact", "final_number"):
        if answer is None:
            raise TrainerError(f'{place}: the verifier "{name}" compares with "answer", which the prompt lacks.')
        return _exact(answer) if name == "exact" else _final_number(answer, place)
    if name == "regex" and isinstance(option, str):
        try:
            pattern = re.compile(option, re.DOTALL)
        except re.error as error:
            raise TrainerError(f"{place}: {option!r} is no regular expression ({error}).") from None
        return lambda responses: [float(bool(pattern.fullmatch(text.strip()))) for text in responses]
    if name == "constraints" and isinstance(option, Mapping) and option:
        checks = [_constraint(key, value, place) for key, value in option.items()]
        return lambda responses: [sum(check(text) for check in checks) / len(checks) for text in responses]
    raise TrainerError(
        f'{place}: {json.dumps(spec)} is no verifier. Name "exact", "final_number", {{"regex": "…"}} or '
        f'{{"constraints": {{…}}}} with {", ".join(_CONSTRAINTS)}.'
    )


def _only_entry(spec: Any, place: str) -> tuple[str, Any]:
    if isinstance(spec, Mapping) and len(spec) == 1:
        return next(iter(spec.items()))
    raise TrainerError(f"{place}: a verifier is a name, or a name with what it needs, not {json.dumps(spec)}.")


def _exact(answer: str) -> Verifier:
    wanted = answer.strip()
    return lambda responses: [float(text.strip() == wanted) for text in responses]


def _final_number(answer: str, place: str) -> Verifier:
    """GSM8K's rule: the number behind the last ``####`` decides; the answer may be the number alone."""
    wanted = _number_at_end(answer)
    wanted = _number(answer) if wanted is None else wanted
    if wanted is None:
        raise TrainerError(f'{place}: the answer {answer[-40:]!r} is no number and does not end in "#### N".')
    return lambda responses: [float(_number_at_end(text) == wanted) for text in responses]


def _number_at_end(text: str) -> Decimal | None:
    _, mark, end = text.rpartition("####")
    return _number(end) if mark else None


def _number(text: str) -> Decimal | None:
    """``$1,234.50`` and ``1234.5`` are one number; anything around it makes it none."""
    try:
        number = Decimal(text.strip().removesuffix(".").replace(",", "").replace("$", "").rstrip("%"))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _is_json(text: str) -> bool:
    fenced = re.fullmatch(r"```(?:json)?\s*(.*?)\s*```", text.strip(), re.DOTALL | re.IGNORECASE)
    try:
        json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError):
        return False
    return True


def _words(text: str) -> int:
    return len(re.findall(r"\w+", text))


_CONSTRAINTS: dict[str, tuple[type, Callable[[str, Any], bool]]] = {
    "no_comma": (bool, lambda text, wanted: ("," not in text) == wanted),
    "json": (bool, lambda text, wanted: _is_json(text) == wanted),
    "lowercase": (bool, lambda text, wanted: (text == text.lower()) == wanted),
    "uppercase": (bool, lambda text, wanted: (text == text.upper()) == wanted),
    "min_words": (int, lambda text, least: _words(text) >= least),
    "max_words": (int, lambda text, most: _words(text) <= most),
    "paragraphs": (int, lambda text, number: len([p for p in re.split(r"\n\s*\n", text) if p.strip()]) == number),
    "keywords": (list, lambda text, words: all(re.search(rf"\b{re.escape(w)}\b", text, re.IGNORECASE) for w in words)),
    "forbidden": (
        list,
        lambda text, words: not any(re.search(rf"\b{re.escape(w)}\b", text, re.IGNORECASE) for w in words),
    ),
    "ends_with": (str, lambda text, end: text.rstrip().endswith(end)),
}
"""Constraints that are checked by counting, in the manner of IFEval (arXiv 2311.07911), and the type of what each
needs. A word is a run of letters, digits and underscores."""


def _constraint(name: str, value: Any, place: str) -> Callable[[str], bool]:
    if name not in _CONSTRAINTS:
        raise TrainerError(f"{place}: there is no constraint {name!r}. Known are {', '.join(_CONSTRAINTS)}.")
    kind, check = _CONSTRAINTS[name]
    if type(value) is not kind or (isinstance(value, list) and not all(isinstance(item, str) for item in value)):
        raise TrainerError(f"{place}: {name} needs a {'list of words' if kind is list else kind.__name__}.")
    return lambda text: check(text, value)
