"""A method in one file, for a learner to begin with."""

from __future__ import annotations

import re
from pathlib import Path

from internlab.files import atomic_write

TEMPLATE = '''\
"""{title}: say here what it does, and why that should help."""

from internlab.debias.methods import Hyperparameter, Method, Needs
from internlab.debias.methods.losses import cross_entropy


class {class_name}(Method):
    """Weight each image by how wrong the network is about it.

    Many runs are trained side by side, so every tensor has the run as its first axis: images
    (R, B, H, W, 3), labels (R, B). Never average over axis 0.
    """

    name = "{name}"
    title = "{title}"
    # What it is given beside images and classes. Anything else is refused.
    needs = Needs.NOTHING
    hyperparameters = {{"power": Hyperparameter(default=0.5, low=0.1, high=2.0)}}

    def losses(self, batch):
        """Return the loss of each run, (R,)."""
        each = cross_entropy(self.network(batch.images), batch.labels)  # (R, B)
        wrong = 1 - (-each.detach()).exp()  # 1 - p(right class); no gradient flows through it
        return (wrong ** self.values["power"] * each).mean(dim=1)
'''


def write_template(path: Path) -> Path:
    """Write a small working method to begin with.

    Raises
    ------
    FileExistsError
        If there is such a file already.
    ValueError
        If the name is no name of a Python module.
    """
    if path.suffix != ".py" or not re.fullmatch(r"[A-Za-z_]\w*", path.stem):
        raise ValueError(
            f"{path.name} is no name of a Python file; expected letters, digits and underscores, "
            "such as my_method.py."
        )
    if path.exists():
        raise FileExistsError(f"{path} is there already; choose another name, or remove it.")
    words = path.stem.strip("_").split("_")
    text = TEMPLATE.format(
        name=path.stem,
        title=" ".join(words).capitalize(),
        class_name="".join(word.capitalize() for word in words) or "MyMethod",
    )
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path
