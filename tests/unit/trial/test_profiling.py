"""What a profile is measured with, decided without a server."""

from __future__ import annotations

import pytest
from google.protobuf import text_format
from modelyard.repository.protobuf import ModelConfig, new_config
from modelyard.sizing.profile import MeasuredPoint
from modelyard.trial.profiling import profiling_config
from modelyard.trial.profiling_inputs import stages_of
from modelyard.trial.profiling_stage import StageMeter, joined, mean_cut, sizes_up_to, slower
from modelyard.trial.requests import SampleRequest, SampleTensor


def config(text: str) -> ModelConfig:
    return text_format.Parse(text, new_config())


@pytest.mark.parametrize(
    ("largest", "sizes"),
    [(1, (1,)), (2, (1, 2)), (3, (1, 2, 3)), (8, (1, 2, 4, 8)), (12, (1, 2, 4, 8, 12)), (64, (1, 2, 4, 8, 16, 32, 64))],
)
def test_sizes_double_up_to_the_largest(largest: int, sizes: tuple[int, ...]) -> None:
    assert sizes_up_to(largest) == sizes


@pytest.mark.parametrize(
    ("text", "largest"),
    [
        ("max_batch_size: 0", 1),
        ("max_batch_size: 16", 16),
        ("max_batch_size: 16 dynamic_batching {}", 16),
        ("max_batch_size: 4096 dynamic_batching {}", 256),
        ("max_batch_size: 16 sequence_batching {}", 1),
    ],
)
def test_requests_that_are_sent_at_one_moment(text: str, largest: int) -> None:
    assert StageMeter.largest(config(text)) == largest


def test_requests_come_together_while_it_is_profiled() -> None:
    given = config(
        """name: "m" max_batch_size: 8 instance_group {count: 2}
        dynamic_batching {preferred_batch_size: [4] max_queue_delay_microseconds: 100 priority_levels: 2}
        response_cache {enable: true}"""
    )
    assert profiling_config(given) == config(
        """name: "m" max_batch_size: 8 instance_group {count: 2}
        dynamic_batching {max_queue_delay_microseconds: 6600}"""
    )
    assert given.dynamic_batching.priority_levels == 2


@pytest.mark.parametrize(
    "text",
    [
        'name: "m" max_batch_size: 1',
        'name: "m" max_batch_size: 8 sequence_batching {}',
        'name: "m" max_batch_size: 8 ensemble_scheduling {}',
    ],
)
def test_what_forms_no_batches_stays_as_it_is(text: str) -> None:
    assert profiling_config(config(text)) == config(text)


def test_stages_in_the_order_of_the_steps() -> None:
    def step(model: str) -> str:
        return f'step {{model_name: "{model}"}}'

    configs = [
        config('name: "called-by-code"'),
        config('name: "b"'),
        config('name: "a"'),
        config(f'name: "inner" ensemble_scheduling {{ {step("b")} {step("a")} }}'),
        config(f'name: "outer" ensemble_scheduling {{ {step("a")} {step("inner")} {step("elsewhere")} }}'),
    ]
    assert stages_of(configs) == ("a", "b", "called-by-code")
    assert stages_of(configs[:1]) == ("called-by-code",)


def row(value: int, columns: int = 2) -> SampleRequest:
    return SampleRequest(1, (SampleTensor("x", "INT8", (1, columns), bytes([value] * columns)),))


def test_rows_are_joined_to_one_request() -> None:
    assert joined([row(1), row(2)], 3) == SampleRequest(
        3, (SampleTensor("x", "INT8", (3, 2), b"\x01\x01\x02\x02\x01\x01"),)
    )


def test_rows_of_different_shapes_are_not_joined() -> None:
    assert joined([row(1, 2), row(2, 3)], 2) is None


def test_instances_side_by_side_are_as_much_slower() -> None:
    point = MeasuredPoint(batch_size=4, requests=4, executions=9, mean_ms=2, p50_ms=1, p90_ms=3, p99_ms=5, gap_ms=0.1)
    assert slower(point, 2, 1.5) == MeasuredPoint(
        batch_size=4, requests=4, executions=9, mean_ms=3, p50_ms=1.5, p90_ms=4.5, p99_ms=7.5, gap_ms=0.1, instances=2
    )


def test_one_hiccup_does_not_make_the_mean() -> None:
    assert mean_cut([1.0] * 99 + [1000.0]) == 1.0
    assert mean_cut([1.0] * 98 + [3.0, 1000.0]) == pytest.approx(1.04)
    assert mean_cut([2.0]) == 2.0
