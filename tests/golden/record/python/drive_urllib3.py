"""urllib3: `Retry` in a connection pool whose connections are scripted."""

import importlib.metadata

import urllib3
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, ReadTimeoutError, ConnectTimeoutError
from urllib3.util.retry import Retry

from sdk_cases import RAISED, STATUSES, answer, date
from world import WORLD, recording, write

OK = {"status": 200}
FORCED = [413, 429, 500, 502, 503, 504]


class Pool(HTTPConnectionPool):
    attempts = ()
    sent = 0

    def _get_conn(self, timeout=None):
        return self.ConnectionCls("squall.invalid")  # never connected: `_make_request` is ours

    def _put_conn(self, conn):
        pass

    def _make_request(self, conn, method, url, **_):
        step = self.attempts[min(self.sent, len(self.attempts) - 1)]
        self.sent += 1
        assert self.sent < 50, "retries without end"
        if "raises" in step:
            raise {
                "connect-error": lambda: NewConnectionError(conn, "scripted"),
                "connect-timeout": lambda: ConnectTimeoutError(conn, "scripted"),
                "read-timeout": lambda: ReadTimeoutError(self, url, "scripted"),
                "read-error": lambda: ProtocolError("scripted"),
            }[step["raises"]]()
        return urllib3.HTTPResponse(status=step["status"], headers=step.get("headers", {}), body=b"", preload_content=False)


def run(name, attempts, uniforms=(0.25,), method="GET", **options):
    WORLD.reset(uniforms)
    pool = Pool("squall.invalid")
    pool.attempts = attempts
    given = dict(options)
    if "allowed_methods" in given and given["allowed_methods"] == "any":
        given["allowed_methods"] = None
    try:
        response = pool.urlopen(method, "/", retries=Retry(**given), preload_content=False)
        ends = {"ok": True} if response.status < 400 else {"status": response.status}
    except HTTPError as error:
        ends = {"error": type(error).__name__}
    return {
        "name": name,
        "settings": {"method": method, **options},
        "attempts": attempts,
        "uniforms": list(WORLD.drawn),
        "waits_s": list(WORLD.sleeps),
        "sent": pool.sent,
        "ends": ends,
    }


def cases():
    for method in ("GET", "POST"):
        for status in STATUSES:
            yield run(f"one {status} to a {method}", [answer(status), OK], method=method)
            yield run(f"one {status} to a {method}, listed", [answer(status), OK], method=method, status_forcelist=FORCED)
        for kind in RAISED:
            yield run(f"one {kind} of a {method}", [{"raises": kind}, OK], method=method)
    yield run("one 503 to a POST, any method", [answer(503), OK], method="POST", status_forcelist=FORCED, allowed_methods="any")
    yield run("one 503 with retry-after to a POST", [answer(503, retry_after="7"), OK], method="POST")
    for kind in RAISED:
        yield run(f"{kind} for ever", [{"raises": kind}])
        yield run(f"{kind} for ever, total 3", [{"raises": kind}], total=3, backoff_factor=1)
    for options in (
        {"total": 10},
        {"total": 10, "backoff_factor": 0.1},
        {"total": 10, "backoff_factor": 1},
        {"total": 12, "backoff_factor": 1, "backoff_max": 20},
        {"total": 10, "backoff_factor": 0.5, "backoff_jitter": 1.0},
        {"total": 12, "backoff_factor": 1, "backoff_jitter": 5.0, "backoff_max": 20},
        {"total": 3, "backoff_factor": 1},
        {"total": 0, "backoff_factor": 1},
        {"total": 10, "status": 2, "backoff_factor": 1},
        {"total": 10, "connect": 2, "backoff_factor": 1},
    ):
        for u in (0.0, 0.5, 0.999999):
            yield run(f"503 for ever, {options}, uniform {u}", [answer(503)], [u], status_forcelist=FORCED, **options)
    for value in ["0", "0.5", "1.5", "7", "60", "61", "120", "121", "3600", "21599", "21600", "21601", "86400", "-1", "soon", "", " 7 ", "7s"]:
        yield run(f"retry-after {value!r} on a 429", [answer(429, retry_after=value), OK])
    for offset in [-3600, -1, 0, 1, 30, 3600]:
        yield run(f"retry-after as the date {offset:+} s", [answer(429, retry_after=date(offset)), OK])
    for status in STATUSES:
        yield run(f"retry-after 7 on a {status}", [answer(status, retry_after="7"), OK])
    yield run("retry-after 7 on a listed 500", [answer(500, retry_after="7"), OK], status_forcelist=FORCED)
    yield run("retry-after 7 for ever", [answer(429, retry_after="7")], total=3)
    yield run("retry-after 0 for ever with a factor", [answer(429, retry_after="0")], total=3, backoff_factor=1)
    yield run("retry-after not respected", [answer(429, retry_after="7"), OK], status_forcelist=FORCED, respect_retry_after_header=False)
    yield run("retry-after capped at 10", [answer(429, retry_after="60"), OK], retry_after_max=10)
    yield run("retry-after-ms 1500", [answer(429, retry_after_ms="1500"), OK], status_forcelist=FORCED)


def record(out):
    settings = {
        "total": 10, "backoff_factor": 0, "backoff_jitter": 0, "backoff_max_s": Retry.DEFAULT_BACKOFF_MAX,
        "retry_after_max_s": Retry.DEFAULT_RETRY_AFTER_MAX, "retry_after_statuses": sorted(Retry.RETRY_AFTER_STATUS_CODES),
        "allowed_methods": sorted(Retry.DEFAULT_ALLOWED_METHODS),
    }
    write(out, f"urllib3-{importlib.metadata.version('urllib3')}", recording("urllib3", settings, list(cases())))
