"""`audiences.csv` -> groups of people who follow the same creators: who follows whom, person by person.

    creator,person
    ana,7f3a91
    bo,7f3a91

Any id will do as long as the same person has the same one everywhere; a hash is best, and none is kept.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from optimizer.language.csv_in import Table
from optimizer.language.errors import Problem, ScenarioError
from optimizer.scenario.creator_files import Creators, name_in, plain_header, read_file, told

AT = ("audience", "followers")
_CREATOR = frozenset({"creator", "account", "influencer", "profile", "handle", "channel", "name"})
_PERSON = frozenset({
    "person", "personid", "member", "audiencemember", "follower", "followerid", "user", "userid", "id", "hash",
    "personhash", "hashedid", "userhash", "followerhash",
})  # fmt: skip
COLUMNS_HINT = "the first line names the columns: creator,person"


def read_followers(path: Path, name: str, creators: Creators) -> dict[str, Any]:
    """Plain data of `Followers`: how many people follow exactly which creators of a scenario.

    Args:
        path: the file.
        name: as the scenario writes it.
        creators: of the scenario.

    Raises:
        ScenarioError: with every problem of the file, each with its line.
    """
    table, file = read_file(path, name, AT)
    return parse_followers(table, file, creators)


def parse_followers(table: Table, file: str, creators: Creators) -> dict[str, Any]:
    """As `read_followers`, from rows; `file` is what messages call it."""
    at_creator, at_person = _columns(table, file)
    problems: list[Problem] = []
    of_person: dict[str, set[str]] = {}
    strangers: dict[str, bool] = {}
    ignored = 0
    for row in table.rows:
        creator, person = name_in(row.cells[at_creator]), row.cells[at_person]
        named = creators.named(creator)
        message, hint = "", ""
        if len(row.cells) > len(table.header.cells):
            message, hint = (
                "the line has more values than there are columns",
                'put text with commas in "quotes"',
            )
        elif not creator or not person:
            message = f"the {'name of a creator' if not creator else 'person'} is missing"
        elif named is None and (hint := creators.unclear(creator)):
            message = f"unknown creator {creator!r}"
        if message:
            problems.append(Problem((), message, hint, file=file, line=row.line))
        elif named is None:
            ignored += 1
            strangers[creator] = True
        else:
            of_person.setdefault(person, set()).add(named)
    if problems:
        raise ScenarioError(told(problems, file))
    if not of_person:
        some = ", ".join(repr(name) for name in list(strangers)[:3])
        message = f"no line of {file} has a creator of this scenario; it names {some or 'nobody'}"
        raise ScenarioError([Problem(AT, message, "offers are matched by name (or person)")])
    groups = Counter(tuple(sorted(names)) for names in of_person.values())
    return {
        "groups": [[list(names), float(count)] for names, count in sorted(groups.items())],
        "ignored": float(ignored),
    }


def _columns(table: Table, file: str) -> tuple[int, int]:
    """Where the creator and the person stand.

    Raises:
        ScenarioError: where one is missing or could be two.
    """
    header = [plain_header(cell) for cell in table.header.cells]
    found = []
    for what, known in (("creator", _CREATOR), ("person", _PERSON)):
        places = [i for i, cell in enumerate(header) if cell in known]
        if len(places) != 1:
            many = " and ".join(repr(table.header.cells[i]) for i in places)
            message = f"{many} could all be the {what}" if places else f"there is no column for the {what}"
            raise ScenarioError([Problem((), message, COLUMNS_HINT, file=file, line=table.header.line)])
        found.append(places[0])
    return found[0], found[1]
