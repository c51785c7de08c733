"""Short forms of large numbers: decimal prefixes for counts, binary prefixes for bytes."""

from __future__ import annotations

from collections.abc import Sequence

DECIMAL = ("", "k", "M", "G", "T", "P", "E")
BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")

EXACT_BELOW = 10_000
"""Numbers of up to 4 digits, which `rounded` leaves as they are."""


def count(number: int) -> str:
    """A count with a decimal prefix: 15.47 G."""
    return _with_prefix(number, 1000, DECIMAL)


def size(nbytes: int) -> str:
    """Bytes with a binary prefix: 527.79 MiB."""
    return _with_prefix(nbytes, 1024, BINARY)


def rounded(number: int, unit: str) -> str:
    """A number in 4 significant digits: 102.8M, 9,408; `unit` bytes with a binary prefix: 12.25MiB."""
    if number < EXACT_BELOW:
        return f"{number:,}"
    base, units = (1024, BINARY) if unit == "bytes" else (1000, DECIMAL)
    power = 1
    while power + 1 < len(units) and float(f"{number / base**power:.4g}") >= base:
        power += 1
    value = number / base**power
    decimals = next((places for places in (3, 2, 1) if len(f"{value:.{places}f}") <= len("1.234")), 0)
    return f"{value:.{decimals}f}{units[power]}"


def _with_prefix(number: int, base: int, units: Sequence[str]) -> str:
    power = 0
    while power + 1 < len(units) and number >= base ** (power + 1):
        power += 1
    if power == 0:
        return f"{number} {units[0]}".strip()
    return f"{number / base**power:,.2f} {units[power]}"
