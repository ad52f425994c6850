"""The search: spaces, trials, Ray Tune and Optuna, and how it goes on after a kill."""
