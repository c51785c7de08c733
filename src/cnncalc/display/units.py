"""Large numbers, short: with decimal prefixes for counts and binary ones for bytes."""

from __future__ import annotations


def count(number: int) -> str:
    """A count with a decimal prefix: 15.47 G."""
    return _scaled(number, 1000, ("", "k", "M", "G", "T", "P", "E"))


def size(nbytes: int) -> str:
    """Bytes with a binary prefix: 527.79 MiB."""
    return _scaled(nbytes, 1024, ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"))


def _scaled(number: int, base: int, units: tuple[str, ...]) -> str:
    power = 0
    while power + 1 < len(units) and number >= base ** (power + 1):
        power += 1
    if power == 0:
        return f"{number} {units[0]}".strip()
    return f"{number / base**power:,.2f} {units[power]}"
