"""What several tests and the verification share: graphs, statistics, checks, faults."""
