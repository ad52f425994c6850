"""The checks and hints of labs 01 to 06."""
