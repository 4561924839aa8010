"""Records too many for memory: kept in a temporary file, read in the order of their keys."""

from collections.abc import Callable, Container, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Generic, Protocol, TypeVar

IN_MEMORY = 8_000_000
"""Bytes up to which nothing is written to disk."""

AT_ONCE = 1_000_000
"""Bytes that are gathered of changed records before they are written."""

Place = tuple[int, int]
"""Where bytes are in the file: the first of them, and how many they are."""


class SortKey(Protocol):
    """Sorts a record among the others, and names it."""

    @property
    def id(self) -> str: ...

    def __lt__(self, other: Any, /) -> bool: ...


AnySortKey = TypeVar("AnySortKey", bound=SortKey)


class RankedSpool(Generic[AnySortKey]):
    """Records as bytes, added in any order and read in the order of their keys.

    A record may have a `bulk`, which is kept apart: it is not read to revise the record.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        self._index: list[tuple[AnySortKey, Place, Place]] = []
        """The key of each record, with where its data and its bulk are."""
        self._end = 0

    def add(self, key: AnySortKey, data: bytes, bulk: bytes = b"") -> None:
        start, size = self._written(data + bulk)
        self._index.append((key, (start, len(data)), (start + len(data), size - len(data))))

    def _written(self, data: bytes | bytearray) -> Place:
        start = self._end
        self._file.seek(start)
        self._end += self._file.write(data)
        return start, len(data)

    def _read(self, place: Place) -> bytes:
        start, size = place
        self._file.seek(start)
        return self._file.read(size)

    def revise(
        self,
        ids: Container[str],
        change: Callable[[AnySortKey, bytes], tuple[AnySortKey, bytes] | None],
    ) -> None:
        """Replace the data of the records with these ids by what `change` gives.

        None drops a record.
        """
        kept, changed = [], bytearray()
        for key, data, bulk in self._index:
            if key.id not in ids:
                kept.append((key, data, bulk))
                continue
            record = change(key, self._read(data))
            if record is None:
                continue
            kept.append((record[0], (self._end + len(changed), len(record[1])), bulk))
            changed += record[1]
            # Writing now and then is faster than going back and forth in the file.
            if len(changed) > AT_ONCE:
                self._written(changed)
                changed.clear()
        self._written(changed)
        self._index = kept

    def __len__(self) -> int:
        return len(self._index)

    def __iter__(self) -> Iterator[bytes]:
        """The data of each record."""
        return (data for data, _ in self.records())

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """The data and the bulk of each record."""
        for _, data, bulk in sorted(self._index):
            yield self._read(data), self._read(bulk) if bulk[1] else b""

    def close(self) -> None:
        """Let go of the temporary file."""
        self._file.close()
