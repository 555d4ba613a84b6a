"""Makes ``models/resnet50/1``: ResNet-50 with its preprocessing, as a SavedModel.

The weights are random, from a seed, and the classes mean nothing; with ``--weights imagenet`` Keras downloads trained
ones. Beside it is made what ``modelyard try`` needs: its files by another name, and a request with its answer.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parents[1]
SIZE = 224
SEED = 50


class Classifier(tf.Module):
    """RGB images of 224 by 224 pixels, 0 to 255, to probabilities."""

    def __init__(self, weights: str | None) -> None:
        super().__init__()
        self.network = tf.keras.applications.ResNet50(weights=weights)

    @tf.function(input_signature=[tf.TensorSpec([None, SIZE, SIZE, 3], tf.float32, name="image")])
    def classify(self, image: tf.Tensor) -> dict[str, tf.Tensor]:
        prepared = tf.keras.applications.resnet50.preprocess_input(image)
        return {"scores": self.network(prepared, training=False)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", choices=("random", "imagenet"), default="random", help="default: random")
    parser.add_argument("--version", type=int, default=1, help="version folder; default: 1")
    parser.add_argument("--seed", type=int, default=SEED, help="of random weights; default: 50")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of models and try; default: the example's")
    given = parser.parse_args()
    tf.keras.utils.set_random_seed(given.seed)
    classifier = Classifier("imagenet" if given.weights == "imagenet" else None)
    folder = given.out / "models" / "resnet50" / str(given.version)
    # A server never sees half of a version.
    making = folder.with_name(f".{given.version}")
    shutil.rmtree(making, ignore_errors=True)
    tf.saved_model.save(classifier, str(making), signatures={"serving_default": classifier.classify})
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
    for_try(given.out / "try" / "resnet50", folder)
    print(f"{folder}: {sum(file.stat().st_size for file in folder.rglob('*') if file.is_file()) / 1e6:.0f} MB")


def for_try(folder: Path, model: Path) -> None:
    """The model where Triton looks for it, and one answer that any server has to give."""
    copied = folder / "1" / "model.savedmodel"
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(model, copied, copy_function=linked)
    # As grey as it gets, so that the file stays small: every pixel is the same.
    image = np.full((1, SIZE, SIZE, 3), 127.0, np.float32)
    served = tf.saved_model.load(str(model)).signatures["serving_default"]
    scores = served(image=tf.constant(image))["scores"].numpy()
    case = {
        "name": "a grey image",
        "inputs": {"image": {"data": image.tolist()}},
        "outputs": {"scores": {"data": [[float(f"{score:.6g}") for score in scores[0]]]}},
        "tolerance": {"absolute": 1e-4, "relative": 1e-3},
    }
    (folder / "golden.json").write_text(json.dumps({"cases": [case]}, separators=(",", ":")) + "\n", encoding="utf-8")


def linked(source: str, target: str) -> None:
    """The same file by another name, where the disk can; else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


if __name__ == "__main__":
    main()
