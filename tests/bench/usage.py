"""What a process and the machine use: processor time, memory, load.

Law: reads the kernel's own counts; changes nothing.
"""

from __future__ import annotations

import os
import platform
import resource
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """utime + stime of a process, in the kernel's nanoseconds where it gives them, else in ticks of proc(5)."""
    try:
        return time.clock_gettime(~pid << 3 | 2)  # clock_getcpuclockid(3): the clock of another process
    except OSError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK


def cpu_of_family() -> float:
    """Processor seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def memory_mb(pid: int) -> float:
    """Resident memory in MB (2**20 bytes), shared libraries included."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"/proc/{pid}/status: no VmRSS")


def machine_busy() -> float:
    """Processor seconds the whole machine has worked since it started."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICK  # without idle and iowait


def load() -> str:
    """The three load averages."""
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def machine() -> str:
    """Processor, cores, memory, kernel, Python: what a number depends on."""
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith(("model name", "Model"))),
        platform.machine(),
    )  # fmt: skip
    total = int(Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return (
        f"{model}, {os.cpu_count()} cores, {total:.0f} GB, {system}, Linux {platform.release()}, "
        f"Python {platform.python_version()}"
    )
