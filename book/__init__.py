"""The reading site: the lessons, passages, glossary and bibliography as one static book.

``python -m book`` (or ``make book``) makes it from the kit's own files. Nothing is executed: the
lessons are shown with their committed outputs.
"""
