"""A real OpenSearch cluster for tests: each node a process of its own, on the loopback address, in a temporary folder.

The server comes from Maven Central (``pom.xml``) and is started by ``TestNode.java``. Nodes are ended by their process
ids, and end by themselves when the process that started them does.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HEAP_MB = 320
START_SECONDS = 600.0
PATIENCE_S = 300.0  # longer than anything takes that is waited for, however busy the machine


def has_java() -> bool:
    """Whether this machine has what the nodes need."""
    return shutil.which("java") is not None and shutil.which("mvn") is not None


def classpath(version: str | None = None, home: str | None = None) -> str:
    """The class path of a node, compiled and downloaded if it is not there yet. ``version`` of OpenSearch; ``home`` of
    the Java to compile with, if not the default one."""
    target = HERE / "target" / (version or "default")
    done = target / "classpath"
    sources = [HERE / "pom.xml", *HERE.glob("src/main/java/**/*.java")]
    if not done.exists() or done.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        command = ["mvn", "-q", "-B", f"-Dnode.target={target}", "compile", "dependency:build-classpath"]
        command += [f"-Dmdep.outputFile={done}"]
        if version is not None:
            command += [f"-Dopensearch.version={version}"]
        variables = os.environ | ({"JAVA_HOME": home} if home is not None else {})
        subprocess.run(command, cwd=HERE, env=variables, check=True, stdin=subprocess.DEVNULL, timeout=900)
    return f"{target / 'classes'}{os.pathsep}{done.read_text().strip()}"


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on. They are below those that systems give to outgoing connections, one of which would
    else take the port of a node that is down for a moment."""
    found: list[int] = []
    for port in random.sample(range(10_000, 32_000), 1_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError("there are no free ports for the nodes")


class Running:
    """A cluster that somebody else runs, by its ``host:port``s."""

    def __init__(self, hosts: str) -> None:
        self.hosts = hosts

    def address(self, name: str) -> str:
        """The address of an index in the cluster."""
        return f"opensearch://{self.hosts}/{name}"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What the cluster says to a request."""
        return _call(self.hosts.partition(",")[0], method, path, body)


def _call(host: str, method: str, path: str, body: Any) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://{host}{path}", data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


class Cluster:
    """``count`` nodes; ``with`` starts them and ends them."""

    def __init__(self, count: int = 3, version: str | None = None, home: str | None = None) -> None:
        """``version`` of OpenSearch, if not that of ``pom.xml``; ``home`` of another Java: version 3 needs 21."""
        self.count, self._java = count, str(Path(home) / "bin" / "java") if home else "java"
        self._classpath = classpath(version, home)
        self._home = Path(tempfile.mkdtemp(prefix="papersearch-cluster-"))
        ports = _free_ports(2 * count)
        self.ports, self._transport = ports[:count], ports[count:]
        self._nodes: dict[int, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Cluster:
        try:
            for number in range(self.count):
                self.start(number)
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def hosts(self) -> str:
        """``host:port`` of every node, as addresses name them."""
        return ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def address(self, name: str) -> str:
        """The address of an index in the cluster."""
        return f"opensearch://{self.hosts}/{name}"

    def start(self, number: int) -> None:
        """Start a node, with the data that it had before."""
        home = self._home / f"node{number}"
        home.mkdir(exist_ok=True)
        transports = ",".join(f"127.0.0.1:{port}" for port in self._transport)
        names = ",".join(f"node{each}" for each in range(self.count))
        settings = {
            "path.home": str(home),
            "cluster.name": self._home.name,
            "node.name": f"node{number}",
            "http.port": str(self.ports[number]),
            "transport.port": str(self._transport[number]),
            "discovery.seed_hosts": transports,
            "cluster.initial_cluster_manager_nodes": names,
            # A test cluster lives on whatever disk there is.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            # The connections of a killed node break, which is noticed at once. One that is only slow is no lost node.
            "cluster.fault_detection.follower_check.timeout": "60s",
            "cluster.fault_detection.leader_check.timeout": "60s",
            # A small heap is full of what the next collection removes: that is no reason to refuse a request.
            "indices.breaker.total.use_real_memory": "false",
        }
        # Nodes that live for minutes are over before what the second compiler does for them pays: half of all the time.
        heap = [f"-Xms{HEAP_MB}m", f"-Xmx{HEAP_MB}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k"]
        command = [self._java, *heap, "-Dlog4j2.disable.jmx=true", "-cp", self._classpath]
        command += ["papersearch.testnode.TestNode", *(f"{name}={value}" for name, value in settings.items())]
        with open(home / "log.txt", "ab") as log:
            self._nodes[number] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)

    def start_all(self) -> None:
        """Start the nodes that are down, and wait until everything is where it belongs."""
        for number in range(self.count):
            if number not in self._nodes:
                self.start(number)
        self.wait()

    def kill(self, number: int) -> None:
        """End a node by force, as a power cut would."""
        node = self._nodes.pop(number)
        node.kill()
        node.wait()
        if node.stdin is not None:
            node.stdin.close()

    def stop(self) -> None:
        """End all nodes and remove their data."""
        for number in list(self._nodes):
            self.kill(number)
        shutil.rmtree(self._home, ignore_errors=True)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What the first node that answers says to a request."""
        wrong: Exception | None = None
        for number in self._nodes:
            try:
                return _call(f"127.0.0.1:{self.ports[number]}", method, path, body)
            except (OSError, http.client.HTTPException) as refused:
                wrong = refused
        raise RuntimeError(f"no node answers {method} {path}: {wrong}")

    def wait(self, status: str = "green", nodes: int | None = None) -> None:
        """Wait until those that run, and no others, have found each other and every shard is where it belongs (yellow:
        but for copies; red: wherever shards are)."""
        wanted = len(self._nodes) if nodes is None else nodes
        deadline = time.monotonic() + START_SECONDS
        while True:
            for number, node in self._nodes.items():
                if node.poll() is not None:
                    log = (self._home / f"node{number}" / "log.txt").read_text(errors="replace")
                    raise RuntimeError(f"node {number} ended:\n{log[-3000:]}")
            try:
                health = self.call("GET", f"/_cluster/health?wait_for_status={status}&timeout=5s")
                if health["number_of_nodes"] == wanted and not health["timed_out"]:
                    return
                # A shard that could not be opened five times is left alone, until somebody says so.
                self.call("POST", "/_cluster/reroute?retry_failed=true&metric=none")
            except (RuntimeError, urllib.error.HTTPError):
                pass
            if time.monotonic() > deadline:
                raise RuntimeError("the cluster did not come up")
            time.sleep(0.3)
