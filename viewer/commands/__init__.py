"""The command line's commands, one module a topic; `viewer/cli.py` puts them together."""
