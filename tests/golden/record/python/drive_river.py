"""River's drift detectors over streams of numbers: after which of them a change is detected.

The streams stand in the recording, so no generator has to be the same elsewhere.
"""

from river import drift

from world import recording, write

LENGTH = 1500


def uniforms(state):
    """Knuth's MMIX generator: the streams are the same wherever they are recorded."""
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> 33) / 2**31


def streams():
    draw = uniforms(7)

    def score(mean):
        # Twelve uniforms make nearly a normal number.
        off = sum(next(draw) for _ in range(12)) - 6
        return min(1.0, max(0.0, round(mean + 0.1 * off, 3)))

    def failed(share):
        return int(next(draw) < share)

    each = range(LENGTH)
    return {
        "steady scores": [score(0.5) for _ in each],
        "scores that fall and rise again": [score([0.7, 0.5, 0.75][i // 500]) for i in each],
        "scores that fall slowly": [score(0.8 - 0.4 * i / LENGTH) for i in each],
        "scores that fall a little": [score(0.7 if i < 750 else 0.62) for i in each],
        "steady failures": [failed(0.1) for _ in each],
        "failures that rise and fall again": [failed(0.25 if 600 <= i < 1000 else 0.05) for i in each],
        "one outage": [failed(1.0 if 700 <= i < 760 else 0.02) for i in each],
        "all or nothing": [i // 150 % 2 for i in each],
        "two constants": [0.5] * 200 + [0.9] * 200,
        "a few": [0, 1, 0, 0, 1, 1, 1, 0, 1, 1],
    }


ADWIN = [
    {},
    {"delta": 0.05},
    {"delta": 0.5},
    {"clock": 1},
    {"clock": 1, "delta": 0.3, "grace_period": 0, "min_window_length": 1},
    {"clock": 4, "max_buckets": 2},
    {"clock": 7, "max_buckets": 10},
    {"clock": 8, "min_window_length": 1},
    {"min_window_length": 30},
    {"clock": 1, "grace_period": 200},
    {"clock": 100, "delta": 0.01},
]

PAGE_HINKLEY = [
    {},
    {"threshold": 10.0, "alpha": 1.0, "delta": 0.02},
    {"threshold": 5.0},
    {"threshold": 2.0, "alpha": 0.99},
    {"threshold": 1.0, "delta": 0.1},
    {"threshold": 3.0, "min_instances": 100, "alpha": 1.0},
    {"threshold": 1.0, "delta": 0.0, "min_instances": 1},
    {"threshold": 0.5, "min_instances": 1},
]


def settings():
    for own in ADWIN:
        yield drift.ADWIN, own
    for own in PAGE_HINKLEY:
        for mode in ("up", "down", "both"):
            yield drift.PageHinkley, {**own, "mode": mode}


def alarms(detector, numbers):
    out = []
    for index, number in enumerate(numbers):
        detector.update(number)
        if detector.drift_detected:
            out.append(index)
    return out


def record(out):
    cases = []
    for kind, own in settings():
        spelled = " ".join(f"{key}={value}" for key, value in own.items()) or "by default"
        for stream, numbers in streams().items():
            cases.append(
                {
                    "name": f"{kind.__name__} {spelled}: {stream}",
                    "detector": kind.__name__,
                    "settings": own,
                    "stream": stream,
                    "alarms": alarms(kind(**own), numbers),
                }
            )
    content = recording("river", {}, cases, note="`alarms` are the places in `streams`, from 0")
    content["streams"] = streams()
    write(out, f"river-{content['version']}", content)
