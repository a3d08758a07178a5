"""A signal stops what is to be stopped, also where its exception is lost, and leaves it the time to clean up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from papersearch.apps.interrupts import stoppable
from tests.commands import ROOT, environment, run_program
from tests.processes import LONGEST_S

pytestmark = pytest.mark.skipif(os.name == "nt", reason="other signals there")

LOST = {
    "by Python": """
        class Finalized:
            def __del__(self):
                signal.raise_signal(signal.SIGTERM)

        Finalized()""",
    "by a library": """
        try:
            signal.raise_signal(signal.SIGTERM)
        except BaseException:
            pass""",
}


@pytest.mark.parametrize("how", LOST.values(), ids=LOST)
def test_a_signal_whose_exception_is_lost_stops_the_run_all_the_same(how: str) -> None:
    done = _stopped(f"{how}\n        time.sleep(600)")
    assert done.stdout == "stopped\n"
    assert "ignored" not in done.stderr  # as Python says of what it dropped


@pytest.mark.parametrize("how", LOST.values(), ids=LOST)
def test_a_signal_whose_exception_is_lost_at_the_end_of_the_work_is_obeyed_after_it(how: str) -> None:
    done = _stopped(how)
    assert done.stdout == "stopped\n"
    assert "ignored" not in done.stderr


def test_a_run_that_was_told_to_stop_cleans_up_undisturbed() -> None:
    cleaning = "for _ in range(50):\n                time.sleep(0.01)\n            print('cleaned', flush=True)"
    done = _stopped(f"""
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            {cleaning}""")
    assert done.stdout == "cleaned\nstopped\n"


def test_a_run_whose_cleaning_up_does_not_end_is_ended_by_a_second_signal_after_a_while() -> None:
    done = _stopped("""
        from papersearch.apps import interrupts
        interrupts.GRACE_S = 0.1
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            time.sleep(0.2)
            signal.raise_signal(signal.SIGHUP)
            print('cleaned', flush=True)""")
    assert (done.returncode, done.stdout) == (128 + signal.SIGHUP, "")


def test_alarms_that_somebody_else_takes_are_left_to_them() -> None:
    ran = run_program(
        "import signal\n"
        "from papersearch.apps.interrupts import stoppable\n"
        "from papersearch.core.errors import Stopped\n"
        "signal.signal(signal.SIGALRM, lambda *_: print('an alarm'))\n"
        "try:\n"
        "    with stoppable(lambda _: None):\n"
        "        try:\n"
        "            signal.raise_signal(signal.SIGTERM)\n"
        "        finally:\n"
        "            print(signal.getitimer(signal.ITIMER_REAL))\n"
        "except Stopped:\n"
        "    pass\n"
    )
    assert ran.out == "(0.0, 0.0)\n"


def test_other_errors_that_python_drops_are_printed_as_always() -> None:
    done = _stopped(LOST["by Python"].replace("signal.raise_signal(signal.SIGTERM)", "raise ValueError('otters')"))
    assert "ValueError: otters" in done.stderr


def test_when_nothing_is_to_be_stopped_any_more_signals_are_as_they_were() -> None:
    signals = signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM
    before = [*map(signal.getsignal, signals), sys.unraisablehook]
    with stoppable(lambda _: None):
        assert [*map(signal.getsignal, signals)] != before[:-1]
        assert sys.unraisablehook is not before[-1]
    assert [*map(signal.getsignal, signals), sys.unraisablehook] == before


def test_whoever_was_stopped_is_not_disturbed_by_another_signal_on_the_way_out() -> None:
    ran = run_program(
        "import signal\n"
        "from papersearch.apps.interrupts import stoppable\n"
        "from papersearch.core.errors import Stopped\n"
        "try:\n"
        "    with stoppable(lambda _: None):\n"
        "        signal.raise_signal(signal.SIGTERM)\n"
        "except Stopped:\n"
        "    signal.raise_signal(signal.SIGHUP)\n"
        "    print('undisturbed')\n"
    )
    assert (ran.code, ran.out) == (0, "undisturbed\n")


def test_what_another_thread_does_meanwhile_changes_nothing_for_good() -> None:
    before, begun, done = sys.unraisablehook, threading.Event(), threading.Event()

    def meanwhile() -> None:
        with stoppable(lambda _: None):
            begun.set()
            done.wait(LONGEST_S)

    other = threading.Thread(target=meanwhile)
    with stoppable(lambda _: None):
        other.start()
        assert begun.wait(LONGEST_S)
    done.set()
    other.join(LONGEST_S)
    assert sys.unraisablehook is before


def test_who_was_started_to_ignore_control_c_is_not_ended_by_it() -> None:
    for ignores in (True, False):
        ran = run_program(
            "import signal\n"
            "from papersearch.apps.interrupts import end_on_the_spot\n"
            f"signal.signal(signal.SIGINT, signal.{'SIG_IGN' if ignores else 'default_int_handler'})\n"
            "end_on_the_spot()\n"
            "signal.raise_signal(signal.SIGINT)\n"
            "print('goes on')\n"
        )
        assert (ran.code, ran.out) == ((0, "goes on\n") if ignores else (130, ""))


def _stopped(work: str) -> subprocess.CompletedProcess[str]:
    """A process that does some work, as two indents below, and can be stopped."""
    code = f"""
        import signal, time
        from papersearch.apps.interrupts import stoppable

        with stoppable(lambda _: print("stopped")):
{textwrap.indent(textwrap.dedent(work), " " * 12)}"""
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=LONGEST_S)


def test_what_an_import_makes_of_an_interrupt_is_the_interrupt() -> None:
    ran = run_program(
        "import signal\n"
        "from papersearch.apps.interrupts import stoppable\n"
        "from papersearch.core.errors import Stopped\n"
        "class Interrupted:\n"
        "    def __set_name__(self, *_):  # Python before 3.12 raises RuntimeError of what this raises\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "try:\n"
        "    with stoppable(lambda _: None):\n"
        "        type('Made', (), {'name': Interrupted()})\n"
        "except Stopped as stopped:\n"
        "    print(stopped.number)\n"
    )
    assert (ran.code, ran.out) == (0, f"{int(signal.SIGINT)}\n")


def test_an_error_that_no_interrupt_made_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError, match="otters"), stoppable(lambda _: None):
        raise RuntimeError("otters")
