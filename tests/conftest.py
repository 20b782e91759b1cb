"""Property tests draw the same examples every time: a red run is the change's doing."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_make_parametrize_id(config: object, val: object, argname: str) -> str | None:
    """Archives made while tests are collected have the time in them: by their bytes a test would have another name in
    each process, and processes that share the tests must agree on the names."""
    return argname if isinstance(val, bytes) and len(val) > 12 else None
