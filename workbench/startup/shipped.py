"""What travels with the program: the handbook and the examples. Owns where they are found.

In a checkout, and so in an editable installation, they are its folder `config`; in any other installation they are part
of the package. Reads nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import workbench
from workbench.paths import is_file

IN_PACKAGE: Final = "shipped"  # as pyproject.toml has it
IN_CHECKOUT: Final = "config"
HANDBOOK: Final = "docs.yaml"


def handbook() -> Path | None:
    """The documents file with the handbook as its only set; None where somebody took it away."""
    package = Path(workbench.__file__).parent
    places = (package / IN_PACKAGE / HANDBOOK, package.parent / IN_CHECKOUT / HANDBOOK)
    return next((place for place in places if is_file(place)), None)
