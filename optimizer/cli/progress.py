"""What is going on, on standard error, while somebody watches."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

PLAIN_SECONDS = 10.0
"""Between two lines where a line cannot be written over."""


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """What is going on, once it takes longer than two seconds: a line that is written over on a terminal, plain lines
    where NO_COLOR asks for no control characters, nothing on a dumb terminal or in a file."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda text: None
        return
    import threading
    import time

    from optimizer.language.numbers import printable

    plain = bool(os.environ.get("NO_COLOR"))
    state = {"text": "reading"}
    began = time.monotonic()
    done = threading.Event()

    def watch() -> None:
        shown = False
        while not done.wait(2.0 if not shown else PLAIN_SECONDS if plain else 0.5):
            shown = True
            line = f"{printable(state['text'])} … {time.monotonic() - began:.0f} s"
            click.echo(line if plain else f"\r{line}\033[K", err=True, nl=plain)
        if shown and not plain:
            click.echo("\r\033[K", err=True, nl=False)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield lambda text: state.update(text=text)
    finally:
        done.set()
        thread.join()
