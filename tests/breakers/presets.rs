//! What each preset of a breaker does, against the text of its source: the figures here are written
//! down from there, not read from the preset.

use squall::base::{Class, Duration};
use squall::policy::Config;
use squall::policy::breaker::answer::{Answer, Pass};
use squall::policy::limiter;
use squall::scenario::check_str;
use squall::scenario::presets::PRESETS;

use crate::bench::Bench;
use Class::{Cancelled, Ok as Good, RateLimited, Rejected, ServerFault as Bad, Transport};

fn preset(name: &str) -> Config {
    let text = format!(
        "[run]\nduration = \"1m\"\n[workload]\narrivals.poisson.rate = \"1/s\"\n[provider.p]\n\
         [policy.p]\npreset = \"{name}\"\n"
    );
    let mut scenario = check_str("s.toml", &text).expect("a preset").remove(0);
    scenario.policies.remove(0).1
}

/// One client of a few endpoints.
struct Client(Bench);

impl Client {
    fn of(name: &str, endpoints: u16) -> Client {
        Client(Bench::under(preset(name), endpoints, 81))
    }

    fn new(name: &str) -> Client {
        Client::of(name, 1)
    }

    /// So many attempts, one after the other at one instant, that end in a class at once.
    fn at(&mut self, endpoint: u16, class: Class, n: u32, at: u64) {
        for _ in 0..n {
            let pass = self.0.send_to(endpoint, at).expect("it is asked");
            self.0.class_of(endpoint, pass, (class, None), 0, at);
        }
    }

    fn all(&mut self, class: Class, n: u32, at: u64) -> &mut Client {
        self.at(0, class, n, at);
        self
    }

    fn stated(&mut self, class: Class, wait: u64, at: u64) -> &mut Client {
        let pass = self.send(at);
        self.0.class_of(0, pass, (class, Some(wait)), 0, at);
        self
    }

    fn send(&mut self, at: u64) -> Pass {
        self.0.send(at).expect("it is asked")
    }

    /// One that was sent earlier ends.
    fn ends(&mut self, pass: Pass, class: Class, at: u64) -> &mut Client {
        self.0.class_of(0, pass, (class, None), 0, at);
        self
    }

    /// The trips so far; the end of the last one.
    fn trips(&self) -> (usize, Option<u64>) {
        (self.0.trips(), self.0.open_until())
    }

    fn ask(&mut self, at: u64) -> Answer {
        self.0.ask(at)
    }

    /// How many may be sent at an instant, of so many that want to.
    fn sent_of(&mut self, n: usize, at: u64) -> Vec<Pass> {
        (0..n).filter_map(|_| self.0.send(at)).collect()
    }
}

const NONE: (usize, Option<u64>) = (0, None);

#[test]
fn polly() {
    let new = || Client::new("polly-cb-8");
    assert_eq!(new().all(Good, 91, 0).all(Bad, 9, 0).trips(), NONE, "9 %");
    let mut few = new();
    assert_eq!(few.all(Good, 89, 0).all(Bad, 10, 0).trips(), NONE, "99");
    let mut client = new();
    let old = client.send(0);
    client.all(Good, 90, 0).all(Rejected, 10, 0);
    assert_eq!(client.trips(), (1, Some(5000)), "any exception");
    assert_eq!(client.sent_of(3, 5000).len(), 1);
    // A call from before the trip decides.
    assert_eq!(client.ends(old, Good, 5500).ask(5500), Answer::Yes);
    // A cancellation is a success.
    let mut client = new();
    client.all(Good, 90, 0).all(Bad, 10, 0);
    let probe = client.send(5000);
    assert_eq!(client.ends(probe, Cancelled, 6000).ask(6000), Answer::Yes);
}

