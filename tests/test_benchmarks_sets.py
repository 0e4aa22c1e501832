"""Reading benchmark sets: the packaged one, a user's own, and what is wrong with a malformed one."""

import re

import pytest

from optimizer.benchmarks.packaged import load_set, packaged_sets
from optimizer.benchmarks.schema import BenchmarkSet


def test_packaged_sets_and_what_is_none():
    assert packaged_sets() == ("global-2026",)
    assert load_set("global-2026") is load_set("global-2026")
    with pytest.raises(ValueError, match=r"no benchmark set 'global-2025' \(did you mean 'global-2026'\?"):
        load_set("global-2025")
    with pytest.raises(ValueError, match="no benchmark set 'assumptions'"):
        load_set("assumptions")


OWN = """
name: house
as_of: 2026-11-01
figures:
  - {field: cost_per_post, tier: nano, platform: Instagram, low: 40, typical: 60, high: 1k,
     sources: contracts 2026}
  - {field: engagement_rate, tier: nano, typical: 4.2%, base: impressions, years: 2026}
"""


def test_own_set_beside_the_scenario(tmp_path):
    (tmp_path / "rates.yaml").write_text(OWN, encoding="utf-8")
    own = load_set("rates.yaml", tmp_path)
    fee, rate = own.figures
    assert (fee.low, fee.typical, fee.high, fee.unit) == (40, 60, 1000, "USD per post")
    assert fee.sources == ("contracts 2026",)
    assert (rate.low, rate.typical, rate.base, rate.unit) == (
        0.042,
        0.042,
        "impressions",
        "fraction of impressions",
    )
    assert own.lookup("cost_per_post", "nano", "instagram") == fee
    assert (own.as_of, own.currency, own.over) == ("2026-11-01", "USD", "global-2026")
    assert load_set(str(tmp_path / "rates.yaml")) == own
    assert BenchmarkSet.model_validate(own.model_dump(mode="json")) == own


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("figures: 3", "wants `name`, `as_of` and a list `figures`"),
        ("- 1", "wants `name`, `as_of` and a list `figures`"),
        ("figures: [{field: cost, typical: 1}]", "figures[0] (cost): 'cost' is no figure a set can hold"),
        ("figures: [{field: followers}]", "figures[0] (followers): typical is missing"),
        ("figures: [{field: followers, typical: 2, low: 3}]", "must rise; 3, 2, 2 does not"),
        ("figures: [{field: followers, typical: -1}]", "cannot be negative"),
        ("figures: [{field: reach_rate, typical: 12}]", "is a fraction from 0 to 1, so 5% is 0.05 or 5%"),
        ("figures: [{field: reach_rate, typical: 1, base: followers}]", "belongs to engagement_rate"),
        ("figures: [{field: reach_rate, typical: '50,0'}]", "has a decimal comma (write 50.0)"),
        ("figures: [{field: reach_rate, typical: 1, format: reel}]", "a format (reel) needs its platform"),
        ("figures: [{field: reach_rate, typical: 1, plattform: x}]", "key (did you mean 'platform'?)"),
        ("figures: [{field: followers, typical: 1}, {field: followers, typical: 2}]", "two figures for"),
        ("corrections: {fee: half}", "corrections: fee: 'half' is no correction"),
        ("corrections: {fees of all: x 2}", "'fees of all' is no figure a set can hold"),
        ("corrections: [1]", "own.yaml:"),
        ("figures: []\nfigure: 1", "figure: unknown key (did you mean 'figures'?)"),
        ("figures: [}", "own.yaml:"),
        ("figures: &a [*a]", "own.yaml:"),
        ("figures: !!python/object:os.system [ls]", "own.yaml:"),
    ],
)  # fmt: skip
def test_malformed_sets_say_what_is_wrong(tmp_path, text, message):
    head = "" if text == "- 1" else "as_of: 2026-11-01\n"
    (tmp_path / "own.yaml").write_text(head + text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        load_set("own.yaml", tmp_path)
    assert str(caught.value).startswith("benchmark set ")
    assert "own.yaml" in str(caught.value)


def test_sets_that_cannot_be_read(tmp_path):
    with pytest.raises(ValueError, match=r"benchmark set \./none\.yaml: cannot be read"):
        load_set("./none.yaml", tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9")
    with pytest.raises(ValueError, match="is not UTF-8 text"):
        load_set("latin.yaml", tmp_path)
    (tmp_path / "large.yaml").write_bytes(b"#" * 20_000_001)
    with pytest.raises(ValueError, match="larger than 20 MB"):
        load_set("large.yaml", tmp_path)
