"""Words, numbers and text: what every other room speaks. Knows nothing of scenarios."""
