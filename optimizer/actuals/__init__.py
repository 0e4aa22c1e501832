"""A plan held against what came of it: line by line, why, and how it will end."""
