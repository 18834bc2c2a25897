"""deploy/nginx/dashboard.conf in a real nginx on loopback, in front of sites that tell what they
were asked.
"""

import http.client
import json
import os
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from integrations.demo.environment import free_port
from tests.deployment.document import PROJECT

HOST = "integrations.example.com"
CONFIGURATION = (PROJECT / "deploy" / "nginx" / "dashboard.conf").read_text()
NGINX = shutil.which("nginx", path="/usr/local/sbin:/usr/sbin:/usr/bin:/usr/local/bin")
pytestmark = pytest.mark.skipif(
    not NGINX or not shutil.which("openssl"), reason="nginx or openssl is not here"
)


class Site(BaseHTTPRequestHandler):
    """Answers with the headers and the length of what it was asked."""

    protocol_version = "HTTP/1.1"

    def address_string(self) -> str:
        return "a socket"

    def do_GET(self) -> None:
        size = len(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        told = {"headers": {**self.headers}, "size": size, "connection": id(self.connection)}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Strict-Transport-Security", "max-age=31536000")
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        return


class Sites(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class Proxy:
    """nginx, and how it is spoken to."""

    def __init__(self, folder: Path) -> None:
        self.plain, self.tls = free_port(18_080), free_port(18_443)
        self.log = folder / "dashboard.log"
        self._folder = folder
        self._context = ssl._create_unverified_context()  # noqa: S323 - the test's own certificate

    def configuration(self) -> str:
        """The file as it is, at places of the test's own."""
        text = CONFIGURATION.replace("/run/dashboard/", f"{self._folder}/")
        text = text.replace("/etc/nginx/tls/dashboard", f"{self._folder}/certificate")
        text = text.replace("/var/log/nginx/", f"{self._folder}/")
        text = re.sub(r"\n +listen \[::\].+", "", text)
        text = text.replace("listen 80", f"listen 127.0.0.1:{self.plain}")
        text = text.replace("listen 443", f"listen 127.0.0.1:{self.tls}")
        if _version() < (1, 25, 1):  # from then on HTTP/2 has a line of its own
            text = text.replace("    http2 on;\n", "")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = "".join(f"{kind}_temp_path {self._folder}/{kind};\n" for kind in kinds)
        # Else root's workers are somebody else, who can't get at the test's folder.
        who = "user root; " if os.geteuid() == 0 else ""
        own = f"{who}daemon off; pid {self._folder}/pid; error_log {self._folder}/error.log;"
        return f"{own}\nevents {{}}\nhttp {{\n{places}{text}}}\n"

    def connect(self, name: str = HOST) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.tls, timeout=30)
        plain = socket.create_connection(("127.0.0.1", self.tls), timeout=30)
        connection.sock = self._context.wrap_socket(plain, server_hostname=name)
        return connection

    def ask(
        self, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        with closing(self.connect()) as connection:
            method = "GET" if body is None else "POST"
            connection.request(method, path, body, {"Host": HOST, **(headers or {})})
            response = connection.getresponse()
            return response, response.read()

    def passed(self, path: str, headers: Mapping[str, str] | None = None) -> dict[str, str]:
        """The headers with which the site was asked."""
        passed: dict[str, str] = json.loads(self.ask(path, headers)[1])["headers"]
        return passed


def _version() -> tuple[int, ...]:
    shown = subprocess.run([NGINX or "nginx", "-v"], capture_output=True, text=True).stderr
    return tuple(int(part) for part in re.findall(r"\d+", shown)[:3])


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("nginx")
    where = ["-keyout", f"{folder}/certificate.key", "-out", f"{folder}/certificate.crt"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    make = ["openssl", "req", "-x509", *key, "-subj", f"/CN={HOST}", *where]
    subprocess.run(make, check=True, capture_output=True)
    proxy = Proxy(folder)
    (folder / "nginx.conf").write_text(proxy.configuration())
    sites = [Sites(str(folder / f"site-{number}.sock"), Site) for number in (1, 2)]
    for site in sites:
        Thread(target=site.serve_forever, args=(0.05,), daemon=True).start()
    command = [NGINX or "nginx", "-p", str(folder), "-c", f"{folder}/nginx.conf"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not _listens(proxy.tls):
            assert process.poll() is None, process.stderr and process.stderr.read()
        yield proxy
        process.terminate()
    for site in sites:
        site.shutdown()
        site.server_close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_site_learns_who_asks_and_how(proxy: Proxy) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "X-Request-ID": "mine"}
    passed = proxy.passed("/", {**forged, "Host": f"{HOST}:8443", "Authorization": "Bearer x"})
    assert passed["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1"
    assert passed["X-Forwarded-Proto"] == "https"
    assert passed["Host"] == f"{HOST}:8443"
    assert passed["Authorization"] == "Bearer x"
    assert re.fullmatch(r"[0-9a-f]{32}", passed["X-Request-ID"])


def test_the_sites_own_headers_reach_the_browser(proxy: Proxy) -> None:
    answer, _body = proxy.ask("/")
    assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    assert "nginx/" not in (answer.headers["Server"] or "")


def test_a_browser_keeps_its_connection_and_no_site_does(proxy: Proxy) -> None:
    with closing(proxy.connect()) as connection:
        kept = connection.sock
        for _ in range(2):
            connection.request("GET", "/", headers={"Host": HOST})
            answer = connection.getresponse()
            assert json.loads(answer.read())["headers"]["Connection"] == "close"
        assert connection.sock is kept


@pytest.mark.parametrize(("size", "status"), [(1024 * 1024, 200), (1024 * 1024 + 1, 413)])
def test_a_body_has_a_mebibyte_at_most(proxy: Proxy, size: int, status: int) -> None:
    answer, body = proxy.ask("/webhooks/kombo/production/", body=b"x" * size)
    assert answer.status == status
    if status == 200:
        assert json.loads(body)["size"] == size


def test_plain_http_leads_to_https(proxy: Proxy) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.plain)) as connection:
        connection.request("GET", "/t/x/?q=1", headers={"Host": HOST})
        answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/t/x/?q=1")


def test_another_name_is_not_answered(proxy: Proxy) -> None:
    with pytest.raises(ssl.SSLError):
        proxy.connect("other.example.com")


def test_the_log_holds_no_link_and_no_query(proxy: Proxy) -> None:
    secret = "Zq7-a-secret"
    paths = ["/hand-off/{}/", "/go/{}/", "/account/password/reset/MQ/{}/", "/t/public?q={}"]
    for path in paths:
        proxy.ask(path.format(secret))
    while "/t/public" not in proxy.log.read_text():  # it is written after the answer
        pass
    told = [line.split(" ") for line in proxy.log.read_text().splitlines()[-4:]]
    assert secret not in proxy.log.read_text()
    assert [parts[3] for parts in told] == ["/hand-off/...", "/go/...", "/account/...", "/t/public"]
