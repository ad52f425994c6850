"""The search: spaces, trials, Ray Tune and Optuna behind one interface, and going on after a kill."""
