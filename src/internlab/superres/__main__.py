"""The track as a command: ``python -m internlab.superres upscale IN OUT``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from internlab.command import complain, error_text, run_command, wrapped

# Modules that take seconds to import are imported where they are used: --help should be quick.
from internlab.superres.runtime_names import RUNTIMES

UPSCALE = """\
Upscale a GeoTIFF of any size, tile by tile, into a new GeoTIFF at the same place on the ground.

The scene is read in windows, so memory depends on --tile and the scene's width, not on its height.
Each tile is read with --overlap pixels of its surroundings; with the network's receptive radius
the result has no seams, and without --overlap that radius is measured. A run that is stopped
(Ctrl-C, a kill, a power cut) keeps its finished rows in OUT.partial: the same command goes on
from there. OUT appears only when it is complete.
"""
EXAMPLES = """\
examples:
  python -m internlab.superres upscale scene.tif scene_x2.tif
      the kit's network with ONNX Runtime on the CPU
  python -m internlab.superres upscale scene.tif out.tif --runtime openvino --model mine.onnx
      any ONNX model: one float input N x 3 x H x W in [0, 1], one output N x 3 x sH x sW
  python -m internlab.superres upscale sentinel.tif out.tif --bands 3 2 1 --range 0 3000
      16-bit reflectance, bands in the order red, green, blue; values outside are clipped

exit status: 0 done, 1 stopped or failed on the way (run it again to go on), 2 not startable:
an option, a file or a model cannot be used, and the message says what was expected
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit status.

    Parameters
    ----------
    arguments : list of str, optional
        Default: those of the process.

    Returns
    -------
    int
        0 done, 1 stopped or failed on the way, 2 not startable.
    """
    return run_command(_parser().parse_args(arguments), _status)


def upscale(options: argparse.Namespace) -> int:
    """Upscale one scene as the options say, and print what was done."""
    from internlab.superres.opening import choose_overlap, open_from_files
    from internlab.superres.scene import upscale_scene
    from internlab.superres.scene_checks import check_paths

    check_paths(options.source, options.target, options.overwrite)
    runtime = open_from_files(options.runtime, options.model, options.threads)
    overlap, warning = choose_overlap(runtime, options.overlap)
    if warning:
        complain(warning, "warning")
    report = upscale_scene(
        options.source,
        options.target,
        runtime,
        options.tile,
        overlap,
        resume=not options.fresh,
        progress=not options.quiet,
        bands=options.bands,
        value_range=options.range,
        overwrite=options.overwrite,
    )
    taken_over = f", {report.resumed_tiles} of them from an earlier run" * bool(
        report.resumed_tiles
    )
    print(
        f"Wrote {report.target}: {report.height} x {report.width} pixels, {report.tiles} tiles of "
        f"{options.tile} + {overlap} px with {runtime.name}{taken_over}."
    )
    parts = {
        "decode": report.decode_seconds,
        "network": report.network_seconds,
        "write": report.write_seconds,
        "other": report.other_seconds,
    }
    shares = ", ".join(f"{name} {s / report.total_seconds:.0%}" for name, s in parts.items())
    print(f"Took {report.total_seconds:.1f} s: {shares}.")
    for note in report.notes:
        print(wrapped(f"Note: {note}"))
    return 0


def train(options: argparse.Namespace) -> int:
    """Train the network on the aerial images and save its fused weights."""
    import torch

    from internlab.data.aerial import aerial_images
    from internlab.files import atomic_write
    from internlab.superres.evaluate import as_upscaler, evaluate, mean_gain
    from internlab.superres.training import train as train_network

    images = aerial_images()
    network = train_network(images.train, seed=options.seed, cpu_seconds=options.seconds).fused()
    with atomic_write(options.weights) as temporary:
        torch.save(network.state_dict(), temporary)
    gain = mean_gain(evaluate(as_upscaler(network), images.test))
    print(f"Wrote {options.weights}. Mean gain over bicubic on the test images: {gain:+.2f} dB.")
    return 0


def export(options: argparse.Namespace) -> int:
    """Write the network as an ONNX file."""
    import torch

    from internlab.superres.export import to_onnx
    from internlab.superres.opening import network_from

    dtype = torch.float16 if options.half else torch.float32
    path = to_onnx(network_from(options.model), options.onnx, dtype=dtype)
    print(f"Wrote {path} ({path.stat().st_size / 1000:.0f} kB), dynamic batch, height and width.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m internlab.superres",
        description="Super-resolution of aerial and satellite images: train, export, upscale.",
    )
    commands = parser.add_subparsers(dest="command", required=True)

    scene = commands.add_parser(
        "upscale",
        help="upscale a GeoTIFF of any size",
        description=UPSCALE,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    scene.set_defaults(run=upscale)
    add = scene.add_argument
    add("source", type=Path, metavar="IN", help="GeoTIFF, or another image that GDAL reads")
    add("target", type=Path, metavar="OUT", help="GeoTIFF to write, a name that ends in .tif")
    add("--runtime", choices=RUNTIMES, default="onnxruntime", help="who computes (%(default)s)")
    add(
        "--model", type=Path, metavar="FILE", help="ONNX file, or weights .pt for torch (the kit's)"
    )
    add("--tile", type=int, default=256, metavar="N", help="pixels of a tile's side (%(default)s)")
    add("--overlap", type=int, metavar="N", help="pixels read around a tile (measured)")
    add("--bands", type=int, nargs="+", metavar="B", help="one band, or red green blue, from 1")
    add(
        "--range",
        type=float,
        nargs=2,
        metavar=("LOW", "HIGH"),
        help="pixel values of black and white (0 255 for 8-bit; needed for other types)",
    )
    add("--threads", type=int, default=1, metavar="N", help="CPU threads (%(default)s)")
    add("--fresh", action="store_true", help="start anew, do not go on from OUT.partial")
    add("--overwrite", action="store_true", help="replace OUT if it exists, once complete")
    add("--quiet", action="store_true", help="no progress bar")

    learn = commands.add_parser("train", help="train the network on the aerial images")
    learn.set_defaults(run=train)
    learn.add_argument("weights", type=Path, metavar="OUT", help="file of weights to write (.pt)")
    learn.add_argument("--seconds", type=float, default=60, help="CPU-seconds (%(default)s)")
    learn.add_argument("--seed", type=int, default=0, help="of weights and patches (%(default)s)")

    write = commands.add_parser("export", help="write the network as an ONNX file")
    write.set_defaults(run=export)
    write.add_argument("onnx", type=Path, metavar="OUT", help="ONNX file to write")
    write.add_argument("--model", type=Path, metavar="FILE", help="weights .pt (the kit's)")
    write.add_argument("--half", action="store_true", help="16-bit floats, input and output too")
    return parser


def _status(error: Exception) -> tuple[int, str] | None:
    """Return 2 for what was given wrongly, 1 for what went wrong on the way, None for a bug."""
    from internlab.superres.runtime_base import ProviderFellBack, ProviderMissing

    given = (ValueError, FileNotFoundError, FileExistsError, PermissionError, NotADirectoryError)
    if isinstance(error, (*given, ImportError, ProviderMissing, ProviderFellBack)):
        return 2, error_text(error)
    if isinstance(error, MemoryError):
        text = "The memory is full. Choose a smaller --tile: memory grows with its square."
        return 1, text
    library = type(error).__module__.split(".")[0]
    if isinstance(error, (OSError, RuntimeError)) or library == "onnxruntime":
        return 1, error_text(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
