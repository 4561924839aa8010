"""What is too large to keep in memory: records in a temporary file, given back in the order of
their keys.
"""

from collections.abc import Callable, Container, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Generic, Protocol, TypeVar

IN_MEMORY = 8_000_000


class SortKey(Protocol):
    """Sorts a record among the others, and names it."""

    @property
    def id(self) -> str: ...

    def __lt__(self, other: Any, /) -> bool: ...


AnySortKey = TypeVar("AnySortKey", bound=SortKey)


class RankedSpool(Generic[AnySortKey]):
    """Records as bytes, added in any order and read in the order of their keys; small ones never
    reach the disk.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        self._places: list[tuple[AnySortKey, int, int]] = []
        self._end = 0

    def add(self, key: AnySortKey, data: bytes) -> None:
        """Keep one record."""
        self._file.seek(self._end)
        self._file.write(data)
        self._places.append((key, self._end, len(data)))
        self._end += len(data)

    def revise(
        self,
        ids: Container[str],
        change: Callable[[AnySortKey, bytes], tuple[AnySortKey, bytes] | None],
    ) -> None:
        """Put other records in the place of those with the ids; None leaves one out."""
        kept = []
        for key, start, size in self._places:
            if key.id not in ids:
                kept.append((key, start, size))
                continue
            self._file.seek(start)
            found = change(key, self._file.read(size))
            if found is not None:
                kept.append((found[0], self._end, len(found[1])))
                self._file.seek(self._end)
                self._end += self._file.write(found[1])
        self._places = kept

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[bytes]:
        for _, start, size in sorted(self._places):
            self._file.seek(start)
            yield self._file.read(size)

    def close(self) -> None:
        """Let go of the temporary file."""
        self._file.close()
