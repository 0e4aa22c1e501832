"""Where a test changes along a line of whole steps: galloping from a guess, then bisecting."""

from __future__ import annotations

from collections.abc import Callable

CLOSE = 0.05
"""The two sides of a change are brought as near to each other as this share of it (or one step)."""


def change(
    test: Callable[[int], bool], start: int, end: int, rough: tuple[int, int] | None
) -> tuple[int, int] | None:
    """Where `test` changes between `start` and `end`, in steps: the last value with the answer at the start, the next.

    None where the answer at the end is that at the start. `rough` is where a cheaper test changed: this one gallops
    from there until the change is bracketed, and bisects until the two sides are close.
    """
    state = test(start)
    if start == end:
        return None
    near, far = (start, end) if rough is None else _bracket(test, state, start, end, rough)
    if far == end and test(end) == state:
        return None
    while abs(far - near) > _close(near):
        middle = (near + far) // 2
        near, far = (middle, far) if test(middle) == state else (near, middle)
    return near, far


def _close(steps: int) -> int:
    """How near the two sides of a threshold are brought, in steps."""
    return max(1, int(abs(steps) * CLOSE + 1e-9))


def _bracket(
    test: Callable[[int], bool], state: bool, start: int, end: int, rough: tuple[int, int]
) -> tuple[int, int]:
    """From a guess, gallop towards the change: a value with the answer at the start, and one beyond it without."""
    way = 1 if end > start else -1
    near, far = start, end
    low, high = rough
    stride = max(_close(low), abs(high - low))
    if low == start or test(low) == state:
        near = low
        while way * (far - near) > stride:
            at = high if near == low and high != low else near + way * stride
            if test(at) != state:
                return near, at
            near, stride = at, stride * 2
        return near, far
    far = low
    while way * (far - near) > stride:
        at = far - way * stride
        if test(at) == state:
            return at, far
        far, stride = at, stride * 2
    return near, far
