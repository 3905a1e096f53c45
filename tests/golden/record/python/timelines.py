"""The timelines that every circuit breaker is put through, in Python and in Node alike.

`python3 timelines.py` prints them as JSON. A step starts a call, ends one that runs (`as` says how), or
only looks. Calls may overlap. The end of a call that was refused is left out by the drivers.
"""

import json
import sys

OPEN_S = 10  # for how long the breakers of the timelines stay open; the defaults have their own


def start(at, call):
    return {"at_s": at, "start": call}


def end(at, call, how):
    return {"at_s": at, "end": call, "as": how}


def look(at):
    return {"at_s": at, "look": True}


def calls(at, hows, prefix="c", step=0.0):
    """Calls one after the other, each over at once."""
    out = []
    for n, how in enumerate(hows):
        when = at + n * step
        out += [start(when, f"{prefix}{n}"), end(when, f"{prefix}{n}", how)]
    return out


F, G = "fail", "ok"


def consecutive():
    yield "two failures leave it closed", calls(0, [F, F])
    yield "the third failure in a row trips it", calls(0, [F, F, F, F])
    yield "a success starts the count afresh", calls(0, [F, F, G, F, F, G, F, F, F, F])
    yield "failures far apart add up", calls(0, [F, F, F, F], step=1000.0)
    yield "many calls at once that all fail", [start(0, f"c{n}") for n in range(6)] + [
        end(1 + n / 8, f"c{n}", F) for n in range(6)
    ] + [start(2, "late")]


def half_open():
    trip = calls(0, [F] * 3, "t")
    yield "open until the very instant", trip + [look(5), *calls(9.999, [G], "early"), look(10), *calls(10, [G], "probe"), *calls(10.5, [F], "then")]
    yield "just after the instant", trip + calls(10.001, [G], "probe") + calls(10.5, [F], "then")
    yield "a probe that fails opens it again for the whole time", trip + calls(12, [F], "probe") + [
        *calls(21.999, [G], "early"), *calls(22, [G], "second"), *calls(23, [F, F], "after"),
    ]
    yield "a probe that is slow to fail: open from its end", trip + [
        start(10, "probe"), end(14, "probe", F), *calls(20, [G], "early"), *calls(23.999, [G], "still"), *calls(24, [G], "second"),
    ]
    for first, second, third in [(G, F, G), (F, G, G), (G, G, G), (F, F, F)]:
        yield f"three probes at once that end {first}, {second}, {third}", trip + [
            start(10, "p1"), start(10, "p2"), start(10.5, "p3"), end(11, "p1", first), look(11.2),
            end(12, "p2", second), end(13, "p3", third), *calls(14, [G], "after"), *calls(24, [G], "later"),
        ]
    yield "a probe that never returns", trip + [start(10, "lost"), start(11, "a"), start(500, "b"), look(1000)]
    yield "it trips again after it closed", trip + calls(10, [G, G], "good") + calls(11, [F, F, F, F], "bad") + calls(21, [G], "again")
    yield "time passes without calls", trip + [look(9), look(10), look(11), look(500), *calls(500, [F], "probe"), *calls(509.999, [G], "early"), *calls(510, [G], "last")]


def stale():
    trip = calls(1, [F] * 3, "t")
    for how in (G, F):
        yield f"a stale {how} while open", [start(0, "s"), *trip, end(5, "s", how), *calls(11, [G], "a"), *calls(15, [G], "b")]
        yield f"a stale {how} in half-open", [
            start(0, "s"), *trip, start(11, "probe"), end(12, "s", how), start(12.5, "a"), end(13, "probe", G),
            end(14, "a", G), *calls(15, [F], "b"),
        ]
        yield f"a stale {how} in half-open, then the probe fails", [
            start(0, "s"), *trip, start(11, "probe"), end(12, "s", how), end(13, "probe", F), *calls(15, [G], "a"), *calls(23, [G], "b"),
        ]
        yield f"a stale {how} after it closed again", [
            start(0, "s"), *trip, *calls(11, [G], "probe"), *calls(12, [F, F], "x"), end(13, "s", how), *calls(14, [F, F], "y"),
        ]
    yield "stale failures after the instant of re-opening has passed", [
        start(0, "s1"), start(0, "s2"), *trip, end(11.5, "s1", F), *calls(12, [G], "a"), end(13, "s2", F), *calls(14, [G], "b"), *calls(22, [G], "c"),
    ]


