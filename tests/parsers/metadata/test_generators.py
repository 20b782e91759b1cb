"""Which programs write documentation."""

from __future__ import annotations

import pytest

from parsers.metadata.generators import DOCUMENTATION_GENERATOR


@pytest.mark.parametrize(
    "generator",
    [
        "rustdoc",
        "Docusaurus v2.4.1",
        "mkdocs-1.5.3, mkdocs-material-9.4",
        "Doxygen 1.9.8",
        "Sphinx 7.2",
        "Asciidoctor 2",
    ],
)
def test_tools_for_documentation_in_any_case_and_version(generator: str) -> None:
    assert DOCUMENTATION_GENERATOR.search(generator)
    assert DOCUMENTATION_GENERATOR.search(generator.upper())


@pytest.mark.parametrize("generator", ["", "WordPress 6.4", "Hugo 0.119", "Jekyll v4.3", "MediaWiki 1.41", "Doc"])
def test_programs_for_all_kinds_of_pages_are_none(generator: str) -> None:
    assert not DOCUMENTATION_GENERATOR.search(generator)
