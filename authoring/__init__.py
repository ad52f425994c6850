"""The sources of the notebooks and the program that builds them."""
