// opossum and cockatiel along the timelines.

import fs from 'node:fs';
import { version, world, write } from './world.mjs';

class Failed extends Error {}
class Ignored extends Error {}
class AbortError extends Error {}
const raised = { fail: Failed, ignored: Ignored, cancel: AbortError };

// `make` gives { call(function), state(), refuses(error) } for a fresh breaker.
async function play(make, steps) {
  world.reset();
  const breaker = make();
  const calls = new Map();
  const events = [];
  const out = [];

  const start = (name) => {
    const call = { inside: false, over: false };
    calls.set(name, call);
    const body = () => {
      call.inside = true;
      events.push(['entered', name]);
      return new Promise((resolve, reject) => { call.resolve = resolve; call.reject = reject; });
    };
    breaker.call(body).then(
      () => { call.over = true; events.push(['returned', name, 'ok']); },
      (error) => {
        call.over = true;
        if (!call.inside && breaker.refuses(error)) events.push(['refused', name]);
        else events.push(['returned', name, error.code ?? error.constructor.name]);
      },
    );
  };

  // The action of a call may go on after the breaker has given it up.
  const end = (name, how) => {
    const call = calls.get(name);
    if (!call || !call.inside || call.ended) return false;
    call.ended = true;
    if (how === 'ok') call.resolve('ok');
    else call.reject(new raised[how]('scripted'));
    return true;
  };

  for (const step of steps) {
    events.length = 0;
    await world.until(step.at_s * 1000);
    const told = { entered: [], refused: [], returned: {} };
    const between = [...events];
    events.length = 0;
    if (step.start) start(step.start);
    else if (step.end && !end(step.end, step.as)) continue;
    await world.settle();
    for (const [kind, name, how] of [...between, ...events]) {
      if (kind === 'returned') told.returned[name] = how;
      else told[kind].push(name);
    }
    const shown = {};
    for (const key of ['entered', 'refused']) if (told[key].length) shown[key] = told[key];
    if (Object.keys(told.returned).length) shown.returned = told.returned;
    out.push({ ...step, ...shown, state: breaker.state() });
  }
  breaker.close?.();
  return world.drawn.length ? { uniforms: world.drawn, steps: out } : { steps: out };
}

async function cases(variants, groups) {
  const out = [];
  for (const [label, settings, make, wanted] of variants) {
    for (const group of wanted) {
      for (const one of groups[group]) {
        out.push({ name: `${label}: ${one.name}`, settings, ...(await play(make, one.steps)) });
      }
    }
  }
  return out;
}

export async function record(out, timelinesFile) {
  const { open_s: openS, groups } = JSON.parse(fs.readFileSync(timelinesFile, 'utf8'));
  const openMs = openS * 1000;

  const { default: Opossum } = await import('opossum');
  const opossum = (settings) => () => {
    const breaker = new Opossum((body) => body(), { ...settings, errorFilter: (error) => error instanceof Ignored });
    return {
      call: (body) => breaker.fire(body),
      refuses: (error) => error.code === 'EOPENBREAKER' || error.code === 'ESEMLOCKED',
      state: () => (breaker.opened ? 'open' : breaker.halfOpen ? 'half-open' : 'closed'),
      close: () => breaker.shutdown(),
    };
  };
  const rows = [
    ['by default', {}, ['defaults', 'ratios', 'hanging']],
    ['volume 3', { volumeThreshold: 3, resetTimeout: openMs, timeout: false }, ['consecutive', 'states', 'hanging']],
    ['volume 5', { volumeThreshold: 5, resetTimeout: openMs, timeout: false }, ['ratios']],
    ['volume 10', { volumeThreshold: 10, resetTimeout: openMs, timeout: false }, ['ratios']],
    ['volume 3, time-out of 10 s', { volumeThreshold: 3, resetTimeout: openMs, timeout: 10000 }, ['hanging']],
    ['threshold 25 %, volume 4', { volumeThreshold: 4, errorThresholdPercentage: 25, resetTimeout: openMs, timeout: false }, ['ratios']],
    ['capacity 2', { capacity: 2, volumeThreshold: 3, resetTimeout: openMs, timeout: false }, ['consecutive']],
  ];
  let release = version('opossum');
  write(out, `opossum-${release}`, {
    package: 'opossum',
    version: release,
    language: 'node',
    settings: { timeout_s: 10, resetTimeout_s: 30, errorThresholdPercentage: 50, volumeThreshold: 0, rollingCountTimeout_s: 10, rollingCountBuckets: 10 },
    cases: await cases(rows.map(([label, settings, wanted]) => [label, settings, opossum(settings), wanted]), groups),
  });

  const lib = await import('cockatiel');
  const cockatiel = (settings) => () => {
    const [kind, given] = Object.entries(settings.breaker)[0];
    const breaker = {
      consecutive: () => new lib.ConsecutiveBreaker(given),
      sampling: () => new lib.SamplingBreaker(given),
      count: () => new lib.CountBreaker(given),
    }[kind]();
    const halfOpenAfter = settings.halfOpenAfter === 'exponential' ? new lib.ExponentialBackoff() : settings.halfOpenAfter;
    const policy = lib.circuitBreaker(lib.handleWhen((error) => !(error instanceof Ignored)), { halfOpenAfter, breaker });
    return {
      call: (body) => policy.execute(body),
      refuses: (error) => error instanceof lib.BrokenCircuitError,
      state: () => ({ [lib.CircuitState.Closed]: 'closed', [lib.CircuitState.Open]: 'open', [lib.CircuitState.HalfOpen]: 'half-open' })[policy.state],
    };
  };
  const settings = (breaker, halfOpenAfter = openMs) => ({ breaker, halfOpenAfter });
  const variants = [
    ['3 in a row', settings({ consecutive: 3 }), ['consecutive', 'states', 'hanging']],
    ['3 in a row, open for growing times', settings({ consecutive: 3 }, 'exponential'), ['states']],
    ['half of 10 s, one a second', settings({ sampling: { threshold: 0.5, duration: 10000, minimumRps: 1 } }), ['ratios', 'states']],
    ['half of 10 s, by default ten a second', settings({ sampling: { threshold: 0.5, duration: 10000 } }), ['ratios']],
    ['half of 10 s, one in two seconds', settings({ sampling: { threshold: 0.5, duration: 10000, minimumRps: 0.5 } }), ['ratios']],
    ['half of the last 10', settings({ count: { threshold: 0.5, size: 10 } }), ['ratios']],
    ['half of the last 10, at least 4', settings({ count: { threshold: 0.5, size: 10, minimumNumberOfCalls: 4 } }), ['ratios']],
    ['half of the last 3', settings({ count: { threshold: 0.5, size: 3 } }), ['states']],
  ];
  release = version('cockatiel');
  write(out, `cockatiel-${release}`, {
    package: 'cockatiel',
    version: release,
    language: 'node',
    settings: {},
    cases: await cases(variants.map(([label, given, wanted]) => [label, given, cockatiel(given), wanted]), groups),
  });
}
