"""What the figures were measured on."""
import pathlib
import platform
import re
import subprocess


def described():
    processors = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*:\s*(.*)", processors)
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    system = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())
    return {
        "processor": model[1] if model else platform.machine(),
        "cores": processors.count("processor\t"),
        "memory": f"{int(memory[1]) / 2**20:.0f} GiB",
        "system": f"{system[1] if system else platform.system()}, Linux {platform.release()}",
    }


def commit():
    """Of this checkout, which may not be what the binaries were built of."""
    here = pathlib.Path(__file__).parent
    ran = subprocess.run(["git", "-C", here, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return ran.stdout.strip() or "unknown"
