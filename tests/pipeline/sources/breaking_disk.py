"""A disk that breaks while a file is read, for tests that no reader takes that for a damaged file."""

from __future__ import annotations

import errno
import io


class BreakingDisk(io.BytesIO):
    """A file of which so many reads succeed; ``left`` is below 0 once one has failed."""

    def __init__(self, data: bytes, reads: int):
        super().__init__(data)
        self.left = reads

    def read(self, size: int | None = -1) -> bytes:
        self._count()
        return super().read(size)

    def readinto(self, buffer) -> int:
        self._count()
        return super().readinto(buffer)

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.EIO, "Input/output error")