#[test]
fn dotnet() {
    // Polly's; what is not handled is a success, and so is a cancellation.
    let mut client = Client::new("dotnet-standard-handler");
    client.all(Good, 80, 0).all(Rejected, 10, 0).all(Bad, 5, 0);
    assert_eq!(client.all(RateLimited, 4, 0).trips(), NONE, "9 of 99");
    assert_eq!(client.all(Bad, 1, 0).trips(), (1, Some(5000)), "10 of 100");
    let probe = client.send(5000);
    assert_eq!(client.ends(probe, Cancelled, 6000).ask(6000), Answer::Yes);
}

#[test]
fn resilience4j() {
    let new = || Client::new("resilience4j-cb");
    assert_eq!(new().all(Bad, 99, 0).trips(), NONE, "99 of 100");
    assert_eq!(new().all(Bad, 49, 0).all(Good, 51, 0).trips(), NONE, "49 %");
    let mut client = new();
    client.all(Bad, 50, 0).all(Good, 50, 0);
    assert_eq!(client.trips(), (1, Some(60_000)), "a success trips it");
    for (failed, answer) in [(4, Answer::Yes), (5, Answer::No)] {
        let mut client = new();
        client.all(Bad, 100, 0);
        let probes = client.sent_of(12, 60_000);
        assert_eq!(probes.len(), 10);
        for (i, probe) in probes.into_iter().enumerate() {
            client.ends(probe, if i < failed { Bad } else { Good }, 61_000);
        }
        assert_eq!(client.ask(61_000), answer, "{failed} of 10");
    }
    // Slow is what takes longer than 60 s.
    for (took, trips) in [(60_000, 0), (60_001, 1)] {
        let mut client = new();
        for _ in 0..100 {
            let pass = client.send(0);
            client.0.class_of(0, pass, (Good, None), took, 0);
        }
        assert_eq!(client.0.trips(), trips, "{took} ms");
    }
}

#[test]
fn hystrix() {
    let mut client = Client::new("hystrix");
    client.all(Bad, 10, 100).all(Good, 10, 100);
    // Health is computed every 500 ms.
    assert_eq!(client.ask(499), Answer::Yes);
    assert_eq!(client.ask(500), Answer::No);
    assert_eq!(client.trips(), (1, Some(5500)));
    assert_eq!(client.sent_of(3, 5500).len(), 1);
    for (bad, good) in [(19, 0), (9, 11)] {
        let mut client = Client::new("hystrix");
        client.all(Bad, bad, 100).all(Good, good, 100);
        assert_eq!(client.ask(500), Answer::Yes, "{bad} of {}", bad + good);
    }
}

#[test]
fn gobreaker() {
    let mut client = Client::new("gobreaker-2");
    let old = client.send(0);
    assert_eq!(client.all(Bad, 5, 0).trips(), NONE);
    // With interval 0 nothing is forgotten.
    assert_eq!(client.all(Bad, 1, 3_600_000).trips(), (1, Some(3_660_000)));
    let probes = client.sent_of(3, 3_660_000);
    assert_eq!(probes.len(), 1);
    // What was sent before the trip belongs to another generation.
    assert_eq!(client.ends(old, Good, 3_660_000).ask(3_660_000), Answer::No);
    assert_eq!(
        client.ends(probes[0], Good, 3_661_000).ask(3_661_000),
        Answer::Yes
    );
}

#[test]
fn opossum() {
    let mut first = Client::new("opossum-9");
    assert_eq!(first.all(Bad, 1, 0).trips(), (1, Some(30_000)));
    assert_eq!(first.sent_of(3, 30_000).len(), 1);
    let mut client = Client::new("opossum-9");
    assert_eq!(client.all(Good, 1, 0).all(Bad, 1, 0).trips(), NONE, "50 %");
    assert_eq!(client.all(Bad, 1, 0).trips().0, 1, "two of three");
    let total = preset("opossum-9").timeout.total;
    assert_eq!(total, Some(Duration::from_s(10)));
}

