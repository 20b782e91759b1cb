"""The sample crawl: some four hundred pages that we wrote, with one of everything that a mill must deal with.

``write_sample`` writes WARC files and an answer sheet, ``read_expectations`` reads the answer sheet back; the module
``outcome`` compares a run with it.
"""

from __future__ import annotations

from gristmill.sample.crawl import write_sample
from gristmill.sample.expectations import Expectation, read_expectations

__all__ = ["Expectation", "read_expectations", "write_sample"]
