"""Questions made up for the measurement, in the layouts of public test sets. None of them is from a real set."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

GSM8K = [
    "Greta's mill grinds 48 sacks of barley on Monday and half as many on Tuesday. If each sack yields 30 pounds of flour, how many pounds of flour does she have on Tuesday evening?",
    "A ferry carries 14 cars at a time and crosses the lake every 35 minutes. How many cars can it carry across between eight in the morning and noon?",
    "Ines plants 6 rows of leeks with 22 leeks in each row. Hares eat a quarter of them, and she sells the rest for 3 dollars each. How much money does Ines make?",
    "Three bell ringers share 210 dollars so that the first gets twice as much as the second and the third gets 10 dollars more than the second. How much does the first one get?",
    "Tobias reads 18 pages on each weekday and 40 pages on each day of the weekend. How many weeks does he need for a book of 1,020 pages?",
    "A baker needs 450 grams of flour for one loaf and 90 grams for one roll. How many rolls can she bake from what is left of 5 kilograms after nine loaves?",
]
MMLU = [
    ("Which enzyme unwinds the double helix of DNA?", ["helicase", "ligase", "primase", "topoisomerase"]),
    ("In which of these soils does water drain most slowly?", ["gravel", "clay", "coarse sand", "loam"]),
    ("A lens with negative optical power", ["always magnifies", "diverges parallel light", "has two equal focal lengths", "inverts every image"]),
    ("Who may dissolve the assembly under the constitution of the fictional state of Valdoria?", ["the regent alone", "the regent on the advice of the council", "two thirds of the council", "nobody"]),
    ("The marginal cost curve of a firm meets its average cost curve", ["at the minimum of average cost", "at the maximum of average cost", "where profit is zero", "nowhere"]),
    ("A patient who was bitten by a tick shows a spreading ring of red skin; the most likely cause is", ["Borrelia", "Salmonella", "a mite", "contact dermatitis"]),
    ("Let G be a group of order 77. How many elements of order 7 does G have?", ["6", "7", "11", "76"]),
    ("Capital of Burkina Faso?", ["Bobo-Dioulasso", "Ouagadougou", "Niamey", "Koudougou"]),
    ("What did the treaty of Tordesillas divide?", ["newly found lands", "church revenues", "fishing rights", "the crown of Navarre"]),
    ("Which statement about sorting algorithms is correct?", ["heapsort is stable", "mergesort needs additional memory for arrays", "quicksort never takes quadratic time", "insertion sort is optimal"]),
]  # fmt: skip
HUMANEVAL = [
    ('def rotate_sacks(sacks: list, turns: int) -> list:\n    """Rotate the list of sacks to the left by so many turns; a negative number rotates it to the right.\n    >>> rotate_sacks([1, 2, 3], 1)\n    [2, 3, 1]\n    """\n', "    if not sacks:\n        return []\n    shift = turns % len(sacks)\n    return sacks[shift:] + sacks[:shift]\n"),
    ('def longest_plateau(heights):\n    """Return the length of the longest run of equal heights.\n    >>> longest_plateau([2, 2, 3, 3, 3, 1])\n    3\n    """\n', "    best = run = 0\n    previous = None\n    for height in heights:\n        run = run + 1 if height == previous else 1\n        best, previous = max(best, run), height\n    return best\n"),
    ('def vowels_in_order(word: str) -> bool:\n    """Tell whether the vowels of a word come in alphabetical order, repeated ones allowed.\n    >>> vowels_in_order("abstemious")\n    True\n    """\n', "    vowels = [letter for letter in word.lower() if letter in 'aeiou']\n    return vowels == sorted(vowels)\n"),
]  # fmt: skip
BBH = [
    "Oskar lies. Wilma says Oskar tells the truth. Ignaz says Wilma lies. Paula says Ignaz lies. Does Paula tell the truth?",
    "On a shelf stand five jars: plum, quince, rhubarb, sloe and walnut. The sloe jar is left of the plum jar. The quince jar is second from the right. Which jar is leftmost?\nOptions:\n(A) The plum jar is the leftmost\n(B) The sloe jar is the leftmost",
    "Today the miller's anniversary was moved two days ahead of the third of May, 1998. What is the date a week from today in MM/DD/YYYY?",
]
AGIEVAL = [
    ("The weir of Talbach was raised in 1734 against the will of three millers, who sued the abbot for their water and lost, since the deed that they showed had been written by the abbot's own clerk.", "The passage suggests that the deed was", ["(A)forged", "(B)lost", "(C)partial"]),
    ("Every keeper of the northern lights keeps a dog. Some keepers who keep a dog own no boat. Nobody who owns no boat is ever relieved in winter.", "Which of the following can be properly inferred from the statements above?", ["(A)Some keepers of the northern lights may never be relieved in winter", "(B)All dogs travel by boat"]),
]  # fmt: skip
IFEVAL = [
    "Write a limerick about a windmill keeper in exactly five lines, and do not use the letter q anywhere in it.",
    "Explain to a child how tides come about. Your answer must hold at least three bullet points and end with the words: Ask the moon.",
    "Compose a letter of complaint about a late stagecoach. All words shall be in lower case, and the name Barnaby must appear twice.",
    "Give me a summary of the rules of nine men's morris in two paragraphs separated by three asterisks, without commas.",
]


def write(folder: Path) -> dict[str, str]:
    """The sets as files below ``folder``, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gsm8k.jsonl").write_text(_lines([{"question": text, "answer": "#### 0"} for text in GSM8K]))
    with (folder / "mmlu_test.csv").open("w", newline="") as file:
        csv.writer(file).writerows([text, *choices, "A"] for text, choices in MMLU)
    code = [
        {"task_id": f"M/{at}", "prompt": prompt, "canonical_solution": solution}
        for at, (prompt, solution) in enumerate(HUMANEVAL)
    ]
    (folder / "humaneval.jsonl.gz").write_bytes(gzip.compress(_lines(code).encode()))
    (folder / "bbh.json").write_text(
        json.dumps({"canary": "", "examples": [{"input": text, "target": ""} for text in BBH]})
    )
    rows = [
        {"passage": passage, "question": text, "options": options, "label": "A"} for passage, text, options in AGIEVAL
    ]
    (folder / "agieval.jsonl").write_text(_lines(rows))
    (folder / "ifeval.jsonl").write_text(_lines([{"key": at, "prompt": text} for at, text in enumerate(IFEVAL)]))
    (folder / "plain.jsonl").write_text(
        _lines([{"text": "Name the three quarries that built the harbour of Old Saltmouth."}])
    )
    return {
        name: str(next(folder.glob(f"{name}*")))
        for name in ("gsm8k", "mmlu", "humaneval", "bbh", "agieval", "ifeval", "plain")
    }


def _lines(rows: list[dict]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)
