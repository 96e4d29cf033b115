"""Where document bytes are read: child processes that hold nothing and may do nothing."""