#[test]
fn pybreaker_and_aiobreaker() {
    for name in ["pybreaker-1.4", "aiobreaker-1.2"] {
        let mut client = Client::new(name);
        client.all(Bad, 4, 0).all(Good, 1, 0);
        assert_eq!(client.all(Bad, 4, 0).trips(), NONE, "{name}");
        let trips = client.all(Rejected, 1, 0).trips();
        assert_eq!(trips, (1, Some(60_000)), "{name}");
    }
    let limiter = preset("pybreaker-1.4").limiter;
    assert!(matches!(limiter, limiter::Config::Fixed(c) if c.limit == 1));
    let mut client = Client::new("aiobreaker-1.2");
    let old = client.send(0);
    client.all(Bad, 5, 0);
    // A failure that was under way begins the open time anew.
    assert_eq!(client.ends(old, Bad, 20_000).trips(), (2, Some(80_000)));
    let probes = client.sent_of(50, 80_000);
    assert_eq!(probes.len(), 50);
    let answer = client.ends(probes[7], Good, 81_000).ask(81_000);
    assert_eq!(answer, Answer::Yes);
}

#[test]
fn failsafe() {
    let mut client = Client::new("failsafe-cb");
    let old = client.send(0);
    assert_eq!(client.all(Bad, 1, 0).trips(), (1, Some(60_000)));
    assert_eq!(client.sent_of(3, 60_000).len(), 1);
    // It gives back a permit that it never took.
    client.ends(old, Cancelled, 60_000);
    assert_eq!(client.sent_of(3, 60_000).len(), 1);
}

#[test]
fn cockatiel() {
    let mut client = Client::new("cockatiel-consecutive-3.2");
    let old = client.send(0);
    assert_eq!(client.all(Bad, 4, 0).trips(), NONE);
    assert_eq!(client.all(Bad, 1, 0).trips(), (1, Some(10_000)));
    let probe = client.send(10_000);
    // A failure from before the trip may open it again.
    assert_eq!(client.ends(old, Bad, 11_000).trips(), (2, Some(21_000)));
    client.ends(probe, Good, 12_000);
    assert_eq!(client.sent_of(3, 21_000).len(), 1);
    // 25 a second over 30 s; strictly above a fifth.
    for (good, bad, trips) in [(598, 151, 0), (600, 150, 0), (599, 151, 1)] {
        let mut client = Client::new("cockatiel-sampling-3.2");
        client.all(Good, good, 0).all(Bad, bad, 0);
        assert_eq!(client.0.trips(), trips, "{bad} of {}", good + bad);
    }
    // Of the last hundred, and not before there are so many.
    for (good, bad, trips) in [(78, 21, 0), (80, 20, 0), (79, 21, 1), (500, 21, 1)] {
        let mut client = Client::new("cockatiel-count-3.2");
        client.all(Good, good, 0).all(Bad, bad, 0);
        assert_eq!(client.0.trips(), trips, "{bad} of {}", good + bad);
    }
}

/// Ten endpoints that each had a hundred answers by 5 s, of the first of which every other was bad.
fn one_is_worse(name: &str) -> Client {
    let mut client = Client::of(name, 10);
    for endpoint in 0..10 {
        for i in 0..100 {
            let bad = endpoint == 0 && i % 2 == 0;
            client.at(endpoint, if bad { Bad } else { Good }, 1, 5000);
        }
    }
    client
}

