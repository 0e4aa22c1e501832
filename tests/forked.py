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
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.shell import ROOT, Ran, end, environment, optimize

PLANTED = ROOT / "tests" / "planted"
LOADED = (
    "numpy", "pulp", "highspy", "pydantic", "yaml", "xlsxwriter", "jinja2", "optimizer.cli.commands",
    "optimizer.flow", "optimizer.whatif.explain.explain", "optimizer.whatif.alternatives.alternatives",
    "optimizer.whatif.goal", "optimizer.whatif.replan.replan", "optimizer.whatif.reserves.reserves",
    "optimizer.finance.compare.compare",
    "optimizer.finance.frontier.frontier", "optimizer.report.layout.text", "optimizer.report.page",
    "optimizer.report.workbook", "optimizer.mediaplan.write",
)  # fmt: skip
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

    def optimize(self, *words: str, cwd: Path, planted: Path | None = None, drawn: bool = True) -> Ran:
        """Run the command to its end.

        Args:
            words: arguments.
            cwd: the folder it runs in; it must be writable.
            planted: where every solver is to talk on standard output, the file that notes each time.
            drawn: False for pages without pictures, which would take seconds.
        """
        if self._server is None:
            return optimize(*words, cwd=cwd, env=None if planted is None else chatty(planted))
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        job = {"words": words, "cwd": str(cwd), "planted": planted and str(planted), "drawn": drawn}
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


def _serve() -> None:
    for name in LOADED:
        importlib.import_module(name)
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

        render._vl_convert = _NoPictures
    sys.argv = ["optimize", *job["words"]]
    from optimizer.cli.main import main

    main()


class _NoPictures:
    """Stands for vl_convert."""

    def vegalite_to_svg(self, spec: Any) -> str:
        return "<svg></svg>"

    def vegalite_to_png(self, *words: Any, **options: Any) -> bytes:
        return b""

    def javascript_bundle(self) -> str:
        return ""


if __name__ == "__main__":
    _serve()
