//! A stack under test: a preset with a few settings of its own, and what it makes of refusals.

use squall::base::wire::{Advice, Code, Form, Forms};
use squall::base::{Duration, Instant};
use squall::policy::Config;
use squall::record::Replication;
use squall::scenario::{Style, check_str};
use squall::sim::{self, Setup};

use crate::pair::{A, NAMES, Pair};

/// Longer than any stack waits: thirty days, in ms.
const MONTH: u64 = 30 * 24 * 3_600_000;

/// A preset with other settings beside its own; none if the name is empty.
pub(crate) fn policy(preset: &str, settings: &str) -> Config {
    let providers: String = NAMES.iter().map(|n| format!("[provider.{n}]\n")).collect();
    let preset = match preset {
        "" => String::new(),
        name => format!("preset = \"{name}\"\n"),
    };
    let text = format!(
        "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n{providers}\
         [policy.p]\n{preset}{settings}\n"
    );
    let scenarios = check_str("s.toml", &text).unwrap_or_else(|why| panic!("{why:?}\n{text}"));
    let mut scenario = scenarios.into_iter().next().expect("one scenario");
    scenario.policies.remove(0).1
}

/// A client of one endpoint under a preset; its callers wait for thirty days.
pub(crate) fn one(preset: &str, settings: &str) -> Pair {
    several(preset, 1, settings)
}

/// The same with several endpoints.
pub(crate) fn several(preset: &str, endpoints: usize, settings: &str) -> Pair {
    Pair::of(&policy(preset, settings), endpoints, 1).deadline(MONTH)
}

/// What a refusal says: to wait so many ms, in these headers.
pub(crate) fn stated(ms: u64, headers: &[Form]) -> Advice {
    let headers: Forms = headers.iter().copied().collect();
    Advice::stated(Some(Duration::from_ms(ms)), headers)
}

/// A call whose every attempt is refused like this at once: the waits before the further ones, in
/// seconds, but for those after the first `most`.
pub(crate) fn waits(pair: &mut Pair, status: u16, advice: Advice, most: usize) -> Vec<f64> {
    pair.submit();
    let mut waits = Vec::new();
    while waits.len() < most {
        let (sent, failed_at) = (pair.told("send").len(), pair.now());
        pair.refuse(A, status, Code::None, advice);
        if pair.told("send").len() == sent {
            pair.drive();
        }
        if pair.told("send").len() == sent {
            break;
        }
        waits.push(seconds(failed_at, pair.now()));
    }
    waits
}

/// The wait number `k`, from zero, under `seeds` seeds.
pub(crate) fn drawn(config: &Config, status: u16, k: usize, seeds: u64) -> Vec<f64> {
    let wait = |seed| {
        let mut pair = Pair::of(config, 1, seed).deadline(MONTH);
        waits(&mut pair, status, Advice::NONE, k + 1)[k]
    };
    (0..seeds).map(wait).collect()
}

/// The time from one instant to another, in seconds.
pub(crate) fn seconds(from: Instant, to: Instant) -> f64 {
    to.since(from).0 as f64 / 1e9
}

/// So many calls at once; their numbers.
pub(crate) fn submit(pair: &mut Pair, n: usize) -> Vec<u32> {
    (0..n).map(|_| pair.submit()).collect()
}

/// So many calls, one after the other, that end with this status at once; 200 is an answer.
pub(crate) fn calls(pair: &mut Pair, n: usize, status: u16) {
    for _ in 0..n {
        let call = pair.submit();
        match (pair.place(call), status) {
            (Some(_), 200) => pair.answer_call(call),
            (Some(at), _) => pair.fail(at, status),
            (None, _) => {}
        }
    }
}

/// How many attempts so far were sent for this reason: first, retry, failover, hedge.
pub(crate) fn sent(pair: &Pair, origin: &str) -> usize {
    let is = |line: &&&str| line.split(' ').nth(3) == Some(origin);
    pair.told("send").iter().filter(is).count()
}

/// Endpoints in the order in which they were asked.
pub(crate) fn asked(pair: &Pair) -> String {
    let endpoint = |line: &&str| line.split(' ').nth(2).map(String::from);
    pair.told("send").iter().filter_map(endpoint).collect()
}

/// One run of the only policy of a scenario.
pub(crate) fn fly(text: &str) -> Replication {
    let style = Style {
        color: false,
        unicode: true,
    };
    let scenarios = check_str("trap.toml", text)
        .unwrap_or_else(|mistakes| panic!("{}", mistakes.render(style)));
    let setup = Setup::new(&scenarios[0]).expect("the policy fits the providers");
    println!("seed {}", scenarios[0].run.seed);
    sim::run(&setup, 0, 0).replication
}
