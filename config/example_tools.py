"""The functions behind tools.yaml: they compute, and touch neither files nor the network."""

from __future__ import annotations

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


def _result(amount: float, unit: str) -> dict[str, float | str]:
    return {"amount": round(amount, 6), "unit": unit}
