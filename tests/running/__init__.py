"""What tests of every folder use to start real programs: ports, waiting, gunicorn, HAProxy, PostgreSQL."""
