//! Orders against closed forms and enumerated probabilities.

use super::router::{Asked, Plan, Router, Told};
use super::*;
use crate::base::draw::Stage;
use crate::base::wire::Priority;
use crate::base::{Class, Draws, Duration, Instant, Purpose, Request, Root};

const REQUEST: Request = Request {
    prompt_tokens: 1000,
    max_tokens: 100,
    stream: false,
    priority: Priority::Normal,
    sender: crate::base::Sender::NOBODY,
    needs: crate::base::Capabilities::NONE,
};

/// A route of so many endpoints and the process that uses it.
struct Process {
    plan: Plan,
    router: Router,
    draws: Draws,
    drawn: u64,
    ended: u64,
    now: Instant,
}

impl Process {
    fn new(kind: Config, steering: steering::Config, endpoints: &[Endpoint<'_>]) -> Process {
        let plan = Plan::new(&kind, &steering, endpoints);
        Process {
            router: Router::new(&plan),
            plan,
            draws: Draws::new(Root::new(11, Stage::Run, 0)),
            drawn: 0,
            ended: 0,
            now: Instant::ZERO,
        }
    }

    fn of(kind: Config, n: usize) -> Process {
        let unknown = vec![Endpoint::named("any"); n];
        Process::new(kind, steering::Config::default(), &unknown)
    }

    /// The order of these places for a call that has been sent to `tried`.
    fn order(&mut self, places: &[u8], tried: u16) -> Vec<u8> {
        let mut places = places.to_vec();
        let asked = Asked {
            request: &REQUEST,
            tried,
            now: self.now,
        };
        let (draws, drawn) = (&self.draws, &mut self.drawn);
        let mut u = || {
            *drawn += 1;
            draws.unit(Purpose::Probe, 0, *drawn)
        };
        self.router.order(&self.plan, asked, &mut places, &mut u);
        places
    }

    fn end(&mut self, place: u8, ms: u64, class: Class) {
        self.router.on_sent(&self.plan, place, true, self.now);
        self.ended += 1;
        let told = Told {
            which: (crate::base::CallId::new(0, self.ended), 0),
            place,
            took: Duration::from_ms(ms),
            class,
            had_begun: false,
        };
        self.router.on_end(&self.plan, told, self.now);
    }

    fn pass(&mut self, ms: u64) {
        self.now = self.now + Duration::from_ms(ms);
    }
}

/// How far a share may lie from its law, n draws: four standard deviations.
fn margin(p: f64, n: f64) -> f64 {
    4.0 * (p * (1.0 - p) / n).sqrt()
}

#[test]
fn round_robin_asks_all_alike_to_within_one() {
    let mut process = Process::of(Config::RoundRobin(Default::default()), 3);
    let mut counts = [0; 3];
    for n in 1..=100u32 {
        let order = process.order(&[0, 1, 2], 0);
        let first = order[0];
        assert_eq!(u32::from(first), (n - 1) % 3, "call {n}");
        assert_eq!(order, [first, (first + 1) % 3, (first + 2) % 3]);
        process.end(first, 1, Class::Ok);
        counts[usize::from(first)] += 1;
    }
    assert_eq!(counts, [34, 33, 33]);
}

/// Seed 11. Drawing without replacement: P(i first) = wᵢ/Σw, P(j second | i first) = wⱼ/(Σw − wᵢ).
#[test]
fn weighted_shares_are_those_of_drawing_without_replacement() {
    let weights = [5.0, 3.0, 2.0];
    let config = weighted::Config {
        weights: weights.to_vec(),
        ..weighted::Config::default()
    };
    let mut process = Process::of(Config::Weighted(config), 3);
    const N: u32 = 40_000;
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..N {
        *seen.entry(process.order(&[0, 1, 2], 0)).or_insert(0u32) += 1;
    }
    assert_eq!(seen.len(), 6);
    for (order, count) in seen {
        let w = |i: usize| weights[usize::from(order[i])];
        let law = w(0) / 10.0 * w(1) / (10.0 - w(0));
        let share = f64::from(count) / f64::from(N);
        let off = (share - law).abs();
        assert!(
            off <= margin(law, f64::from(N)),
            "{order:?}: {share}, law {law}"
        );
    }
}

/// Seed 11. At prices 1, 2 and 4 the weights 1/p² are 16 : 4 : 1; who has no price counts as the cheapest.
#[test]
fn openrouter_weighs_by_the_inverse_square_of_the_price() {
    let priced = |pico: u64| Endpoint {
        input_pico: pico,
        ..Endpoint::named("any")
    };
    let config = weighted::Config {
        price_power: 2,
        ..weighted::Config::default()
    };
    let prices: Vec<(u64, u64)> = vec![(1, 0), (2, 0), (4, 0), (0, 0)];
    assert_eq!(config.resolve(&prices, &[]), [1.0, 0.25, 0.0625, 1.0]);
    let endpoints = [priced(1), priced(2), priced(4)];
    let kind = Config::Weighted(config);
    let mut process = Process::new(kind, steering::Config::default(), &endpoints);
    const N: u32 = 40_000;
    let first = (0..N)
        .filter(|_| process.order(&[0, 1, 2], 0)[0] == 0)
        .count();
    let (share, law) = (first as f64 / f64::from(N), 16.0 / 21.0);
    assert!((share - law).abs() <= margin(law, f64::from(N)), "{share}");
}

/// Seed 11. Of n ordered by cost the k-th best (from 0) wins 2(n − 1 − k) of the n(n − 1) ordered
/// pairs.
#[test]
fn the_better_of_two_choices_wins_as_enumerated() {
    const N: u32 = 40_000;
    for n in [3u8, 5] {
        let mut process = Process::of(Config::Latency(latency::Config::default()), n.into());
        for place in 0..n {
            process.end(place, 100 + u64::from(place), Class::Ok);
        }
        let all: Vec<u8> = (0..n).collect();
        let mut wins = vec![0u32; n.into()];
        for _ in 0..N {
            wins[usize::from(process.order(&all, 0)[0])] += 1;
        }
        for (k, won) in wins.iter().enumerate() {
            let n = f64::from(n);
            let law = 2.0 * (n - 1.0 - k as f64) / (n * (n - 1.0));
            let share = f64::from(*won) / f64::from(N);
            assert!(
                (share - law).abs() <= margin(law, f64::from(N)),
                "{k}: {share}, law {law}"
            );
        }
    }
}

#[test]
fn peak_ewma_jumps_to_a_peak_decays_exponentially_and_grows_with_the_load() {
    let config = latency::Config {
        estimate: latency::Estimate::PeakEwma,
        decay: Duration::from_s(10),
        ..latency::Config::default()
    };
    let mut state = latency::State::new(1);
    let at = |s: u64| Instant::ZERO + Duration::from_s(s);
    let ms = Duration::from_ms;
    state.record(&config, 0, ms(100), at(0));
    state.record(&config, 0, ms(900), at(1));
    assert_eq!(
        state.cost(&config, 0, 0, at(1)),
        9e8,
        "a peak counts at once"
    );
    assert_eq!(
        state.cost(&config, 0, 4, at(1)),
        4.5e9,
        "times the load and one"
    );
    // Δ = 5 s: exp(−½) of the peak, however often it is looked at.
    for s in 2..=6 {
        state.cost(&config, 0, 0, at(s));
    }
    let left = state.cost(&config, 0, 0, at(6));
    assert!(
        (left / (9e8 * 0.606_530_659_712_633_4) - 1.0).abs() < 1e-12,
        "{left}"
    );
    // A smaller one 10 s later: weights 1/e and 1 − 1/e.
    state.record(&config, 0, ms(100), at(16));
    let e = 0.367_879_441_171_442_33;
    let law = left * e + 1e8 * (1.0 - e);
    let now = state.cost(&config, 0, 0, at(16));
    assert!((now / law - 1.0).abs() < 1e-12, "{now}, law {law}");
}

#[test]
fn the_mean_is_that_of_the_last_samples() {
    let config = latency::Config {
        estimate: latency::Estimate::Mean,
        samples: 3,
        ..latency::Config::default()
    };
    let mut state = latency::State::new(1);
    for ms in [1000, 100, 200, 600] {
        state.record(&config, 0, Duration::from_ms(ms), Instant::ZERO);
    }
    assert_eq!(
        state.cost(&config, 0, 9, Instant::ZERO),
        3e8,
        "the load is nothing to it"
    );
}

/// Seed 11. Within the buffer all are equal, beyond it never asked.
#[test]
fn a_latency_buffer_draws_among_the_nearly_best() {
    let config = latency::Config {
        choices: 0,
        buffer: 0.5,
        ..latency::Config::default()
    };
    let mut process = Process::of(Config::Latency(config), 3);
    for (place, ms) in [(0, 100), (1, 149), (2, 151)] {
        process.end(place, ms, Class::Ok);
    }
    const N: u32 = 10_000;
    let mut wins = [0u32; 3];
    for _ in 0..N {
        wins[usize::from(process.order(&[0, 1, 2], 0)[0])] += 1;
    }
    assert_eq!(wins[2], 0);
    let share = f64::from(wins[0]) / f64::from(N);
    assert!((share - 0.5).abs() <= margin(0.5, f64::from(N)), "{share}");
}

/// Trap 32.
#[test]
fn fast_refusals_draw_the_traffic_if_failures_are_counted() {
    let first = |failures| {
        let config = latency::Config {
            failures,
            choices: 0,
            ..latency::Config::default()
        };
        let mut process = Process::of(Config::Latency(config), 2);
        process.end(0, 500, Class::Ok);
        process.end(1, 600, Class::Ok);
        for _ in 0..20 {
            process.pass(1000);
            process.end(1, 5, Class::RateLimited);
        }
        process.order(&[0, 1], 0)[0]
    };
    assert_eq!(first(latency::Failures::Counted), 1, "the black hole");
    assert_eq!(first(latency::Failures::Ignored), 0);
}

#[test]
fn a_timeout_counts_as_what_it_is_taken_for() {
    let config = latency::Config {
        timed_out: Some(Duration::from_s(1000)),
        choices: 0,
        ..latency::Config::default()
    };
    let mut process = Process::of(Config::Latency(config), 2);
    process.end(0, 100, Class::Ok);
    process.end(1, 200, Class::Ok);
    process.pass(1000);
    process.end(0, 30, Class::TimedOut);
    assert_eq!(process.order(&[0, 1], 0), [1, 0]);
}

#[test]
fn the_least_busy_has_the_fewest_in_flight_and_of_equals_the_first() {
    let mut process = Process::of(Config::LeastBusy(Default::default()), 3);
    let sent: Vec<u8> = (0..7)
        .map(|_| {
            let first = process.order(&[0, 1, 2], 0)[0];
            let now = process.now;
            process.router.on_sent(&process.plan, first, true, now);
            first
        })
        .collect();
    assert_eq!(sent, [0, 1, 2, 0, 1, 2, 0]);
}

#[test]
fn the_cheapest_depends_on_what_is_compared() {
    let priced = |input_pico, output_pico| Endpoint {
        input_pico,
        output_pico,
        ..Endpoint::named("any")
    };
    // 1000 prompt and 100 answer tokens: 1000·1 + 100·15 = 2500 and 1000·3 + 100·5 = 3500.
    let endpoints = [priced(3, 5), priced(1, 15)];
    let order = |by| {
        let config = lowest_cost::Config {
            by,
            ..lowest_cost::Config::default()
        };
        let kind = Config::LowestCost(config);
        Process::new(kind, steering::Config::default(), &endpoints).order(&[0, 1], 0)
    };
    assert_eq!(order(lowest_cost::By::Request), [1, 0]);
    assert_eq!(order(lowest_cost::By::Price), [0, 1]);
}

#[test]
fn usage_sees_bills_only_and_forgets_at_the_full_minute() {
    let mut process = Process::of(Config::Usage(usage::Config::default()), 2);
    process.pass(59_000);
    process.router.on_sent(&process.plan, 0, true, process.now);
    assert_eq!(
        process.order(&[0, 1], 0),
        [0, 1],
        "what is in flight is not seen"
    );
    let usage = crate::base::Usage {
        input_tokens: 4,
        output_tokens: 6,
        pico_usd: 0,
    };
    let bill = ((crate::base::CallId::new(0, 1), 0), usage);
    process.router.on_bill(&process.plan, 0, bill, process.now);
    assert_eq!(process.order(&[0, 1], 0), [1, 0]);
    process.pass(1_000);
    assert_eq!(process.order(&[0, 1], 0), [0, 1], "a new minute");
}

#[test]
fn a_failover_prefers_another_fault_domain() {
    let at = |vendor| Endpoint {
        vendor,
        ..Endpoint::named("any")
    };
    let endpoints = [
        at(Some("x")),
        at(Some("x")),
        at(None),
        at(None),
        at(Some("y")),
    ];
    let steering = steering::Config {
        apart_by: Some(steering::Label::Vendor),
        ..steering::Config::default()
    };
    let mut process = Process::new(Config::default(), steering, &endpoints);
    assert_eq!(
        process.order(&[0, 1, 2, 3, 4], 0),
        [0, 1, 2, 3, 4],
        "nothing has failed"
    );
    assert_eq!(process.order(&[1, 2, 3, 4], 0b1), [2, 3, 4, 1]);
    // Those without the label are alone.
    assert_eq!(process.order(&[0, 1, 3, 4], 0b100), [0, 1, 3, 4]);
}

/// Seed 11. Away for 10 s, back over 20 s: at 10 + t seconds the share t/20 has returned.
#[test]
fn calls_return_to_an_endpoint_little_by_little() {
    let steering = steering::Config {
        away: Duration::from_s(10),
        back_over: Duration::from_s(20),
        ..steering::Config::default()
    };
    let endpoints = vec![Endpoint::named("any"); 2];
    let mut process = Process::new(Config::default(), steering, &endpoints);
    process.end(0, 1, Class::ServerFault);
    const N: u32 = 4_000;
    for (at_s, law) in [(0, 0.0), (9, 0.0), (15, 0.25), (25, 0.75), (30, 1.0)] {
        process.now = Instant::ZERO + Duration::from_s(at_s);
        let back = (0..N).filter(|_| process.order(&[0, 1], 0)[0] == 0).count();
        let share = back as f64 / f64::from(N);
        assert!(
            (share - law).abs() <= margin(law, f64::from(N)),
            "{at_s} s: {share}, law {law}"
        );
    }
}

#[test]
fn a_request_fits_where_its_prompt_and_longest_answer_do() {
    let window = |context_window| Endpoint {
        context_window,
        ..Endpoint::named("any")
    };
    let endpoints = [window(Some(1099)), window(Some(1100)), window(None)];
    let unfit = |fits| {
        let steering = steering::Config {
            fits,
            ..steering::Config::default()
        };
        Plan::new(&Config::default(), &steering, &endpoints).unfit(&REQUEST)
    };
    assert_eq!((unfit(true), unfit(false)), (0b001, 0));
}
