"""The command ``python -m book``, which `make book` runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from book.build import BookFailed, build
from book.links import ask, check
from internlab.files import project_root


def main(arguments: list[str] | None = None) -> int:
    """Make the book, or ask after its links; return the exit status."""
    root = project_root()
    parser = argparse.ArgumentParser(
        prog="python -m book", description="Make the reading site from the kit's files."
    )
    parser.add_argument(
        "--out", type=Path, default=root / "dist" / "book", help="default: dist/book"
    )
    parser.add_argument(
        "--list-external", action="store_true", help="list the links that lead out of a made book"
    )
    parser.add_argument(
        "--ask-external", action="store_true", help="ask each of them once; needs the network"
    )
    options = parser.parse_args(arguments)
    if options.list_external or options.ask_external:
        return _external(options.out, options.ask_external)
    try:
        book = build(root, options.out, root / ".cache" / "book")
    except BookFailed as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{book.pages} pages; {book.links.internal} links inside, all good.")
    print(
        f"{len(book.links.external)} links lead outside: python -m book --ask-external asks them."
    )
    print(f"Open {book.folder / 'index.html'}")
    return 0


def _external(folder: Path, asking: bool) -> int:
    if not (folder / "index.html").is_file():
        print(f"There is no book in {folder}. Run `make book` first.", file=sys.stderr)
        return 2
    silent = 0
    for address, names in check(folder).external.items():
        fault = ask(address) if asking else ""
        silent += bool(fault)
        print(f"{address}  ({', '.join(names)}){'  ' + fault if fault else ''}")
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
