"""A model of the heap: freed memory stays in the process, and is reused where an array fits."""

from __future__ import annotations

from bisect import insort
from typing import NamedTuple


class Allocation(NamedTuple):
    """A piece of memory: in the heap, or mapped on its own (`begin` is None)."""

    begin: int | None
    nbytes: int


class Heap:
    """The allocator's memory; an allocation takes the smallest gap that is large enough.

    Source:  malloc(3) of glibc, with the thresholds of `threads`
    """

    def __init__(self, mmap_threshold: int) -> None:
        self.peak_bytes = 0
        """Most bytes at any time."""
        self._mmap_threshold = mmap_threshold
        self._end = self._highest = self._own = self._gone = 0
        self._gaps: list[tuple[int, int]] = []  # begin and end, in order

    def allocate(self, nbytes: int) -> Allocation:
        """Allocate memory for an array."""
        fitting = [(end - begin, begin) for begin, end in self._gaps if end - begin >= nbytes]
        begin: int | None
        if fitting:
            size, begin = min(fitting)
            self._gaps.remove((begin, begin + size))
            if size > nbytes:
                insort(self._gaps, (begin + nbytes, begin + size))
        elif nbytes >= self._mmap_threshold and self._end + nbytes > self._highest:
            begin = None
            self._own += nbytes
        else:
            begin = self._end
            self._end += nbytes
            self._highest = max(self._highest, self._end)
        self.peak_bytes = max(self.peak_bytes, self._highest - self._gone + self._own)
        return Allocation(begin, nbytes)

    def free(self, place: Allocation) -> None:
        """Free an allocation: mapped memory goes back to the system, memory of the heap becomes a gap."""
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
        """Return gaps and the end of the heap to the system, as `malloc_trim` does."""
        self._gone += sum(end - begin for begin, end in self._gaps)
        self._gaps.clear()
        self._highest = self._end
