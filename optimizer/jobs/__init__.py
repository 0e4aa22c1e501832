"""Independent jobs: in this process, in several, on a cluster; and the time they have."""
