"""The checks and hints of labs 40 to 42."""
