"""Many runs of the command as processes, at a tenth of the price: a process that has loaded every library is copied
(`fork`) for each run, and the copy is the command from `main()` to the end of its process.

What a run reads and writes are its own file descriptors 0, 1 and 2, so C code is seen as well, and what is held back
in buffers until a process ends. What only a new interpreter shows (its start, the installed script, encodings) is for
`tests.shell.optimize`, which is also what runs where there is no safe `fork`.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optimizer
from tests.shell import ROOT, Ran, end, environment
from tests.shell import optimize as optimize_anew

PLANTED = ROOT / "tests" / "planted"
LOADED = ("numpy", "pulp", "highspy", "pydantic", "yaml", "xlsxwriter", "jinja2")
LONGEST = 60


def chatty(log: Path) -> dict[str, str]:
    """The environment in which every solver talks on standard output (see tests/planted/sitecustomize.py)."""
    return {"PYTHONPATH": str(PLANTED), "PLANTED_LOG": str(log)}


class Forked:
    """Runs the command in copies of one loaded process.

    Example:
        ran = forked.optimize("tiny.yaml", "--format", "json", cwd=folder, planted=log)
    """

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        if sys.platform == "linux":
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.forked"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                env=environment({"OPENBLAS_NUM_THREADS": "1"}), start_new_session=True,
            )  # fmt: skip

    def optimize(
        self, *words: str, cwd: Path, planted: Path | None = None, drawn: bool = True, workers: bool = True
    ) -> Ran:
        """Run the command to its end.

        Args:
            words: arguments.
            cwd: the folder it runs in; it must be writable.
            planted: where every solver is to talk on standard output, the file that notes each time.
            drawn: False for pages without pictures, which would take seconds.
            workers: False where it must do all by itself, though it may have processes for that.
        """
        if self._server is None:
            return optimize_anew(*words, cwd=cwd, env=None if planted is None else chatty(planted))
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        job = {"words": words, "cwd": str(cwd), "planted": planted and str(planted), "drawn": drawn,
               "workers": workers}  # fmt: skip
        self._server.stdin.write(json.dumps(job).encode() + b"\n")
        self._server.stdin.flush()
        assert select.select([self._server.stdout], [], [], LONGEST + 10)[0], f"no end: {words}"
        answer = json.loads(self._server.stdout.readline())
        streams = [Path(cwd, name) for name in ("stream.1", "stream.2")]
        ran = Ran(answer["code"], *(stream.read_bytes() for stream in streams))
        for stream in streams:
            stream.unlink()
        return ran

    def close(self) -> None:
        """End the loaded process."""
        if self._server is not None:
            end(self._server)


@contextlib.contextmanager
def forked_command() -> Iterator[Forked]:
    """A `Forked` that is closed at the end."""
    forked = Forked()
    try:
        yield forked
    finally:
        forked.close()


def _modules() -> Iterator[str]:
    """Every module of the product, by name."""
    for found in pkgutil.walk_packages(optimizer.__path__, "optimizer."):
        if not found.name.endswith(".__main__"):
            yield found.name


def _build_models() -> None:
    """What checks the values of each model, which every copy would build for itself when it makes the first one."""
    from optimizer.language.records import Deferred

    left = [Deferred]
    while left:
        model = left.pop()
        left += model.__subclasses__()
        model.model_rebuild()


def _serve() -> None:
    for name in (*LOADED, *_modules()):
        importlib.import_module(name)
    _build_models()
    gc.freeze()  # so that no copy looks through it, which would copy its pages, too
    answers = os.fdopen(os.dup(1), "w")
    os.set_inheritable(answers.fileno(), False)
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(job)  # does not return: it ends as the command ends
        _, status = os.waitpid(child, 0)
        answers.write(json.dumps({"code": os.waitstatus_to_exitcode(status)}) + "\n")
        answers.flush()


def _become(job: dict[str, Any]) -> None:
    signal.alarm(LONGEST)
    os.chdir(job["cwd"])
    for number, name, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, "stream.1", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, "stream.2", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(name, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    if job["planted"]:
        import highspy

        os.environ |= chatty(job["planted"])  # for workers
        sys.path.insert(0, str(PLANTED))
        sys.modules.pop("sitecustomize", None)
        importlib.import_module("sitecustomize").make_chatty(highspy)
    if not job["drawn"]:
        from optimizer.report.page import render

        render._vl_convert = NoPictures
    if not job["workers"]:
        from optimizer.jobs import processes

        processes.processors = lambda: 1
    sys.argv = ["optimize", *job["words"]]
    from optimizer.cli.main import main

    main()


class NoPictures:
    """Stands for vl_convert, which takes seconds."""

    def vegalite_to_svg(self, spec: Any) -> str:
        return "<svg></svg>"

    def vegalite_to_png(self, *words: Any, **options: Any) -> bytes:
        return b""

    def javascript_bundle(self) -> str:
        return ""


if __name__ == "__main__":
    _serve()
