"""A comparison as CSV: one row for each figure of each scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from optimizer.finance.compare.comparison import Comparison, share_of_change
from optimizer.language.measures import unit_of


def comparison_rows(comparison: Comparison) -> Iterator[Iterable[object]]:
    """The header and a row for each measure of each scenario; numbers unrounded, unknown ones empty."""
    yield "section", "item", "measure", "unit", "scenario", "value", "difference", "share", "note"
    names = [column.name for column in comparison.columns]
    for column in comparison.columns:
        yield "status", "", "", "", column.name, column.status, None, None, column.message
    for figure in comparison.figures:
        rows = zip(names, figure.values, figure.differences, figure.shares, strict=True)
        for name, value, difference, share in rows:
            yield "result", "", figure.measure, figure.unit, name, value, difference, share, ""
    if comparison.risk is not None:
        for measure, ranges in comparison.risk.measures.items():
            unit = unit_of(measure, comparison.currency)
            for item in ("p10", "p50", "p90", "mean", "sd"):
                for name, found in zip(names, ranges, strict=True):
                    if found is not None:
                        yield "range", item, measure, unit, name, getattr(found, item), None, None, ""
        for name, beats in zip(names, comparison.risk.beats, strict=True):
            if beats is not None:
                yield "chance", f"beats {names[0]}", comparison.measure, "", name, beats, None, None, ""
    for section, groups in (("tier", comparison.by_tier), ("platform", comparison.by_platform)):
        for group in groups:
            for measure, values in (
                ("creators", group.creators),
                ("cost", group.cost),
                (comparison.result_measure, group.result),
            ):
                unit = unit_of(measure, comparison.currency)
                for name, value in zip(names, values, strict=True):
                    base = values[0]
                    change = None if value is None or base is None else value - base
                    share = share_of_change(change, base)
                    yield section, group.group, measure, unit, name, value, change, share, ""
    for segment in comparison.segments:
        base = segment.reached[0]
        for name, value in zip(names, segment.reached, strict=True):
            change = None if value is None or base is None else value - base
            yield (
                "segment",
                segment.name,
                "reach",
                "people",
                name,
                value,
                change,
                share_of_change(change, base),
                "",
            )
    for limit in comparison.limits:
        for name, result in zip(names, limit.columns, strict=True):
            if result is not None:
                unit = unit_of(limit.measure, comparison.currency)
                note = "binding" if result.binding else ""
                yield "limit", limit.name, limit.measure, unit, name, result.value, None, None, note
    for changed in comparison.inputs:
        for name, text in zip(names, changed.values, strict=True):
            yield "input", changed.label, changed.group, "", name, text, None, None, ""
    for bridge in comparison.bridges:
        for measured_by in bridge.measures:
            for part, cause in zip(measured_by.parts, bridge.groups, strict=True):
                unit = measured_by.unit
                yield "bridge", cause.key, measured_by.measure, unit, bridge.other, part, None, None, ""
