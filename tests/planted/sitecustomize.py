"""A planted fault: every solver of a process talks on standard output, in all the ways that C code can.

Python runs this file at its start where its folder is on PYTHONPATH, so it also reaches worker processes. From then on
whatever `highspy.Highs()` is made cannot be told to be silent, prints when it is made and when it runs, past Python
(`write`) and through C's own buffer (`puts`, which is held back until somebody flushes it, at the latest at the end
of the process). Each run is noted in the file that PLANTED_LOG names, as the number of its process, so that a test
knows that there was something to hear.
"""

from __future__ import annotations

import ctypes
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from typing import Any

MARK = b"PLANTED"


def make_chatty(highspy: Any) -> None:
    """Replace `highspy.Highs`."""
    c = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    quiet = highspy.Highs

    class Chatty(quiet):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            os.write(1, MARK + b" by a constructor\n")
            c.puts(MARK + b" by a constructor, held back")
            super().__init__()
            for option in ("output_flag", "log_to_console"):
                super().setOptionValue(option, True)

        def setOptionValue(self, option: str, value: Any) -> Any:  # noqa: N802 (the solver's name)
            if option in ("output_flag", "log_to_console"):
                return highspy.HighsStatus.kOk
            return super().setOptionValue(option, value)

        def run(self) -> Any:
            os.write(1, MARK + b" by a run\n")
            c.puts(MARK + b" by a run, held back")
            if "PLANTED_LOG" in os.environ:
                with open(os.environ["PLANTED_LOG"], "a", encoding="ascii") as log:
                    log.write(f"{os.getpid()}\n")
            status = super().run()
            c.puts(MARK + b" after a run, held back")
            return status

    highspy.Highs = Chatty


class _Loader(importlib.abc.Loader):
    """Loads highspy as it would be loaded, then makes it talk."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def create_module(self, spec: Any) -> Any:
        return self._real.create_module(spec)

    def exec_module(self, module: Any) -> None:
        self._real.exec_module(module)
        make_chatty(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name != "highspy":
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)  # some only ask whether the module is there
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


if __name__ == "sitecustomize":
    sys.meta_path.insert(0, _Finder())
