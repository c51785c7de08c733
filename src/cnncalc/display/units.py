"""Short forms of large numbers: decimal prefixes for counts, binary prefixes for bytes."""

from __future__ import annotations


def count(number: int) -> str:
    """A count with a decimal prefix: 15.47 G."""
    return _with_prefix(number, 1000, ("", "k", "M", "G", "T", "P", "E"))


def size(nbytes: int) -> str:
    """Bytes with a binary prefix: 527.79 MiB."""
    return _with_prefix(nbytes, 1024, ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"))


def _with_prefix(number: int, base: int, units: tuple[str, ...]) -> str:
    power = 0
    while power + 1 < len(units) and number >= base ** (power + 1):
        power += 1
    if power == 0:
        return f"{number} {units[0]}".strip()
    return f"{number / base**power:,.2f} {units[power]}"
