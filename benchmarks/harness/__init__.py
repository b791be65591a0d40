"""What `benchmarks/run` is made of. Standard library alone, but for the plots."""
