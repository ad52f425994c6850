"""Formulas as MathML, which browsers draw by themselves: no script, no network, read aloud."""

from __future__ import annotations

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

_LOGGER = logging.getLogger(__name__)


def _converted(node: nodes.Node, as_block: bool) -> str:
    text = node.astext().replace("\n", " ").strip()
    try:
        return tex2mathml(text, as_block=as_block)
    except MathError as error:
        # A warning fails the build, as every warning does.
        _LOGGER.warning("no MathML for %r: %s", text, error, location=node)
        return ""


def _inline(translator: HTML5Translator, node: nodes.Node) -> None:
    translator.body.append(_converted(node, as_block=False))
    raise nodes.SkipNode


def _block(translator: HTML5Translator, node: nodes.Node) -> None:
    translator.body.append(f'<div class="formula">{_converted(node, as_block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer under the name ``mathml``."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
