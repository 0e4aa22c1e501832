"""Plans from bold to safe."""
