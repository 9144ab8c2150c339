"""Virtual cohorts: draw people, follow them, write what happened."""
