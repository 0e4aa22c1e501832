"""Benchmark sets: sourced low / typical / high figures that fill what an offer leaves out.

    set_ = load_set("global-2025")                                 # `packaged`
    set_.lookup("cost_per_post", "micro", "instagram", "reel")     # a Figure, or None

`borders` holds where one tier ends and the next begins. `making` is how the packaged set came about.
"""
