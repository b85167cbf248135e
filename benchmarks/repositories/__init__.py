"""Foreign repositories, drafted, built, performed: `python -m benchmarks.repositories`."""
