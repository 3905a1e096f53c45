// p-retry and async-retry: the waits between the attempts of a function that fails.

import { version, world, write } from './world.mjs';

const UNIFORMS = [[0], [0.25], [0.5], [0.999999], [0, 0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.6, 0.4, 0.5]];
const WANTED = [
  {},
  { retries: 3 },
  { retries: 0 },
  { randomize: true },
  { randomize: false },
  { retries: 5, minTimeout: 500, factor: 3 },
  { retries: 8, maxTimeout: 8000 },
  { retries: 8, maxTimeout: 8000, randomize: true },
  { retries: 8, maxRetryTime: 20000 },
  { retries: 3, minTimeout: 333, factor: 1.5 },
  { retries: 3, minTimeout: 0 },
  { retries: 6, factor: 1 },
];

async function run(retry, options, uniforms, failures, fail) {
  world.reset(uniforms);
  let sent = 0;
  const { error } = await world.drive(retry(async (...given) => {
    sent += 1;
    if (sent <= failures) fail(...given);
    return 'ok';
  }, { ...options }));
  return {
    uniforms: world.drawn,
    ...world.waits(),
    sent,
    ends: error ? { error: error.constructor.name } : { ok: true },
  };
}

async function cases(retry, kinds) {
  const out = [];
  for (const options of WANTED) {
    for (const uniforms of UNIFORMS) {
      const result = await run(retry, options, uniforms, Infinity, () => { throw new Error('scripted'); });
      out.push({ name: `fails for ever, ${JSON.stringify(options)}, uniforms ${uniforms.join(' ')}`, options, attempts: [{ raises: 'error' }], ...result });
    }
  }
  for (const failures of [0, 1, 4, 10, 11]) {
    const result = await run(retry, {}, [0.25], failures, () => { throw new Error('scripted'); });
    const attempts = [...Array(failures).fill({ raises: 'error' }), { status: 200 }];
    out.push({ name: `${failures} failures, then a success`, options: {}, attempts, ...result });
  }
  for (const [kind, fail] of Object.entries(kinds)) {
    const result = await run(retry, { retries: 2 }, [0.25], Infinity, fail);
    out.push({ name: `fails for ever with ${kind}`, options: { retries: 2 }, attempts: [{ raises: kind }], ...result });
  }
  return out;
}

export async function record(out) {
  const { default: pRetry, AbortError } = await import('p-retry');
  const { default: asyncRetry } = await import('async-retry');
  const common = {
    'a TypeError': () => { throw new TypeError('scripted'); },
    'a failed fetch': () => { throw new TypeError('fetch failed'); },
    'a RangeError': () => { throw new RangeError('scripted'); },
  };
  for (const [name, retry, kinds, settings] of [
    ['p-retry', pRetry, { ...common, 'an AbortError': () => { throw new AbortError('scripted'); } }, {}],
    ['async-retry', asyncRetry, { ...common, bail: (bail) => { bail(new Error('scripted')); throw new Error('after bail'); } }, { retry: version('retry') }],
  ]) {
    const release = version(name);
    write(out, `${name}-${release}`, { package: name, version: release, language: 'node', settings, cases: await cases(retry, kinds) });
  }
}
