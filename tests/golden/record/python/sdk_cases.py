"""The scripts that every LLM SDK is put through, in Python and in Node alike.

`python3 sdk_cases.py` prints them as JSON. A script is a list of attempts (what the transport answers,
the last one again and again), uniforms and, where it differs from the default, a number of retries.
"""

import email.utils
import json
import sys

from world import EPOCH

STATUSES = [400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 501, 502, 503, 504, 529]
RETRIED = [408, 409, 429, 500, 529]
RAISED = ["connect-error", "connect-timeout", "read-timeout", "read-error"]
UNIFORMS = [0.0, 0.25, 0.5, 0.999999]
OK = {"status": 200}


def date(offset):
    return email.utils.formatdate(EPOCH + offset, usegmt=True)


def answer(status, body=None, **headers):
    out = {"status": status}
    if headers:
        out["headers"] = {key.replace("_", "-"): value for key, value in headers.items()}
    if body:
        out["body"] = body
    return out


def script(name, attempts, uniforms=(0.25,), **more):
    return {"name": name, "attempts": attempts, "uniforms": list(uniforms), **more}


def plain_statuses():
    yield script("a success is not retried", [OK])
    for status in STATUSES:
        yield script(f"one {status}", [answer(status), OK])
    for status in RETRIED:
        yield script(f"{status} for ever", [answer(status)])
    for kind in RAISED:
        yield script(f"one {kind}", [{"raises": kind}, OK])
        yield script(f"{kind} for ever", [{"raises": kind}])
    yield script("a mixture that ends well", [answer(500), {"raises": "connect-error"}, OK])
    yield script("a mixture that ends in a 400", [answer(500), answer(400), OK])
    yield script("no retries allowed", [answer(500), OK], max_retries=0)
    yield script("one retry allowed", [answer(500)], max_retries=1)


def waits():
    for u in UNIFORMS:
        yield script(f"own waits at uniform {u}", [answer(500)], [u])
        yield script(f"own waits over 8 retries at uniform {u}", [answer(429)], [u], max_retries=8)
    ladder = [0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875]
    yield script("a new uniform for every wait", [answer(503)], ladder, max_retries=8)
    yield script(
        "a wait that the server set counts as a step of the schedule",
        [answer(429, retry_after="7"), answer(500), answer(429, retry_after="3"), answer(500), OK],
        ladder,
        max_retries=8,
    )


def retry_after():
    seconds = ["0", "0.5", "1", "1.5", "7", "59", "59.999", "60", "60.001", "61", "119", "120", "120.001", "121"]
    seconds += ["150", "3600", "86400", "3000000", "1e2", "1e400", "-1", "-0.5", "inf", "nan", "", "soon", "7s", " 7 ", "0x10", "1_0"]
    for value in seconds:
        yield script(f"retry-after {value!r}", [answer(429, retry_after=value), OK])
    for offset in [-3600, -1, 0, 1, 30, 59, 60, 61, 119, 120, 121, 3600]:
        yield script(f"retry-after as the date {offset:+} s", [answer(429, retry_after=date(offset)), OK])
    yield script("retry-after as a date with a zone", [answer(429, retry_after="Tue, 01 Jan 2030 01:00:20 +0100"), OK])
    yield script("retry-after as an ISO date", [answer(429, retry_after="2030-01-01T00:00:20Z"), OK])
    yield script("retry-after as a broken date", [answer(429, retry_after="Tue, 99 Foo 2030 00:00:20 GMT"), OK])
    for status in [400, 408, 500, 503, 529]:
        yield script(f"retry-after 7 on a {status}", [answer(status, retry_after="7"), OK])
    yield script("retry-after 7 for ever", [answer(429, retry_after="7")])
    yield script("retry-after 150 for ever", [answer(429, retry_after="150")])
    yield script("retry-after 90 for ever", [answer(429, retry_after="90")])
    yield script("retry-after 7 with no retry left", [answer(429, retry_after="7"), OK], max_retries=0)


def milliseconds():
    for value in ["0", "-5", "1", "1500", "1500.5", "59999", "60000", "60001", "119999", "120000", "120001", "3600000", "2147483647", "2147483648", "soon", ""]:
        yield script(f"retry-after-ms {value!r}", [answer(429, retry_after_ms=value), OK])
    for ms, s in [("1500", "7"), ("soon", "7"), ("0", "7"), ("-1", "7"), ("90000", "7"), ("150000", "7"), ("1500", "150"), ("0", "150"), ("soon", "soon")]:
        yield script(f"retry-after-ms {ms!r} with retry-after {s!r}", [answer(429, retry_after_ms=ms, retry_after=s), OK])
    yield script("retry-after-ms 1500 with a date", [answer(429, retry_after_ms="1500", retry_after=date(30)), OK])
    yield script("retry-after-ms unparsable with a date", [answer(429, retry_after_ms="soon", retry_after=date(30)), OK])
    for header in ["x-ms-retry-after-ms", "x-amz-retry-after", "x-ratelimit-reset-after"]:
        yield script(f"{header} 1500", [answer(429, **{header.replace("-", "_"): "1500"}), OK])
    yield script("x-ratelimit-reset in 20 s", [answer(429, x_ratelimit_reset=str(EPOCH + 20)), OK])
    yield script("x-ratelimit-reset in 90 s", [answer(429, x_ratelimit_reset=str(EPOCH + 90)), OK])
    yield script("x-ratelimit-reset 20 s ago", [answer(429, x_ratelimit_reset=str(EPOCH - 20)), OK])
    yield script("x-ratelimit-reset-requests 20s", [answer(429, x_ratelimit_reset_requests="20s"), OK])


def veto():
    for word in ["true", "false", "True", "FALSE", "1", ""]:
        for status in [400, 429]:
            yield script(f"x-should-retry {word!r} on a {status}", [answer(status, x_should_retry=word), OK])
    for word in ["true", "false"]:
        for status in [s for s in STATUSES if s not in (400, 429)]:
            yield script(f"x-should-retry {word!r} on a {status}", [answer(status, x_should_retry=word), OK])
        for after in ["0", "7", "90", "150", "3600", "soon"]:
            yield script(
                f"x-should-retry {word!r} with retry-after {after!r}",
                [answer(429, x_should_retry=word, retry_after=after), OK],
            )
    yield script("x-should-retry 'true' on a 400 for ever", [answer(400, x_should_retry="true")])


def bodies():
    quota = {"error": {"code": "insufficient_quota", "message": "no credit", "param": None, "type": "insufficient_quota"}}
    rate = {"error": {"code": "rate_limit_exceeded", "message": "slow down", "param": None, "type": "requests"}}
    overloaded = {"error": {"message": "Overloaded", "type": "overloaded_error"}, "type": "error"}
    context = {"error": {"code": "context_length_exceeded", "message": "too long", "param": "messages", "type": "invalid_request_error"}}
    yield script("a 429 of an exhausted quota", [answer(429, quota), OK])
    yield script("a 429 of an exhausted quota for ever", [answer(429, quota)])
    yield script("a 429 of an exhausted quota with a veto", [answer(429, quota, x_should_retry="false"), OK])
    yield script("a 429 of a rate limit", [answer(429, rate), OK])
    yield script("a 529 that says overloaded", [answer(529, overloaded), OK])
    yield script("a 400 of a context too long", [answer(400, context), OK])


def scripts():
    for part in (plain_statuses, waits, retry_after, milliseconds, veto, bodies):
        yield from part()


if __name__ == "__main__":
    json.dump(list(scripts()), sys.stdout)
