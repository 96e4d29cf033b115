"""What is in documents: one folder for each family of formats. Runs in the sandbox alone."""