#[test]
fn envoy() {
    let mut client = Client::of("envoy-outlier", 10);
    client.all(Bad, 4, 1000).all(RateLimited, 1, 1000);
    assert_eq!(client.all(Bad, 4, 1000).trips(), NONE, "429 is a success");
    // 30 s, to the next sweep; then all traffic, and 60 s the next time.
    assert_eq!(client.all(Bad, 1, 1000).trips(), (1, Some(40_000)));
    assert_eq!(client.ask(40_000), Answer::Yes);
    assert_eq!(client.all(Bad, 5, 41_000).trips(), (2, Some(110_000)));
    // Two healthy sweeps make up for the two: 30 s again.
    assert_eq!(client.all(Bad, 5, 131_000).trips(), (3, Some(170_000)));
    // Another one would be a fifth of the hosts.
    client.at(1, Bad, 50, 131_000);
    assert_eq!(client.0.trips(), 3);
    let mut client = one_is_worse("envoy-outlier");
    // Mean 0.95, σ 0.15: below 0.665 at the sweep.
    assert_eq!(client.ask(9999), Answer::Yes);
    assert_eq!(client.ask(10_000), Answer::No);
}

#[test]
fn envoy_with_few_hosts() {
    for (name, trips) in [
        ("envoy-outlier", 0),
        ("envoy-outlier-first-eject-always", 1),
    ] {
        let mut client = Client::of(name, 9);
        client.all(Bad, 5, 1000);
        client.at(1, Bad, 5, 1000);
        assert_eq!(client.0.trips(), trips, "{name}");
    }
}

#[test]
fn istio() {
    let mut client = one_is_worse("istio-outlier");
    assert_eq!(client.ask(10_000), Answer::Yes, "no comparison");
    assert_eq!(client.all(Bad, 4, 11_000).trips(), NONE);
    assert_eq!(client.all(Bad, 1, 11_000).trips(), (1, Some(50_000)));
}

#[test]
fn linkerd() {
    let mut client = Client::new("linkerd-accrual");
    client.all(Bad, 6, 0).all(RateLimited, 1, 0);
    assert_eq!(client.all(Bad, 6, 0).trips(), NONE, "429 is a success");
    let mut at = 0;
    // 1, 2, 4 … 60 s, and up to half of it more.
    client.all(Bad, 1, 0);
    for base in [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000] {
        let until = client.0.open_until().unwrap();
        assert!((base..=base * 3 / 2).contains(&(until - at)), "{base}");
        assert_eq!(client.sent_of(1, until - 1).len(), 0);
        let probes = client.sent_of(3, until);
        assert_eq!(probes.len(), 1);
        client.ends(probes[0], Bad, until);
        at = until;
    }
    let mut client = Client::new("linkerd-accrual-429-counts");
    assert_eq!(client.all(RateLimited, 7, 0).0.trips(), 1);
}

#[test]
fn finagle() {
    let new = || Client::of("finagle-accrual", 2);
    assert_eq!(new().all(Bad, 4, 0).0.trips(), 0);
    let mut client = new();
    client.all(Bad, 5, 0);
    let until = client.0.open_until().unwrap();
    assert!((5000..=10_000).contains(&until), "{until}");
    assert_eq!(client.ask(1), Answer::No);
    client.at(1, Bad, 5, 1);
    assert_eq!(client.ask(2), Answer::Yes, "all are dead");
    // After 30 s what was good weighs 1/e, after 6 s e^-0.2 = 0.82; with five requests.
    for (good, at, trips) in [(4, 30_000, 1), (4, 6000, 0), (3, 30_000, 0)] {
        let mut client = new();
        client.all(Good, good, 0).all(Bad, 1, at);
        assert_eq!(client.0.trips(), trips, "{good} good, bad at {at}");
    }
}

