"""Every bench has every word of the stories, with the parameters that `bench.py` names."""

from __future__ import annotations

import inspect

import pytest

from tests.stories import agent_server, agents_sip, bench, bench_core, bench_hil, bench_sip, far_end_core

WHO = [
    (bench.Bench, bench_core.CoreBench),
    (bench.Bench, bench_sip.SipBench),
    (bench.Bench, bench_hil.HilBench),
    (bench.AgentDesktop, agent_server.Desktop),
    (bench.AgentDesktop, agents_sip.SipDesktop),
    (bench.Callee, far_end_core.CoreCallee),
    (bench.Callee, bench_sip.SipCallee),
]


@pytest.mark.parametrize(("shape", "kind"), WHO, ids=lambda each: each.__name__)
def test_a_bench_has_every_word_with_its_parameters(shape: type, kind: type) -> None:
    for name, word in inspect.getmembers(shape, lambda each: inspect.isfunction(each) or isinstance(each, property)):
        if name.startswith("_"):
            continue
        assert hasattr(kind, name) or name in inspect.get_annotations(kind), f"{kind.__name__} has no {name}"
        if inspect.isfunction(word):
            told, said = (inspect.signature(each).parameters for each in (word, getattr(kind, name)))
            for parameter in told.values():
                same = said.get(parameter.name)
                assert same is not None and same.default == parameter.default, f"{kind.__name__}.{name}: {parameter}"
