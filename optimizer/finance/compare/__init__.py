"""Scenarios side by side, and the bridge from one to another."""
