"""What the names of elements, classes and attributes make of an element, and the hints in addresses of images."""

from __future__ import annotations

from parsers.code_blocks import lines
from parsers.formulas import extraction, images
from parsers.markup.names import AS_ATTRIBUTE, AS_CLASS, AS_TAG, fnv
from parsers.scanner.atom_roots import CODE_BIT, FORMULA_BIT, LINES_BIT, TEX_MATH, image_hints, root_entries
from parsers.scanner.never_text import never_text_entries


def test_each_name_has_the_bits_of_all_lists_that_it_stands_in() -> None:
    entries = root_entries()
    for name in extraction.FORMULA_ROOT_ATTRIBUTES:
        assert entries[fnv(name, AS_ATTRIBUTE)] & int(FORMULA_BIT)
    for name in extraction.TEX_TAGS:
        assert entries[fnv(name, AS_TAG)] == TEX_MATH
    formulas = extraction.FORMULA_ROOT_CLASSES | extraction.FORMULA_PREVIEW_CLASSES
    for word in formulas | lines.CODE_ROOT_CLASSES | lines.CODE_BLOCK_CLASSES:
        bits = entries[fnv(word, AS_CLASS)]
        assert bool(bits & int(FORMULA_BIT)) is (word in formulas)
        assert bool(bits & int(CODE_BIT)) is (word in lines.CODE_ROOT_CLASSES)
        assert bool(bits & int(LINES_BIT)) is (word in lines.CODE_BLOCK_CLASSES)
    for key, value in never_text_entries().items():
        assert entries[key] & value == value
    assert len({int(FORMULA_BIT), int(CODE_BIT), int(LINES_BIT)}) == 3


def test_hints_are_found_by_their_first_byte() -> None:
    table, places = image_hints()
    assert places.shape == (257,) and (table[:, -1] == 0).all()  # each one ends with a 0
    found = []
    for byte in range(256):
        for row in table[places[byte] : places[byte + 1]]:
            assert row[0] == byte
            found.append(bytes(row).rstrip(b"\0").decode())
    assert found == sorted({hint.lower() for hint in images.IMAGE_URL_HINTS})
