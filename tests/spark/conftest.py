"""One Spark cluster for all tests that ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.spark.cluster import SparkCluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[SparkCluster]:
    with SparkCluster() as running:
        yield running
