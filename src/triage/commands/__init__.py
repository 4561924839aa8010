"""The commands: options in, formatting and exit codes out; the work is in `service`."""
