"""Plan -> text, Markdown, CSV, JSON, HTML table. A plan knows numbers; this package knows words."""
