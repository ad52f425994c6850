"""The out-of-distribution track: scores that say "this is new", and what such a score is worth.

``detectors`` holds one small class a method, ``metrics`` what they are measured by, ``dense`` the
street network and the scores of every pixel, ``protocol`` how a comparison can mislead. The
command is ``python -m internlab.ood evaluate``.
"""
