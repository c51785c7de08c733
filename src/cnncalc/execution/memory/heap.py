"""Where arrays come to lie: what is freed stays with the process, and is used again where something fits."""

from __future__ import annotations

from bisect import insort
from typing import NamedTuple


class Place(NamedTuple):
    """A piece of memory: in the heap, or of its own."""

    begin: int | None
    nbytes: int


class Heap:
    """The allocator's memory, with the smallest gap taken that is large enough.

    Source:  malloc(3) of glibc, with the thresholds of `threads`
    """

    def __init__(self, own_memory: int) -> None:
        self.most = 0
        """Bytes there ever were at once."""
        self._own_memory = own_memory
        self._end = self._highest = self._own = self._gone = 0
        self._gaps: list[tuple[int, int]] = []  # begin and end, in order

    def take(self, nbytes: int) -> Place:
        """Room for an array."""
        fitting = [(end - begin, begin) for begin, end in self._gaps if end - begin >= nbytes]
        begin: int | None
        if fitting:
            size, begin = min(fitting)
            self._gaps.remove((begin, begin + size))
            if size > nbytes:
                insort(self._gaps, (begin + nbytes, begin + size))
        elif nbytes >= self._own_memory and self._end + nbytes > self._highest:
            begin = None
            self._own += nbytes
        else:
            begin = self._end
            self._end += nbytes
            self._highest = max(self._highest, self._end)
        self.most = max(self.most, self._highest - self._gone + self._own)
        return Place(begin, nbytes)

    def give_back(self, place: Place) -> None:
        """Free it: memory of its own goes back to the system, the rest becomes a gap."""
        begin, nbytes = place
        if begin is None:
            self._own -= nbytes
            return
        end = begin + nbytes
        for gap in [gap for gap in self._gaps if gap[1] == begin or gap[0] == end]:
            self._gaps.remove(gap)
            begin, end = min(begin, gap[0]), max(end, gap[1])
        if end == self._end:
            self._end = begin
        elif end > begin:
            insort(self._gaps, (begin, end))

    def trim(self) -> None:
        """Let the system have what lies in gaps and behind the last array, as `malloc_trim` does."""
        self._gone += sum(end - begin for begin, end in self._gaps)
        self._gaps.clear()
        self._highest = self._end
