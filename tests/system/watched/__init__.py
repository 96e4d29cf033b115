"""A folder for PYTHONPATH: the web workers of a test that is given it are watched."""
