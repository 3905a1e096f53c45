// A world without time or chance: timers that fire only when nothing else is left to do, a clock that
// they move, and scripted uniforms. Import it before the package under study.

import fs from 'node:fs';
import path from 'node:path';

export const EPOCH_MS = 1_893_456_000_000; // 2030-01-01T00:00:00Z

const RealDate = Date;
const realSetImmediate = setImmediate;

class World {
  constructor() {
    this.nextId = 1;
    this.reset();
  }

  // `uniforms` are handed out in order; the last one is repeated for ever.
  reset(uniforms = [0.5]) {
    this.elapsedMs = 0;
    this.timers = new Map();
    this.supply = [...uniforms];
    this.drawn = [];
    this.sleepsMs = [];
    this.counts = null;
    this.busy = 0; // a timer that fires while this is positive is a time-out, not a sleep
  }

  nowMs() {
    return EPOCH_MS + this.elapsedMs;
  }

  // A draw that `counts` denies is for something else (an identifier in a log): it is not of the script.
  uniform() {
    if (this.counts && !this.counts(new Error().stack)) return 0.5;
    const value = this.supply[Math.min(this.drawn.length, this.supply.length - 1)];
    this.drawn.push(value);
    return value;
  }

  arm(callback, ms, args, every) {
    let delay = Number(ms);
    const asked = ms === undefined ? 0 : delay;
    // What the platform does with a delay it cannot hold.
    if (!(delay >= 1 && delay <= 2147483647)) delay = 1;
    if (asked === 0 || asked < 0) delay = 0;
    const id = this.nextId++;
    const call = () => callback(...args);
    const timer = { id, at: this.elapsedMs + delay, asked, call, every: every ? delay : null };
    this.timers.set(id, timer);
    return { ref() { return this; }, unref() { return this; }, hasRef: () => true, [Symbol.toPrimitive]: () => id, id };
  }

  disarm(handle) {
    if (handle !== undefined && handle !== null) this.timers.delete(typeof handle === 'object' ? handle.id : handle);
  }

  // What the platform makes of the sleeps that were asked for: one it cannot hold lasts a millisecond.
  waits() {
    const held = (ms) => Number.isFinite(ms) && ms >= 0 && ms <= 2147483647;
    const out = { waits_s: this.sleepsMs.map((ms) => (held(ms) ? ms : 1) / 1000) };
    if (!this.sleepsMs.every(held)) out.asked_ms = this.sleepsMs.map(String);
    return out;
  }

  earliest() {
    let best = null;
    for (const timer of this.timers.values()) {
      if (best === null || timer.at < best.at || (timer.at === best.at && timer.id < best.id)) best = timer;
    }
    return best;
  }

  fire(timer) {
    this.elapsedMs = Math.max(this.elapsedMs, timer.at);
    if (timer.every === null) {
      this.timers.delete(timer.id);
      if (this.busy === 0) this.sleepsMs.push(timer.asked);
    } else {
      timer.at += timer.every;
    }
    timer.call();
  }

  // Lets everything that waits for nothing but its turn have it.
  async settle() {
    for (let turn = 0; turn < 8; turn++) await new Promise((done) => realSetImmediate(done));
  }

  // Fires timers until the promise is settled.
  async drive(promise) {
    let settled = false;
    const done = promise.then(
      (value) => { settled = true; return { value }; },
      (error) => { settled = true; return { error }; },
    );
    for (let steps = 0; !settled; steps++) {
      if (steps > 10_000) throw new Error('a run without end');
      await this.settle();
      if (settled) break;
      const timer = this.earliest();
      if (timer) this.fire(timer);
    }
    return done;
  }

  // Fires what is due up to an instant and leaves the clock there.
  async until(ms) {
    await this.settle();
    for (let timer = this.earliest(); timer && timer.at <= ms; timer = this.earliest()) {
      this.fire(timer);
      await this.settle();
    }
    this.elapsedMs = ms;
    await this.settle();
  }
}

export const world = new World();

class ScriptedDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(world.nowMs());
    else super(...args);
  }
  static now() { return world.nowMs(); }
}

globalThis.Date = ScriptedDate;
globalThis.setTimeout = (callback, ms, ...args) => world.arm(callback, ms, args, false);
globalThis.setInterval = (callback, ms, ...args) => world.arm(callback, ms, args, true);
globalThis.clearTimeout = (handle) => world.disarm(handle);
globalThis.clearInterval = (handle) => world.disarm(handle);
globalThis.performance.now = () => world.elapsedMs;
Math.random = () => world.uniform();

export function version(directory) {
  const file = new URL(`node_modules/${directory}/package.json`, `file://${process.cwd()}/`);
  return JSON.parse(fs.readFileSync(file, 'utf8')).version;
}

// JSON as Python's `json.dumps(..., sort_keys=True)` writes it.
export function dump(value) {
  if (Array.isArray(value)) return `[${value.map(dump).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}: ${dump(value[key])}`).join(', ')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(String(value));
  return JSON.stringify(value);
}

// One case a line, and one step a line where a case has steps.
export function write(directory, stem, content) {
  const names = content.cases.map((one) => one.name);
  if (new Set(names).size !== names.length) throw new Error(`two cases of one name in ${stem}: ${names.filter((n, i) => names.indexOf(n) !== i)}`);
  const lines = [];
  for (const key of Object.keys(content).sort()) {
    if (key !== 'cases') {
      lines.push(`${JSON.stringify(key)}: ${dump(content[key])}`);
      continue;
    }
    const cases = content.cases.map((one) => {
      if (!one.steps) return dump(one);
      const { steps, ...rest } = one;
      return `${dump(rest).slice(0, -1)}, "steps": [\n  ${steps.map(dump).join(',\n  ')}]}`;
    });
    lines.push(`"cases": [\n${cases.join(',\n')}\n]`);
  }
  fs.writeFileSync(path.join(directory, `${stem}.json`), `{\n${lines.join(',\n')}\n}\n`);
}
