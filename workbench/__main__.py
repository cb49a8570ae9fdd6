"""The command `workbench`, and `python -m workbench`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the program with the arguments of the process; exit with its code, with 130 when it was interrupted."""
    first_keys = None
    try:  # imports included: they take time in which Ctrl+C may come
        from workbench.commands import opens_screen

        if opens_screen(sys.argv[1:], os.environ.get("TERM", "")):
            from workbench.startup.first_keys import FirstKeys

            first_keys = FirstKeys.hold()
        from workbench.cli import run
        from workbench.secrets.keys import KEY_VARIABLES
        from workbench.secrets.own_process import hide_process, withhold

        hide_process()
        environ = dict(os.environ)
        withhold(KEY_VARIABLES, environ)
        code = run(sys.argv[1:], environ, first_keys)
        gc.freeze()  # what is left ends with the process: nobody waits until it has been looked through
        sys.exit(code)
    except KeyboardInterrupt:  # while modules are still being imported, or after the last word
        sys.exit(130)
    except ImportError as error:  # the program itself cannot be loaded, and so neither what writes a report
        sys.exit(f"workbench: cannot be loaded: {error}. Install it again.")
    finally:
        if first_keys is not None:
            first_keys.give_back()


if __name__ == "__main__":
    main()
