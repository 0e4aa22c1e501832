"""Sections as text, Markdown and CSV."""
