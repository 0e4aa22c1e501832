"""A scenario as numbers: packages of creators, rules and rows. No solver."""
