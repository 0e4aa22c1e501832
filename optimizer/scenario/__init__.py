"""What can be written in a scenario, and how it is read, changed and checked as it stands."""
