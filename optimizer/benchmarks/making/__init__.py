"""How the packaged benchmark set is made from its sources: `python -m optimizer.benchmarks.making`."""
