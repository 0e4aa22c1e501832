"""Lists of named creators from other tools: a file in, its rows accounted for, offers out."""
