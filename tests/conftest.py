"""Property tests draw the same examples every time: a red run is the change's doing."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
