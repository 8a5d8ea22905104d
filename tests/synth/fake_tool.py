"""yosys or nextpnr that takes no time: what it reports depends on what it is given alone.

It writes down when it begins and when it ends. A file of the run's name beside it, ``place_2`` or
``synthesise``, has it ``fail``, or kill its worker: ``once``, or else each time.
"""

import json
import os
import sys
import time
import zlib
from pathlib import Path


def run(arguments: list[str], here: Path) -> int:
    """Do what the arguments ask for, in the current folder."""
    if "--version" in arguments:
        print("fake 1.0")
        return 0

    def value(name: str) -> str:
        return arguments[arguments.index(name) + 1]

    routes = "--seed" in arguments
    name = f"place_{value('--seed')}" if routes else "synthesise"
    data = Path("netlist.json" if routes else "core.v").read_bytes()
    script = b"" if routes else Path("script.ys").read_bytes()
    number = zlib.crc32(data + script + repr(arguments).encode())

    def tell(what: str) -> None:
        with (here / "log").open("a") as file:
            file.write(f"{what} {name} {number}\n")

    tell("begin")
    time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
    if (mark := here / name).exists():
        how = mark.read_text()
        if how == "fail":
            print("ERROR: out of luck", file=sys.stderr)
            return 3
        if how == "once":
            mark.unlink()
        tell("killed")
        os.kill(os.getppid(), 9)
        time.sleep(60)
    if routes:
        Path(value("--report")).write_text(json.dumps({
            "fmax": {"clk": {"achieved": 200 + number % 1000 / 20}},
            "critical_paths": [{"from": "posedge clk", "to": "posedge clk", "path": [
                {"type": "clk-to-q", "delay": 1, "from": {"cell": "a"}, "to": {"cell": "b"}}]}],
            "utilization": {"ICESTORM_LC": {"used": json.loads(data)["luts"]}}}))
        Path("routed.json").write_text('{"modules": {"top": {"cells": {}}}}')
    else:
        Path("yosys.log").write_text("")
        Path("netlist.json").write_text(json.dumps({
            "luts": len(data) // 100, "script": script.decode(),
            "modules": {"harness": {"cells": {"core": {}}},
                        "core": {"cells": {"a": {"type": "SB_DFF"}}}}}))
    tell("end")
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], Path(sys.argv[0]).parent))
