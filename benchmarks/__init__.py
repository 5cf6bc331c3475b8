"""What is fast is measured here, as ratios within one run; `python -m benchmarks` prints the table."""
