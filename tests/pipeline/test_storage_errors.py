"""What a store's client raises is one sentence; what is ours stays what it is."""

from __future__ import annotations

import re

import pytest

from pipeline.storage_errors import explain


def _named(name: str, module: str, text: str) -> Exception:
    return type(name, (Exception,), {"__module__": module})(text)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ImportError("Install s3fs to access S3"), r"pip install 'gristmill\[s3\]'"),
        (ImportError("Please install gcsfs to access Google Storage"), r"pip install 'gristmill\[gcs\]'"),
        (_named("NoCredentialsError", "botocore.exceptions", "Unable to locate credentials"), "asks for credentials"),
        (_named("EndpointConnectionError", "botocore.exceptions", "Could not connect"), "can't be reached: Could not"),
        (_named("ClientError", "botocore.exceptions", "An error occurred (AccessDenied)"), "denies access"),
        (_named("ClientError", "botocore.exceptions", "An error occurred (SlowDown)"), "refuses: An error"),
        (PermissionError("Access Denied"), "denies access"),
        (FileNotFoundError("The specified bucket does not exist"), "no such bucket"),
    ],
)
def test_stores_get_a_sentence(error: Exception, said: str) -> None:
    found = explain(error)
    assert found is not None and "\n" not in found
    assert re.search(said, found)
    wrapped = RuntimeError("while running a step")
    wrapped.__cause__ = error
    assert explain(wrapped) == found


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), ImportError("No module named 'torch'"), FileNotFoundError(2, "No such file", "a"),
     PermissionError(13, "Permission denied", "/etc/x"), RuntimeError("x"), None],
)  # fmt: skip
def test_other_errors_are_not_of_a_store(error: Exception | None) -> None:
    assert explain(error) is None
