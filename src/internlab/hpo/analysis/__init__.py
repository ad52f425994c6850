"""What a search says: recorded curves, replayed schedulers, accounting, importance, figures."""
