"""The parts of `tests/same_output.py`. They use no module of the program, only what it shows."""
