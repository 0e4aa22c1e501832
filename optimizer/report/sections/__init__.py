"""Results as sections: headings, sentences and tables."""
