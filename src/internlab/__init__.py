"""internlab: the library behind a Jupyter teaching kit on how AI-research interns work."""