#[test]
fn litellm_cooldown() {
    let new = || Client::new("litellm-cooldown-1.109");
    assert_eq!(new().all(RateLimited, 1, 0).trips(), (1, Some(5000)));
    assert_eq!(new().all(Rejected, 1, 0).trips(), (1, Some(5000)), "401");
    // Its HTTP client reports a connection error as a 500.
    assert_eq!(new().all(Transport, 4, 0).trips(), NONE);
    assert_eq!(new().all(Transport, 5, 0).trips(), (1, Some(5000)));
    let mut client = new();
    client.stated(RateLimited, 0, 0);
    assert_eq!(client.trips(), NONE, "0: no cooldown");
    client.stated(RateLimited, 3_600_000, 0);
    assert_eq!(client.trips(), (1, Some(3_600_000)), "uncapped");
    // Strictly above half, of five or more.
    assert_eq!(new().all(Bad, 4, 0).trips(), NONE);
    assert_eq!(new().all(Good, 3, 0).all(Bad, 3, 0).trips(), NONE);
    let mut client = new();
    let old = client.send(0);
    client.all(Good, 2, 0).all(Bad, 3, 0);
    assert_eq!(client.trips(), (1, Some(5000)));
    assert_eq!(client.ends(old, Bad, 2000).trips(), (2, Some(7000)));
    // Full traffic at once; the counters have outlived the cooldown.
    assert_eq!(client.ask(7000), Answer::Yes);
    assert_eq!(client.all(Bad, 1, 7000).trips(), (3, Some(12_000)));
    // Sixty seconds after their first events they have not.
    assert_eq!(client.all(Bad, 4, 60_000).trips(), (3, Some(12_000)));
}

#[test]
fn litellm_allowed_fails() {
    let new = || Client::new("litellm-allowed-fails-1.109");
    let mut client = new();
    assert_eq!(client.all(RateLimited, 3, 0).trips(), NONE);
    assert_eq!(client.all(Bad, 1, 4999).trips(), (1, Some(9999)));
    assert_eq!(client.ask(9999), Answer::Yes);
    assert_eq!(new().all(Bad, 3, 0).all(Bad, 1, 5000).trips(), NONE);
}

#[test]
fn helicone() {
    let new = || Client::new("helicone-health");
    for (good, bad, answer) in [
        (18, 2, Answer::Yes),
        (16, 3, Answer::Yes),
        (17, 3, Answer::No),
    ] {
        let mut client = new();
        client.all(Good, good, 1000).all(Bad, bad, 1000);
        assert_eq!(client.ask(4999), Answer::Yes, "not before the sweep");
        assert_eq!(client.ask(5000), answer, "{bad} of {}", good + bad);
    }
    // 30 s and what was asked for, or 30 s; to a sweep.
    let mut client = new();
    assert_eq!(
        client.stated(RateLimited, 10_000, 1000).trips(),
        (1, Some(45_000))
    );
    assert_eq!(client.ask(45_000), Answer::Yes);
    assert_eq!(new().all(RateLimited, 1, 1000).trips(), (1, Some(65_000)));
}

#[test]
fn kong() {
    let new = || Client::new("kong-maxfails");
    let mut client = new();
    client.all(Bad, 2, 0).all(Good, 9, 0).all(RateLimited, 9, 0);
    assert_eq!(client.trips(), NONE);
    assert_eq!(client.all(Bad, 1, 9999).trips(), (1, Some(19_999)));
    assert_eq!(client.ask(19_999), Answer::Yes);
    assert_eq!(new().all(Bad, 2, 0).all(Bad, 1, 10_000).trips(), NONE);
}

#[test]
fn the_breakers_of_groups_are_those_of_their_systems() {
    // Health checks have no limit of 10 %: one of two is out.
    let mut client = Client::of("envoy-priority", 2);
    assert_eq!(client.all(Bad, 4, 0).trips(), NONE);
    assert_eq!(client.all(Bad, 1, 0).trips().0, 1);
    let mut client = Client::new("litellm-router-1.109");
    assert_eq!(client.all(RateLimited, 1, 0).trips(), (1, Some(5000)));
}

#[test]
fn every_breaker_of_a_system_is_tried_here() {
    let here = include_str!("presets.rs");
    let of_systems = PRESETS.iter().filter(|p| !p.name.starts_with("guide-"));
    let breakers = of_systems.filter(|p| preset(p.name).breaker != Config::default().breaker);
    for preset in breakers {
        let name = format!("\"{}\"", preset.name);
        assert!(here.contains(&name), "{name}");
    }
}
