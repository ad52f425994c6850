"""A figure of photographs, shown in a notebook as a JPEG: a tenth of the size of a PNG."""

from __future__ import annotations

import base64
import io

from matplotlib.figure import Figure

# High enough that what a lesson points at is in the image and not in its compression.
QUALITY = 84


class PictureFigure(Figure):
    """A matplotlib figure that displays itself as a JPEG."""

    def _ipython_display_(self) -> None:
        from IPython.display import display

        buffer = io.BytesIO()
        self.savefig(buffer, format="jpeg", pil_kwargs={"quality": QUALITY, "optimize": True})
        encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
        display({"image/jpeg": encoded, "text/plain": repr(self)}, raw=True)
