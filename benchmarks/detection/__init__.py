"""What kforge reads off railpack's examples, beside what railpack's own tests expect: `python -m benchmarks.detection`."""
