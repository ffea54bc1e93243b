"""Uploaded files kept at once, so that a form that is refused does not lose them."""

from collections.abc import Sequence
from typing import Protocol

from postroad.core.revision import KeptFile, NewFile, file_faults
from postroad.core.saved import Refused


class FileStore(Protocol):
    def keep_file(self, file: NewFile) -> KeptFile: ...


def keep_files(
    store: FileStore, kept: Sequence[KeptFile], new: Sequence[NewFile]
) -> tuple[KeptFile, ...] | Refused:
    """All of them, or none where one is no fit attachment or they are too large together."""
    faults = file_faults((*kept, *new))
    if faults:
        return Refused(faults)
    return (*kept, *(store.keep_file(file) for file in new))
