"""What is wrong with the `keys` of settings: the screen knows the actions, the settings know the places."""

from __future__ import annotations

from workbench.config.rebindings import Rebindings
from workbench.errors import ConfigurationError, Problem


def wrong_keys(keys: Rebindings) -> list[Problem]:
    """Every problem of the keys that the settings give to actions; imports nothing when they give none."""
    if not keys:
        return []
    from workbench.ui.key_problems import key_problems

    return [keys.problem(each.message, each.hint, action=each.id, key=each.key) for each in key_problems(keys)]


def refuse_wrong_keys(keys: Rebindings) -> None:
    """Raise ConfigurationError with all that is wrong with the keys."""
    if problems := wrong_keys(keys):
        raise ConfigurationError(problems)
