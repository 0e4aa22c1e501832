"""A Media Plan file -> a scenario."""

from __future__ import annotations

from optimizer.mediaplan.file import own_properties, read_mediaplan
from optimizer.mediaplan.ours import own_scenario
from optimizer.mediaplan.theirs import foreign_scenario


def scenario_from_mediaplan(text: str, *, name: str = "<text>") -> str:
    """The text of a scenario file to start from, made of a media plan file.

    Args:
        text: a JSON file of the Media Plan Open Data Standard, of one of `VERSIONS`.
        name: what messages call the file.

    Returns:
        YAML with comments. It can be planned as it stands where the media plan has all that this needs.

    Raises:
        ScenarioError: with every problem of the file, each with its place in the JSON.
    """
    media_plan = read_mediaplan(text, name=name)
    own = own_properties(media_plan.meta.custom_properties)
    if own is not None and "scenario" in own:
        return own_scenario(media_plan, own, name)

    return foreign_scenario(media_plan, name)
