"""Handing a model over: requirements as tests, a card from records, and a receiver who has no more.

``requirements`` and ``acceptance`` turn a request into tests. ``cards`` and ``records`` write down
what a run knows. ``receiver`` is a script of its own that serves a model from its card alone;
``desk`` starts it elsewhere, and ``faults`` breaks cards on purpose. ``front`` and ``lifecycle``
weigh accuracy against cost, and an early mistake against a late one.
"""
