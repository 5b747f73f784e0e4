"""A tool that misbehaves: ``tool.py MODE [ARGUMENT...]``. Standard library only; needs nothing around it."""

import json
import os
import signal
import sys
import time


def hang() -> None:
    """Ignore TERM, and leave a child in a session of its own that holds stdout and ignores it too."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            print("grandchild", os.getpid(), flush=True)
            time.sleep(600)
        os._exit(0)
    print("leader", os.getpid(), flush=True)
    time.sleep(600)


def orphan(clean: str = "") -> None:
    """End at once and leave an orphan in a session of its own; with ``clean`` one without a mark."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            if clean:
                os.execve("/bin/sleep", ["sleep", "600"], {})
            time.sleep(600)
        os._exit(0)
    os.wait()


def flood(megabytes: str, stream: str = "1") -> None:
    """Write without end in sight."""
    block = b"x" * (1 << 20)
    for _ in range(int(megabytes)):
        os.write(int(stream), block)


def memory(megabytes: str) -> None:
    """Hold resident memory, in a child."""
    if os.fork() == 0:
        held = bytearray(int(megabytes) << 20)
        held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])
        time.sleep(600)
    os.wait()


def environment() -> None:
    print(json.dumps({"env": dict(os.environ), "cwd": os.getcwd(), "stdin": sys.stdin.read()}))  # noqa: PTH109


def exit_with(code: str) -> None:
    if int(code) > 128:
        os.kill(os.getpid(), int(code) - 128)
    sys.exit(int(code))


def burn(seconds: str) -> None:
    """Use CPU in a child that is waited for."""
    if os.fork() == 0:
        while time.process_time() < float(seconds):
            pass
        os._exit(0)
    os.wait()


def say(text: str) -> None:
    print(text, file=sys.stderr)


def swap(path: str, target: str) -> None:
    """Put a link in the place of a stream's file."""
    print("the first word", file=sys.stderr, flush=True)
    os.unlink(path)  # noqa: PTH108
    os.symlink(target, path)  # noqa: PTH211


def sleep() -> None:
    print(os.getpid(), flush=True)
    time.sleep(600)


def scan(mode: str, *paths: str) -> None:
    """Be a scanner of the files that are named: honest, or lying in the way that `mode` says."""
    if misbehave(mode):
        return
    say_it(mode, distort(mode, look(paths), paths))


def sarif(mode: str, *paths: str) -> None:
    """Be one that writes SARIF, without a word of what it read, but for what it confesses."""
    if misbehave(mode):
        return
    report = distort(mode, look(paths), paths)
    results = [
        {"ruleId": f["rule"], "level": "note", "message": {"text": f"danger in {f['path']}"},
         "locations": [at(f["path"], f["line"])]}
        for f in report["findings"]  # type: ignore[attr-defined]
    ]  # fmt: skip
    confessed = [
        {"level": "error", "message": {"text": f"gave up on {path}"}, "locations": [at(path)]}
        for path in report["confessed"]  # type: ignore[attr-defined]
    ]
    lost = [{"level": "error", "message": {"text": "lost my way"}}] if mode == "lost" else []
    driver = {"name": "Fake Tool", "version": "1.5", "rules": [{"id": "DANGER", "name": "Danger"}]}
    run = {
        "tool": {"driver": driver},
        "invocations": [
            {"executionSuccessful": mode != "unsuccessful", "toolExecutionNotifications": confessed + lost}
        ],
        "artifacts": [{"location": {"uri": path}, "roles": ["analysisTarget"]} for path in paths],
        "results": results,
    }
    if mode == "elsewhere":
        run["externalPropertyFileReferences"] = {"results": [{"location": {"uri": "more.sarif"}}]}
    if mode == "nowhere":
        results[0]["locations"] = []
    say_it(
        mode,
        {"version": "2.0.0" if mode == "version" else "2.1.0", "runs": [] if mode == "runless" else [run]},
    )


def at(path: str, line: int = 1) -> "dict[str, object]":
    return {"physicalLocation": {"artifactLocation": {"uri": path}, "region": {"startLine": line}}}


def misbehave(mode: str) -> bool:
    """Do what `mode` says before any look; return whether that was all."""
    if mode == "exit137":
        sys.exit(137)
    if mode == "signal9":
        os.kill(os.getpid(), signal.SIGKILL)
    if mode == "hang":
        hang()
    if mode == "deep":
        print("[" * 200_000)
        return True
    if mode == "flood":
        print('{"pad": "', end="", flush=True)
        flood("200")
        print('"}')
        return True
    if mode.startswith("swap:"):
        _, folder, victim = mode.split(":")
        if not os.path.islink(folder):  # noqa: PTH114
            os.rename(folder, folder + "-moved")  # noqa: PTH104
            os.symlink(victim, folder)  # noqa: PTH211
    return False


def distort(mode: str, report: "dict[str, object]", paths: "tuple[str, ...]") -> "dict[str, object]":
    """Return a report that lies."""
    if mode == "liar":
        report["findings"] = []
    elif mode == "nothing":
        report["scanned"] = []
    elif mode == "stranger":
        report["findings"] = [{"path": "../../etc/passwd", "line": 1, "rule": "DANGER"}]
    elif mode == "shout":
        for path in paths:
            with open(path, errors="replace") as file:
                sys.stderr.write(file.read())
        sys.exit(1)
    elif mode == "slow":
        time.sleep(0.2)
    return report


def say_it(mode: str, report: "dict[str, object]") -> None:
    """Print a report, whole or broken."""
    text = json.dumps(report)
    if mode == "nan":
        text = '{"time": NaN, ' + text[1:]
    elif mode == "twice":
        text = text[:-1] + ', "findings": [], "findings": []}'
    elif mode == "truncated":
        text = text[:-9]
    print("" if mode == "silent" else text)


def look(paths: "tuple[str, ...]") -> "dict[str, object]":
    """Return what an honest look finds. Some words in a file end the one who reads them."""
    findings: list[object] = []
    slow: list[object] = []
    confessed: list[str] = []
    for path in paths:
        with open(path, errors="replace") as file:
            text = file.read()
        if "KILLS-THE-TOOL" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "HANGS-THE-TOOL" in text:
            hang()
        if "GARBLES-THE-REPORT" in text:
            print("{")
            sys.exit(0)
        if "EATS-MEMORY" in text:
            memory("400")
        if "SLOW-ALWAYS" in text or ("SLOW-AMONG-OTHERS" in text and len(paths) > 2):
            slow.append(path)
            continue
        confessed += [path] if "CONFESS" in text else []
        lines = text.split("\n")
        findings += [
            {"path": path, "line": n, "rule": "DANGER"} for n, line in enumerate(lines, 1) if "DANGER" in line
        ]
    scanned = [path for path in paths if path not in slow]
    return {"scanned": scanned, "findings": findings, "slow": slow, "confessed": confessed}


if __name__ == "__main__":
    {
        f.__name__: f
        for f in (hang, orphan, flood, memory, environment, exit_with, burn, say, swap, sleep, scan, sarif)
    }[sys.argv[1]](*sys.argv[2:])
