// openai and @anthropic-ai/sdk for Node, over a scripted fetch.

import fs from 'node:fs';
import { dump, version, world, write } from './world.mjs';

const PACKAGES = [
  ['openai', 'openai-4'],
  ['openai', 'openai-6.20'],
  ['openai', 'openai-6.49'],
  ['anthropic', 'anthropic-0.70'],
  ['anthropic', 'anthropic-1.11'],
];

function networkError(kind) {
  const code = { 'connect-error': 'ECONNREFUSED', 'connect-timeout': 'UND_ERR_CONNECT_TIMEOUT', 'read-error': 'ECONNRESET' }[kind];
  return new TypeError('fetch failed', { cause: Object.assign(new Error(kind), { code }) });
}

function transport(attempts, counter) {
  return async (_url, init) => {
    const step = attempts[Math.min(counter.sent, attempts.length - 1)];
    counter.sent += 1;
    if (counter.sent > 50) throw new Error('retries without end');
    if (step.raises === 'read-timeout') {
      // No answer: the client's own timer ends the attempt.
      world.busy += 1;
      return new Promise((_, reject) => {
        init.signal.addEventListener('abort', () => {
          world.busy -= 1;
          reject(Object.assign(new Error('aborted'), { name: 'AbortError' }));
        });
      });
    }
    if (step.raises) throw networkError(step.raises);
    const body = step.body ?? (step.status === 200 ? { choices: [], content: [] } : { error: { message: 'scripted' } });
    // A header is as a server sends it: what a `Headers` object refuses never gets here.
    return new Response(JSON.stringify(body), {
      status: step.status,
      headers: { 'content-type': 'application/json', ...(step.headers ?? {}) },
    });
  };
}

async function run(Client, name, script, defaults) {
  world.reset(script.uniforms);
  world.counts = (stack) => stack.includes('calculateDefaultRetryTimeoutMillis');
  const counter = { sent: 0 };
  const client = new Client({
    apiKey: 'k',
    baseURL: 'http://squall.invalid',
    fetch: transport(script.attempts, counter),
    maxRetries: script.max_retries ?? defaults.max_retries,
  });
  const messages = [{ role: 'user', content: 'hello' }];
  const call = name === 'anthropic'
    ? client.messages.create({ model: 'm', max_tokens: 16, messages })
    : client.chat.completions.create({ model: 'm', messages });
  const { error } = await world.drive(Promise.resolve(call));
  const ends = error ? { error: error.constructor.name, ...(error.status === undefined ? {} : { status: error.status }) } : { ok: true };
  return { ...script, uniforms: world.drawn, ...world.waits(), sent: counter.sent, ends };
}

export async function record(out, scriptsFile) {
  const scripts = JSON.parse(fs.readFileSync(scriptsFile, 'utf8'));
  for (const [name, directory] of PACKAGES) {
    const module = await import(directory);
    const Client = module.default;
    const plain = new Client({ apiKey: 'k', fetch: async () => { throw new Error('unused'); } });
    const settings = { max_retries: plain.maxRetries, timeout_s: plain.timeout / 1000 };
    const cases = [];
    for (const script of scripts) {
      try {
        cases.push(await run(Client, name, script, settings));
      } catch (error) {
        throw new Error(`${directory}, ${dump(script)}: ${error.stack}`);
      }
    }
    const release = version(directory);
    write(out, `${name}-node-${release}`, {
      package: name === 'anthropic' ? '@anthropic-ai/sdk' : 'openai', version: release, language: 'node', settings, cases,
    });
  }
}
