"""The reader of memcheck's log finds our mistakes and leaves the interpreter's habits alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.native.valgrind_report import main

PYTHONS_HABIT = """Conditional jump or move depends on uninitialised value(s)
   at 0x1: maybe_small_long (longobject.c:71)
   by 0x2: _PyEval_EvalFrameDefault (ceval.c:4769)
   by 0x3: ??? (in /x/deskphone_sipext.so)"""
OUR_READ = """Invalid read of size 8
   at 0x1: ??? (in /x/deskphone_sipext.so)
   by 0x2: _PyEval_EvalFrameDefault (ceval.c:4769)"""
PJSIPS_READ = OUR_READ.replace("deskphone_sipext.so", "_pjsua2.cpython-311.so")
OUR_LEAK = """56 bytes in 1 blocks are definitely lost in loss record 1 of 2
   at 0x1: malloc (vg_replace_malloc.c:381)
   by 0x2: _PyObject_New (object.c:191)
   by 0x3: ??? (in /x/deskphone_sipext.so)"""
PJSUA2S_LEAK = OUR_LEAK.replace("deskphone_sipext.so", "_pjsua2.cpython-311.so")


@pytest.mark.parametrize(
    ("block", "status"), [(PYTHONS_HABIT, 0), (OUR_READ, 1), (PJSIPS_READ, 1), (OUR_LEAK, 1), (PJSUA2S_LEAK, 0)]
)
def test_what_concerns_us_fails_the_check(tmp_path: Path, block: str, status: int) -> None:
    log = tmp_path / "log"
    text = f"Memcheck, a memory error detector\n\n{block}\n\nERROR SUMMARY: 1 errors"
    log.write_text("\n".join(f"==7== {line}" for line in text.split("\n")))
    assert main(str(log)) == status


def test_a_log_that_ends_early_fails_the_check(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("==7== Memcheck, a memory error detector\n")
    assert main(str(log)) == 1
