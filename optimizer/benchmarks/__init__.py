"""Benchmark sets: sourced low / typical / high figures that fill what an offer leaves out.

    sets = benchmarks_of("global-2026")                                                   # `lookup`
    sets.figure("cost_per_post", Place("micro", "instagram", "reel", 45_000, "IT"))       # a figure, or None

`figures` and `curves` are what a set is made of, `schema` is the set, `answer` what it says of one creator. `borders`
holds where one tier ends and the next begins. `making` is how the packaged set came about.
"""
