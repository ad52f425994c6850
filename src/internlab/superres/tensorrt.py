"""TensorRT in one place: describe the shapes, build an engine, keep it, run it.

>>> from internlab.superres.tensorrt import Profile, build_engine
>>> profile = Profile(minimum=(32, 32), optimum=(128, 128), maximum=(512, 512))
>>> engine = build_engine("model.onnx", profile, targets=("SM86", "SM89"))  # doctest: +SKIP
>>> runtime = TensorRTRuntime(engine)  # on a GPU                           # doctest: +SKIP
"""

from internlab.superres.engine_cache import EngineCache, EngineKey, key_of
from internlab.superres.tensorrt_build import BuildFailed, Engine, build_engine
from internlab.superres.tensorrt_module import (
    GENERATIONS,
    TensorRTMissing,
    available,
    load,
    supported_targets,
)
from internlab.superres.tensorrt_profile import Profile
from internlab.superres.tensorrt_runtime import TensorRTRuntime, open_tensorrt

__all__ = [
    "GENERATIONS",
    "BuildFailed",
    "Engine",
    "EngineCache",
    "EngineKey",
    "Profile",
    "TensorRTMissing",
    "TensorRTRuntime",
    "available",
    "build_engine",
    "key_of",
    "load",
    "open_tensorrt",
    "supported_targets",
]
