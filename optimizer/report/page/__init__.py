"""Results as self-contained pages with charts (extra `report`)."""
