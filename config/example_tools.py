"""The functions behind tools.yaml and programs.yaml: they compute, and touch neither files nor the network."""

from __future__ import annotations

import asyncio
from collections.abc import Generator

_METRES = {"m": 1.0, "km": 1000.0, "mi": 1609.344, "ft": 0.3048}
_GRAMS = {"g": 1.0, "kg": 1000.0, "lb": 453.59237, "oz": 28.349523125}
_TO_CELSIUS = {"celsius": (1.0, 0.0), "fahrenheit": (5 / 9, -160 / 9), "kelvin": (1.0, -273.15)}


def convert_units(amount: float, from_unit: str, to_unit: str) -> dict[str, float | str]:
    """`amount` of `from_unit` in `to_unit`. Raises ValueError when the two do not measure the same."""
    for factors in (_METRES, _GRAMS):
        if from_unit in factors and to_unit in factors:
            return _result(amount * factors[from_unit] / factors[to_unit], to_unit)
    if from_unit in _TO_CELSIUS and to_unit in _TO_CELSIUS:
        factor, offset = _TO_CELSIUS[from_unit]
        target_factor, target_offset = _TO_CELSIUS[to_unit]
        return _result((amount * factor + offset - target_offset) / target_factor, to_unit)
    raise ValueError(f"cannot convert {from_unit} into {to_unit}")


def word_count(text: str) -> dict[str, int]:
    """How many words, lines and characters (code points) `text` has."""
    return {"words": len(text.split()), "lines": len(text.splitlines()), "characters": len(text)}


async def pause(seconds: float) -> dict[str, float]:
    """Wait for some seconds. Print when it begins, which is shown with the call."""
    print(f"waiting for {seconds:g} s")
    await asyncio.sleep(seconds)
    return {"waited_seconds": seconds}


def count_primes(below: int) -> Generator[float | str, None, dict[str, int]]:
    """How many primes there are below a number; how far it is, from 0 to 1, on the way."""
    is_prime = bytearray([1]) * below
    is_prime[:2] = bytes(2)
    yield "sieving"
    for number in range(2, below):
        if is_prime[number]:
            is_prime[number * number :: number] = bytes(len(range(number * number, below, number)))
        if number % 50_000 == 0:
            yield number / below
    return {"primes": sum(is_prime), "below": below}


def _result(amount: float, unit: str) -> dict[str, float | str]:
    return {"amount": round(amount, 6), "unit": unit}