def other_ends():
    for how in ("cancel", "ignored"):
        yield f"{how} three times", calls(0, [how] * 4)
        yield f"two failures, one {how}, one failure", calls(0, [F, F, how, F, F])
        yield f"a probe that ends {how}", calls(0, [F] * 3, "t") + calls(10, [how], "probe") + calls(11, [F], "a") + calls(12, [F, G], "b") + calls(30, [G], "c")
        yield f"a stale {how} in half-open", [
            start(0, "s"), *calls(1, [F] * 3, "t"), start(11, "probe"), end(12, "s", how), end(13, "probe", F), *calls(14, [G], "a"),
        ]


def ratios():
    yield "the first call fails", calls(0, [F, F])
    yield "half of two calls fail", calls(0, [G, F, F])
    yield "half of ten calls fail, then one more", calls(0, [G, F] * 5 + [F, F], step=0.125)
    yield "half of ten calls fail, the failures first", calls(0, [F] * 5 + [G] * 5 + [F] * 2, step=0.125)
    yield "nine good calls, then failures", calls(0, [G] * 9 + [F] * 12, step=0.125)
    yield "failures apart by most of the window", calls(0, [F] * 6, step=2.5)
    yield "good calls that leave the window", calls(0, [G] * 4, "g") + calls(9.5, [F] * 3, "f") + calls(10.25, [F] * 4, "h")
    yield "failures that leave the window", calls(0, [F] * 3, "f") + calls(12, [G] * 2, "g") + calls(13, [F] * 3, "h")
    yield "calls in flight while others fail", [start(0, f"c{n}") for n in range(10)] + [
        end(1 + n / 8, f"c{n}", F) for n in range(8)
    ]
    yield "busy and half bad", calls(0, [G, F, F, G] * 12, step=0.25)
    yield "busy, then an outage, then well", calls(0, [G] * 20, "g", 0.1) + calls(2, [F] * 30, "f", 0.1) + calls(16, [G] * 6, "h", 0.5)
    yield "refused calls and the window after closing", calls(0, [F] * 12, "f", 0.0625) + calls(5, [G] * 3, "r") + calls(10.75, [G], "p") + calls(10.875, [F] * 4, "q")


def hanging():
    yield "a call that never ends", [start(0, "a"), look(9.999), look(10), look(11), start(12, "b")]
    yield "a call that ends after the breaker's own time-out", [start(0, "a"), look(10), end(15, "a", G), *calls(21, [G], "b"), look(40), *calls(41, [G], "c")]
    yield "a probe that hangs", calls(0, [F] * 3, "t") + [start(10, "p"), look(19.999), look(20), start(25, "a"), end(26, "p", G), start(30, "b")]


def defaults():
    yield "by default: failures until it trips, then time", calls(0, [F] * 7, "f", 0.125) + [
        look(29.5), look(30.5), *calls(59.5, [G], "a"), *calls(60.5, [G], "b"), *calls(61, [G], "c"), *calls(120, [F], "d"),
    ]
    yield "by default: one good call among bad ones", calls(0, [F, F, G, F, F, F, F, F, F], "f", 0.125)


def listed(groups):
    return [{"name": name, "steps": steps} for group in groups for name, steps in group()]


def timelines():
    """By group: a driver chooses the groups that say something about its breaker."""
    return {
        "consecutive": listed([consecutive]),
        "states": listed([half_open, stale, other_ends]),
        "ratios": listed([ratios]),
        "hanging": listed([hanging]),
        "defaults": listed([defaults]),
    }


if __name__ == "__main__":
    json.dump({"open_s": OPEN_S, "groups": timelines()}, sys.stdout)
