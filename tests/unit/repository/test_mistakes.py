"""What a wrong model.yaml or config.pbtxt prints, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from .models import ENSEMBLE, ENSEMBLE_FILES, SINGLE, problems

FORMATS = (
    "onnx, tensorrt, torchscript, torch_aoti, savedmodel, graphdef, python, fil, openvino, ensemble, vllm, "
    "tensorrtllm, dali, identity, repeat, square, custom"
)
DTYPES = "BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64, BF16, STRING"
REFERENCE = (
    "; delete it here, revoke it, and give it to the server by the model's env in the department's file, as a "
    "reference: {config: <key>} or {aws_secrets_manager: <name>}"
)

WHOLE = {
    "- a\n": "tagging/model.yaml: holds a list; it must hold a mapping of keys to values",
    "": "tagging/model.yaml: is empty; it must hold a mapping of keys to values",
    "format: pyton\n": f"tagging/model.yaml:1: format: 'pyton' is not a known format; did you mean 'python'? Allowed: "
    f"{FORMATS}",
    "max_batch_size: 3\n": f"tagging/model.yaml:1: format: is missing and has no default; add it: one of {FORMATS}",
    "format: [\n": "tagging/model.yaml:2: is not valid YAML (while parsing a flow node, did not find expected node "
    "content); check the indentation of this line and of the one before, and that quotes and brackets close",
}

ADDED = {
    "batching: {max_queue_delay_ms: 3}": "batching.max_queue_delay_ms: 'max_queue_delay_ms' is not a known key; did "
    "you mean 'max_queue_delay_us'? Allowed: enabled, preferred_batch_sizes, max_queue_delay_us, preserve_ordering, "
    "priority_levels, default_priority_level, queue, priority_queues",
    "instances: [{kind: gpus}]": "instances[0].kind: 'gpus' is not an allowed value; did you mean 'gpu'? Allowed: "
    "auto, gpu, cpu, mig, model",
    "instances: [{kind: mig}]": "instances[0]: kind mig needs mig_profile: the slice, such as 1g.10gb",
    "instances: [{kind: mig, mig_profile: 1g10gb}]": "instances[0].mig_profile: '1g10gb' must be a MIG profile, slices "
    "and memory, such as 1g.10gb",
    "instances: [{kind: gpu, mig_profile: 1g.10gb}]": "instances[0]: mig_profile '1g.10gb' goes with kind mig, not gpu",
    "instances: [{kind: cpu, gpus: [0]}]": "instances[0]: gpus goes with kind gpu or auto, not cpu",
    "instances: [{count: 0}]": "instances[0].count: must be at least 1, not 0",
    "version_policy: newest": "version_policy: must be latest, all, {latest: <how many>} or {specific: [<version>, "
    "...]}",
    "version_policy: {latest: 0}": "version_policy.latest: must be at least 1, not 0",
    "name: other": "name: 'other' must be 'tagging', the model's name, or left out",
    "source: ../../etc": "source: '../../etc' is for models of an ensemble: the file's own model lies beside "
    "model.yaml; delete it",
    "batching: {priority_levels: 2}": "batching: priority_levels 2 needs default_priority_level, from 1 to 2",
    "batching: {priority_levels: 2, default_priority_level: 3}": "batching: default_priority_level 3 is beyond "
    "priority_levels 2",
    "batching: {priority_levels: 2, default_priority_level: 1, priority_queues: {3: {}}}": "batching: priority_queues "
    "names level 3, which is beyond priority_levels 2; raise priority_levels or delete that queue",
    "batching: {priority_queues: {low: {}}}": "batching.priority_queues.low: must be a whole number, not 'low'",
    "sequence_batching: {direct: {}, oldest: {max_candidate_sequences: 1}}": "sequence_batching: names both direct and "
    "oldest; keep one strategy",
    "sequence_batching: {control_input: [{name: S, control: [{kind: start}]}]}": "sequence_batching.control_input[0]"
    ".control[0]: kind start takes one of int32_false_true, fp32_false_true and bool_false_true, and no dtype",
    "optimization: {execution_accelerators: {gpu: [tensort]}}": "optimization.execution_accelerators.gpu[0]: 'tensort' "
    "is not an allowed value; did you mean 'tensorrt'? Allowed: tensorrt, cuda, auto_mixed_precision, gpu_io",
    "optimization: {execution_accelerators: {gpu: [{tensorrt: {precision: FP8}}]}}": "optimization."
    "execution_accelerators.gpu[0].tensorrt.precision: 'FP8' is not an allowed value; allowed: FP32, FP16, BF16, INT8",
    "optimization: {execution_accelerators: {cpu: [{tensorrt: {}}]}}": "optimization.execution_accelerators.cpu[0]: "
    "must be openvino, or {name: <name>, parameters: {...}}",
    "warmup: [{name: w, inputs: {x: {dtype: FP32, dims: [4]}}}]": "warmup[0].inputs.x: must say one of zero_data: "
    "true, random_data: true and input_data_file: <file>",
    "warmup: [{name: w, inputs: {x: {dtype: FP32, dims: [4], input_data_file: raw}}}]": "warmup[0].inputs.x."
    "input_data_file: there is no 'warmup/raw' in the model's folder",
    "files: [../secrets]": "files[0]: '../secrets' must lie in the model's own folder; give its path relative to that",
    "files: [/etc/passwd]": "files[0]: '/etc/passwd' must lie in the model's own folder; give its path relative to "
    "that",
    "files: [tables]": "files[0]: there is no 'tables' in the model's folder",
    "execution_env: env.tar.gz": "execution_env: there is no 'env.tar.gz' in the model's folder",
    "signature: {}": "signature: must name one source: {onnx: <file>}, {mlflow: <folder>} or {savedmodel: <folder>}",
    "signature: {onnx: ../../etc/x.onnx}": "signature.onnx: '../../etc/x.onnx' leads out of the repository; keep the "
    "model's files inside it",
    "signature: {onnx: /etc/x.onnx}": "signature.onnx: '/etc/x.onnx' must be relative to the folder of model.yaml, so "
    "that it is the same on every machine",
    "signature: {savedmodel: 1/none}": "signature.savedmodel: '1/none' cannot be read: there is no such file",
    "signature: {savedmodel: '1'}": "signature.savedmodel: '1' cannot be read: there is no saved_model.pb in it",
    "signature: {onnx: m.onnx, savedmodel: '1'}": "signature: must name one source: {onnx: <file>}, {mlflow: <folder>} "
    "or {savedmodel: <folder>}",
    "signature: {onnx: 1/none.onnx}": "signature.onnx: '1/none.onnx' cannot be read: there is no such file",
    "parameters: {api_key: hunter2}": f"parameters.api_key: the value is secret, as the name api_key says{REFERENCE}",
    "parameters: {hub: hf_abcdefghijklmnopqrstuvwxyz}": "parameters.hub: the value looks like a Hugging Face token"
    f"{REFERENCE}",
    "extra_parameters: {password: x, fine: 1}": "extra_parameters.password: the value is secret, as the name password "
    f"says{REFERENCE}",
}
"""Lines added to a right declaration, each with what is printed after the file and line 5."""

REPLACED = {
    ("dtype: FP32, dims: [4]", "dtype: FLOAT, dims: [4]"): "3: inputs[0].dtype: 'FLOAT' is not an allowed value; "
    f"allowed: {DTYPES}",
    ("dims: [4]", "dims: [-2]"): "3: inputs[0].dims[0]: must be at least 1, or -1 for a dimension that varies, not -2",
    ("dims: [4]", "dims: [0]"): "3: inputs[0].dims[0]: must be at least 1, or -1 for a dimension that varies, not 0",
    ("dims: [4]", "dims: []"): "3: inputs[0].dims: is an empty list; at least 1 is needed",
    ("max_batch_size: 16", 'max_batch_size: "16"'): "2: max_batch_size: must be a whole number, not '16'; write it "
    "without quotes",
}

IN_ENSEMBLE = {
    ("name: preprocess", "name: pre/process"): "13: models[0].name: 'pre/process' must be one path segment of at most "
    "128 letters, digits, dots, hyphens and underscores, beginning with a letter, a digit or an underscore",
    ("name: preprocess", "name: .."): "13: models[0].name: '..' must be one path segment of at most "
    "128 letters, digits, dots, hyphens and underscores, beginning with a letter, a digit or an underscore",
    ("name: preprocess", "name: classifier"): "18: models[1].name: 'classifier' is the name of two models; rename one",
    ("name: preprocess", "name: preprocess\n    source: ../../x"): "14: models[0].source: '../../x' leads out of the "
    "repository; keep the model's files inside it",
    ("name: preprocess", "name: preprocess\n    source: preproces"): "14: models[0].source: 'preproces' beside "
    "model.yaml: there is no such folder; did you mean 'preprocess'?",
    ("max_batch_size: 128", "max_batch_size: 128\n    models: []"): "21: models[1].models: composing models do not "
    "hold others; write them all under the file's own models (model 'classifier')",
    ("is_classifier: true", "storage_type: AUTO"): "23: models[1].parameters: is_classifier is missing: true for a "
    "model that tells classes apart, false for a value (model 'classifier')",
    ("is_classifier: true", "is_classifier: true, treshold: 0.4"): "23: models[1].parameters.treshold: 'treshold' is "
    "not a known key; did you mean 'threshold'? Allowed: model_type, is_classifier, output_class, predict_proba, "
    "threshold, xgboost_allow_unknown_field, cpu_nthread, use_experimental_optimizations, transfer_threshold, layout, "
    "chunk_size, storage_type, algo, blocks_per_sm, threads_per_tree (model 'classifier')",
    ("is_classifier: true", "is_classifier: true, storage_type: AUTO"): "23: models[1].parameters.storage_type: Triton "
    "26.07 has no storage_type: it went with 25.09; delete it, or see layout and chunk_size",
    ("is_classifier: true", "is_classifier: false, predict_proba: true"): "23: models[1].parameters: predict_proba "
    "goes with is_classifier: true (model 'classifier')",
    ("steps:", "batching: {}\nsteps:"): " batching has no meaning for an ensemble, which executes nothing itself; "
    "write it to the models of its steps",
    ("  - name: classifier", "  - name: rules\n  - name: classifier"): "18: models[1].source: 'rules' beside "
    "model.yaml: there is no such folder; a model that is not in a folder of its own needs a format here",
    ("  - name: classifier", "  - 7\n  - name: classifier"): "18: models[1]: must be a model: a mapping of keys to "
    "values",
    ("  - name: classifier", "  - format: python\n  - name: classifier"): "18: models[1].name: is missing and has no "
    "default; the steps name the model by it",
}


@pytest.mark.parametrize("text", WHOLE)
def test_a_file_that_declares_no_model(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, {"model.yaml": text}, "tagging") == [WHOLE[text]]


@pytest.mark.parametrize("line", ADDED)
def test_a_wrong_line_is_told_with_its_place(tmp_path: Path, line: str) -> None:
    files = {"model.yaml": f"{SINGLE}{line}\n", "1/model.py": "class TritonPythonModel: ...\n", "table": "a\n"}
    assert problems(tmp_path, files, "tagging") == [f"tagging/model.yaml:5: {ADDED[line]}"]


@pytest.mark.parametrize("change", REPLACED)
def test_a_wrong_value_is_told_with_what_is_allowed(tmp_path: Path, change: tuple[str, str]) -> None:
    files = {"model.yaml": SINGLE.replace(*change), "1/model.py": "class TritonPythonModel: ...\n"}
    assert problems(tmp_path, files, "tagging") == [f"tagging/model.yaml:{REPLACED[change]}"]


@pytest.mark.parametrize("change", IN_ENSEMBLE)
def test_a_mistake_in_a_composing_model_names_it(tmp_path: Path, change: tuple[str, str]) -> None:
    assert change[0] in ENSEMBLE
    files = {**ENSEMBLE_FILES, "model.yaml": ENSEMBLE.replace(*change, 1)}
    assert problems(tmp_path, files) == [f"fraud/model.yaml:{IN_ENSEMBLE[change]}"]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    wrong = ENSEMBLE.replace("dtype: FP32", "dtype: F32", 1).replace("max_batch_size: 128", "max_batch_size: many")
    wrong = wrong.replace("format: python", "format: pythn")
    found = problems(tmp_path, {**ENSEMBLE_FILES, "model.yaml": wrong})
    assert [line.split(": ")[1] for line in found] == [
        "inputs[0].dtype",
        "models[0].format",
        "models[1].max_batch_size",
    ]


def test_a_misspelt_key_is_not_told_as_missing_too(tmp_path: Path) -> None:
    wrong = SINGLE.replace("{name: x, dtype", "{nam: x, dtype")
    assert problems(tmp_path, {"model.yaml": wrong}, "tagging") == [
        "tagging/model.yaml:3: inputs[0].nam: 'nam' is not a known key; did you mean 'name'? Allowed: name, dtype, "
        "dims, format, reshape, is_shape_tensor, allow_ragged_batch, optional, is_non_linear_format_io"
    ]


def test_a_repeated_key_is_told(tmp_path: Path) -> None:
    files = {"model.yaml": SINGLE + "format: onnx\n", "1/model.py": "..."}
    assert problems(tmp_path, files, "tagging") == [
        "tagging/model.yaml:5: format: the key 'format' appears twice in one mapping (first on line 1); keep one"
    ]


def test_no_secret_is_ever_printed(tmp_path: Path) -> None:
    token = "hf_abcdefghijklmnopqrstuvwxyz"
    files = {"model.yaml": f"{SINGLE}parameters: {{{token}: {token}, b: [{token}]}}\nruntime: {token}\n{token}: 3\n"}
    found = problems(tmp_path, files, "tagging")
    assert found
    assert not any(token in line for line in found)


HAND_WRITTEN = {
    'nam: "tagging"\n': "tagging/config.pbtxt:1: ModelConfig has no field 'nam'; did you mean 'name'?",
    'name: "tagging"\ninput { name: "x" data_type: TYPE_FP23 }\n': "tagging/config.pbtxt:2: TYPE_FP23 is not a value "
    "of DataType; did you mean TYPE_FP32?",
    'name: "tagging"\ndynamic_batching {\n  delay: 3\n}\n': "tagging/config.pbtxt:3: ModelDynamicBatching has no field "
    "'delay'; it has preferred_batch_size, max_queue_delay_microseconds, preserve_ordering, priority_levels, "
    "default_priority_level, default_queue_policy, priority_queue_policy",
    'name: "tagging': "tagging/config.pbtxt:1: is not protobuf text: string missing ending quote: '\"tagging'; check "
    "the brackets, quotes and colons of this line",
    'name: "tagging"\n}\n': "tagging/config.pbtxt:2: is not protobuf text: expected identifier or number, got }; check "
    "the brackets, quotes and colons of this line",
    'name: "tagging"\nmax_batch_size: hf_abcdefghijklmnopqrstuvwxyz\n': "tagging/config.pbtxt:2: is not protobuf text: "
    "a value is not what its field takes; check the brackets, quotes and colons of this line",
    'name: "other"\n': "tagging/config.pbtxt: name: 'other' must be 'tagging', the model's name, or left out",
}


@pytest.mark.parametrize("text", HAND_WRITTEN)
def test_a_hand_written_configuration_is_told_its_line(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, {"config.pbtxt": text, "1/model.py": "..."}, "tagging") == [HAND_WRITTEN[text]]


FOLDERS = {
    "both": ({"model.yaml": SINGLE, "config.pbtxt": ""}, "tagging/config.pbtxt: lies beside model.yaml, which "
             "generates it; delete one of the two"),
    "neither": ({"1/model.py": "..."}, "tagging: holds neither model.yaml nor config.pbtxt; write model.yaml"),
    "latin-1": ({"config.pbtxt": b'# caf\xe9\nname: "a"\n'}, "tagging/config.pbtxt:1: is not UTF-8 text"),
    "huge": ({"config.pbtxt": b"#" * (4 * 1024 * 1024 + 1)}, "tagging/config.pbtxt: has more than 4 MiB; it cannot be "
             "a model's configuration"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_holds_no_model(tmp_path: Path, name: str) -> None:
    files, expected = FOLDERS[name]
    assert problems(tmp_path, files, "tagging") == [expected]
