"""Records too many for memory: kept in a temporary file, read in the order of their keys."""

from collections.abc import Callable, Container, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Generic, Protocol, TypeVar

IN_MEMORY = 8_000_000
"""Bytes up to which nothing is written to disk."""


class SortKey(Protocol):
    """Sorts a record among the others, and names it."""

    @property
    def id(self) -> str: ...

    def __lt__(self, other: Any, /) -> bool: ...


AnySortKey = TypeVar("AnySortKey", bound=SortKey)


class RankedSpool(Generic[AnySortKey]):
    """Records as bytes, added in any order and read in the order of their keys."""

    def __init__(self) -> None:
        self._file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        self._index: list[tuple[AnySortKey, int, int]] = []
        """The key of each record, with its start in the file and its size."""
        self._end = 0

    def add(self, key: AnySortKey, data: bytes) -> None:
        self._index.append(self._written(key, data))

    def _written(self, key: AnySortKey, data: bytes) -> tuple[AnySortKey, int, int]:
        start = self._end
        self._file.seek(start)
        self._end += self._file.write(data)
        return key, start, len(data)

    def revise(
        self,
        ids: Container[str],
        change: Callable[[AnySortKey, bytes], tuple[AnySortKey, bytes] | None],
    ) -> None:
        """Replace the records with these ids by what `change` gives; None drops a record."""
        kept = []
        for key, start, size in self._index:
            if key.id not in ids:
                kept.append((key, start, size))
                continue
            self._file.seek(start)
            changed = change(key, self._file.read(size))
            if changed is not None:
                kept.append(self._written(*changed))
        self._index = kept

    def __len__(self) -> int:
        return len(self._index)

    def __iter__(self) -> Iterator[bytes]:
        for _, start, size in sorted(self._index):
            self._file.seek(start)
            yield self._file.read(size)

    def close(self) -> None:
        """Let go of the temporary file."""
        self._file.close()
