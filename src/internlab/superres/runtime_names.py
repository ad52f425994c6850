"""The names of the runtimes; apart from them, because importing those takes seconds."""

RUNTIMES = (
    "torch",
    "onnxruntime",
    "openvino",
    "tensorrt",
    "onnxruntime-cuda",
    "onnxruntime-tensorrt",
)
