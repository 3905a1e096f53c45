//! The statistics against synthetic experiments whose truth is known.
//!
//! An interval that says 95 % must cover 95 % of the time; a family of verdicts must be wrong in at
//! most one experiment of twenty. Every test prints its seed and what it measured.
#![cfg(feature = "sim")]

use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, Exp1, StandardNormal, StandardUniform};
use squall::base::quantile;
use squall::experiment::Sample;
use squall::experiment::compare::family;
use squall::experiment::distributions::{binomial_cdf, share_upper};
use squall::experiment::estimate::percentile::{Pooled, percentile};
use squall::experiment::needed::ONE_SIDED;
use squall::experiment::pair::paired;
use squall::experiment::settle::{self, Sequence};
use squall::experiment::verdict::judge;
use squall::record::Sparse;
use squall::record::metric::Better;
use squall::record::replication::Times;
use squall::record::results::Judgement;

/// Synthetic comparisons per test of means: the coverage is then known to ± 0.15 points.
const COMPARISONS: u32 = 20_000;
/// The default number of replications.
const R: usize = 32;

type Rng = Xoshiro256PlusPlus;

fn rng(seed: u64) -> Rng {
    println!("seed {seed}");
    Rng::seed_from_u64(seed)
}

fn normal(rng: &mut Rng) -> f64 {
    StandardNormal.sample(rng)
}

fn covers([low, high]: [Option<f64>; 2], truth: f64) -> bool {
    low.is_none_or(|low| low <= truth) && high.is_none_or(|high| truth <= high)
}

/// In how many percent of `n` experiments it holds.
fn percent(n: u32, mut holds: impl FnMut() -> bool) -> f64 {
    let hits = (0..n).filter(|_| holds()).count();
    100.0 * hits as f64 / f64::from(n)
}

fn mean_of(draw: impl FnMut(usize) -> f64) -> Sample {
    let values: Vec<f64> = (0..R).map(draw).collect();
    Sample::mean(&values).expect("there are replications")
}

#[test]
fn a_paired_interval_covers_95_percent_of_gaussian_differences() {
    let mut rng = rng(1);
    let mut gain = 0.0;
    let coverage = percent(COMPARISONS, || {
        let weather: Vec<f64> = (0..R).map(|_| 3.0 * normal(&mut rng)).collect();
        let a = mean_of(|r| 5.5 + weather[r] + normal(&mut rng));
        let b = mean_of(|r| 5.0 + weather[r] + normal(&mut rng));
        let found = paired(&a, &b, 0.95);
        gain += found.gain.unwrap_or(0.0) / f64::from(COMPARISONS);
        covers(found.interval, 0.5)
    });
    println!("Gaussian differences: {coverage:.2} %, mean pairing gain {gain:.1}");
    assert!((coverage - 95.0).abs() <= 0.6, "{coverage}");
    // (9 + 1) ÷ 1, somewhat more since it is a mean of quotients.
    assert!((9.5..12.5).contains(&gain), "{gain}");
}

#[test]
fn a_skewed_difference_is_covered_nearly_as_often() {
    let mut rng = rng(2);
    let coverage = percent(COMPARISONS, || {
        let a = mean_of(|_| Exp1.sample(&mut rng));
        let b = mean_of(|_| 0.1 * normal(&mut rng));
        covers(paired(&a, &b, 0.95).interval, 1.0)
    });
    println!("exponential differences: {coverage:.2} %");
    assert!(coverage >= 92.0, "{coverage}");
}

#[test]
fn a_ratio_of_sums_is_covered_though_the_calls_vary_too() {
    let mut rng = rng(3);
    let coverage = percent(COMPARISONS, || {
        let calls: Vec<f64> = (0..R).map(|_| 1000.0 + 100.0 * normal(&mut rng)).collect();
        // A busy replication retries more than its share: numerator and denominator go together.
        let attempts: Vec<f64> = calls
            .iter()
            .map(|x| 1.4 * x + 0.2 * (x - 1000.0) + 20.0 * normal(&mut rng))
            .collect();
        let found = Sample::ratio(&attempts, &calls).expect("there are calls");
        covers(found.interval(0.95), 1.4)
    });
    println!("ratios: {coverage:.2} %");
    assert!((coverage - 95.0).abs() <= 0.8, "{coverage}");
}

#[test]
fn a_family_without_differences_has_a_verdict_in_one_experiment_of_twenty_at_most() {
    let mut rng = rng(4);
    let (policies, metrics) = (4, 2);
    let (m, level) = family(policies, metrics);
    assert_eq!(m, 6);
    let wrong = percent(COMPARISONS, || {
        let mut any = false;
        for _ in 0..metrics {
            let baseline = mean_of(|_| normal(&mut rng));
            for _ in 1..policies {
                let policy = mean_of(|_| normal(&mut rng));
                let found = paired(&policy, &baseline, level);
                let verdict = judge(&found, 0.0, Better::Lower);
                any |= matches!(verdict, Some(Judgement::Better | Judgement::Worse));
            }
        }
        any
    });
    println!("families of {m} with a wrong verdict: {wrong:.2} %");
    assert!(wrong <= 5.6, "{wrong}");
}

/// The differences of a family of two, look by look until both are settled: two policies that share the weather
/// with the baseline, each off by `off` standard deviations of the differences. Returns the verdicts with the
/// intervals, and, if asked for, whether a plain 95 % interval would have been wrong at any look.
fn settled(rng: &mut Rng, off: f64, min_effect: f64, plainly: bool) -> ([Sequence; 2], bool) {
    let looks = settle::looks(512);
    let level = settle::level(looks.len(), 2);
    let mut sequences = [Sequence::default(), Sequence::default()];
    let mut values: [Vec<f64>; 3] = Default::default();
    let mut believed = false;
    for replications in looks {
        while values[0].len() < replications as usize {
            let weather = 2.0 * normal(rng);
            for (place, list) in values.iter_mut().enumerate() {
                let off = if place == 0 { 0.0 } else { off };
                list.push(weather + off + normal(rng) * std::f64::consts::FRAC_1_SQRT_2);
            }
        }
        let samples = values
            .each_ref()
            .map(|list| Sample::mean(list).expect("values"));
        let mut done = true;
        for (sequence, sample) in sequences.iter_mut().zip(&samples[1..]) {
            let found = paired(sample, &samples[0], level);
            done &= sequence.look(&found, (min_effect, Better::Lower), true, replications);
            believed |= plainly && !covers(paired(sample, &samples[0], 0.95).interval, off);
        }
        if done {
            break;
        }
    }
    (sequences, believed)
}

#[test]
fn looking_until_it_is_settled_is_wrong_in_one_experiment_of_twenty_at_most() {
    let mut rng = rng(11);
    let (mut misses, mut believed, mut n) = (0, 0, 0);
    // So small an effect that equivalence is never shown: all five looks are taken.
    let wrong = percent(COMPARISONS, || {
        n += 1;
        let (found, naive) = settled(&mut rng, 0.0, 1e-6, n % 10 == 0);
        misses += u32::from(found.iter().any(|one| !covers(one.interval, 0.0)));
        believed += u32::from(naive);
        let verdicts = [Some(Judgement::Better), Some(Judgement::Worse)];
        found.iter().any(|one| verdicts.contains(&one.verdict))
    });
    let share = |n: u32| 100.0 * f64::from(n) / f64::from(COMPARISONS);
    let covered = 100.0 - share(misses);
    println!(
        "no difference, five looks at two pairs: {wrong:.2} % wrong verdicts, all intervals cover in \
         {covered:.2} %; plain intervals would have been wrong in {:.1} %",
        10.0 * share(believed)
    );
    assert!(wrong <= 5.6, "{wrong}");
    assert!(covered >= 94.4, "{covered}");
    assert!(
        10.0 * share(believed) > 15.0,
        "looking often must be allowed for"
    );
}

#[test]
fn what_differs_by_the_least_effect_is_hardly_ever_called_equivalent() {
    let mut rng = rng(12);
    let (mut replications, mut open) = (0, 0);
    let wrong = percent(COMPARISONS / 4, || {
        let (found, _) = settled(&mut rng, 0.2, 0.2, false);
        replications += found
            .iter()
            .filter_map(|one| one.settled_at)
            .max()
            .unwrap_or(512);
        open += u32::from(found.iter().any(|one| one.settled_at.is_none()));
        found
            .iter()
            .any(|one| one.verdict == Some(Judgement::Equivalent))
    });
    let of = f64::from(COMPARISONS / 4);
    println!(
        "off by just the least effect: {wrong:.2} % wrong; {:.0} replications on average, {:.1} % open \
         at 512",
        f64::from(replications) / of,
        100.0 * f64::from(open) / of
    );
    assert!(wrong <= 5.6, "{wrong}");
}

#[test]
fn a_limit_that_is_just_met_passes_in_one_experiment_of_twenty() {
    let mut rng = rng(5);
    let passed = percent(COMPARISONS, || {
        let found = mean_of(|_| 2.0 + normal(&mut rng));
        found.interval(ONE_SIDED)[1].is_some_and(|upper| upper <= 2.0)
    });
    println!("limits passed by luck: {passed:.2} %");
    assert!((passed - 5.0).abs() <= 0.6, "{passed}");
}

/// Calls of one replication as a histogram with three significant digits, each value standing for
/// the highest of its bucket, cut at `h_us`.
fn times(values_us: impl Iterator<Item = f64>, h_us: f64) -> Times {
    let mut grid: Vec<u64> = values_us.map(|us| bucket(us.min(h_us))).collect();
    grid.sort_unstable();
    let mut counts: Vec<(u64, u64)> = Vec::new();
    for us in grid {
        match counts.last_mut() {
            Some(last) if last.0 == us => last.1 += 1,
            _ => counts.push((us, 1)),
        }
    }
    Times {
        n: counts.iter().map(|c| c.1).sum(),
        max_ns: counts.last().map_or(0, |c| c.0 * 1000),
        histogram: Sparse { counts },
        ..Times::default()
    }
}

fn bucket(us: f64) -> u64 {
    let mut step = 1;
    let whole = us.ceil() as u64;
    while whole / step >= 10_000 {
        step *= 10;
    }
    whole.div_ceil(step) * step
}

/// Percentiles of the same replications; pooling is what takes time.
fn of(parts: &[Times], shares: &[f64]) -> Vec<Sample> {
    let parts: Vec<&Times> = parts.iter().collect();
    let pooled = Arc::new(Pooled::new(&parts));
    let one = |&p: &f64| percentile(&parts, &pooled, p).expect("there are calls enough");
    shares.iter().map(one).collect()
}

/// 500 calls, log-normal with σ 1 around 100 ms times what the weather makes of it.
fn calls(rng: &mut Rng, weather: f64) -> Times {
    let draw = |rng: &mut Rng| 1e5 * libm::exp(weather + normal(rng));
    times((0..500).map(|_| draw(rng)), f64::INFINITY)
}

#[test]
fn a_pooled_percentile_is_covered_though_calls_come_in_clusters() {
    const EXPERIMENTS: u32 = 1000;
    const CLUSTERS: usize = 20;
    const WEATHER: f64 = 0.3;
    let mut rng = rng(6);
    let shares = [0.5, 0.9, 0.99];
    let mut hits = [0u32; 3];
    let mut paired_hits = [0u32; 3];
    // All calls together are log-normal again; B is A in the same weather, 1.3 times as slow.
    let sigma = (1.0 + WEATHER * WEATHER).sqrt();
    let truth = |p: f64, slow: f64| {
        let us = 1e5 * slow * libm::exp(sigma * quantile::normal(p));
        bucket(us) as f64 / 1000.0
    };
    for _ in 0..EXPERIMENTS {
        let weather: Vec<f64> = (0..CLUSTERS).map(|_| WEATHER * normal(&mut rng)).collect();
        let slow = libm::log(1.3);
        let a: Vec<Times> = weather.iter().map(|&w| calls(&mut rng, w)).collect();
        let b: Vec<Times> = weather.iter().map(|&w| calls(&mut rng, w + slow)).collect();
        let (a, b) = (of(&a, &shares), of(&b, &shares));
        for (i, &p) in shares.iter().enumerate() {
            hits[i] += u32::from(covers(a[i].interval(0.95), truth(p, 1.0)));
            let difference = truth(p, 1.3) - truth(p, 1.0);
            let found = paired(&b[i], &a[i], 0.95);
            paired_hits[i] += u32::from(covers(found.interval, difference));
        }
    }
    let percent = |hits: u32| 100.0 * f64::from(hits) / f64::from(EXPERIMENTS);
    for (i, p) in shares.into_iter().enumerate() {
        let (one, two) = (percent(hits[i]), percent(paired_hits[i]));
        println!("p = {p}: {one:.1} % alone, {two:.1} % paired");
        assert!((90.0..=96.5).contains(&one), "p = {p}: {one}");
        assert!((90.0..=98.0).contains(&two), "p = {p} paired: {two}");
    }
}

/// H of the headline case, µs.
const H_US: f64 = 6e7;

/// 400 calls of 0.1 to 10 s, of which a share fails and counts as H: with u in (0, 1) for the
/// weather, between none and twice the mean share.
fn failing_calls(rng: &mut Rng, failing: f64, u: f64) -> Times {
    let one = |rng: &mut Rng| {
        let (coin, place): (f64, f64) = StandardUniform.sample(rng);
        if coin < 2.0 * failing * u {
            H_US
        } else {
            answer(place)
        }
    };
    times((0..400).map(|_| one(rng)), H_US)
}

fn answer(u: f64) -> f64 {
    1e5 * (1.0 + 99.0 * u)
}

/// The true 99th percentile of such calls, ms.
fn p99_of(failing: f64) -> f64 {
    let us = if failing >= 0.01 {
        H_US
    } else {
        answer(0.99 / (1.0 - failing))
    };
    bucket(us) as f64 / 1000.0
}

/// The headline case: failures count as H, and the percentile lies on either side of their share.
#[test]
fn a_percentile_near_the_share_of_failures_is_covered_on_both_sides() {
    const EXPERIMENTS: u32 = 500;
    for (seed, failing) in [(7, 0.0095), (8, 0.0105), (9, 0.012)] {
        let mut rng = rng(seed);
        let mut paired_hits = 0;
        let alone = percent(EXPERIMENTS, || {
            let weather: Vec<f64> = (0..R).map(|_| StandardUniform.sample(&mut rng)).collect();
            let mut fly = |failing: f64| {
                let each = weather.iter().map(|&u| failing_calls(&mut rng, failing, u));
                of(&each.collect::<Vec<_>>(), &[0.99]).remove(0)
            };
            let (a, b) = (fly(failing), fly(0.005));
            let found = paired(&a, &b, 0.95);
            // The jump is 50 s; what the policies share may take hundredths of one off its end.
            let slack = found
                .interval
                .map(|bound| bound.map(|x| (x / 200.0).round() * 200.0));
            let difference = ((p99_of(failing) - p99_of(0.005)) / 200.0).round() * 200.0;
            paired_hits += u32::from(covers(slack, difference));
            covers(a.interval(0.95), p99_of(failing))
        });
        let paired = 100.0 * f64::from(paired_hits) / f64::from(EXPERIMENTS);
        println!("p99 with {failing} failing: {alone:.1} % alone, {paired:.1} % against 0.005");
        assert!(alone >= 90.0, "{failing}: {alone}");
        assert!(paired >= 90.0, "{failing} paired: {paired}");
    }
}

#[test]
fn with_a_few_locked_runs_no_interval_on_the_mean_is_honest() {
    let mut rng = rng(10);
    let covered = percent(COMPARISONS, || {
        let values: Vec<f64> = (0..20)
            .map(|_| {
                let coin: f64 = StandardUniform.sample(&mut rng);
                let success = if coin < 0.07 { 0.3 } else { 0.99 };
                success + 0.002 * normal(&mut rng)
            })
            .collect();
        let found = Sample::mean(&values).expect("there are replications");
        covers(found.interval(0.95), 0.93 * 0.99 + 0.07 * 0.3)
    });
    // Published, without a bar: this is why lock-ups are counted for every policy.
    println!("7 % lock-up, R = 20: {covered:.1} % of 95 % intervals cover");
    assert!(covered < 95.0);
}

#[test]
fn the_bound_of_a_lock_up_share_holds_in_95_percent_for_every_true_share() {
    let n = 32;
    let mut least = 1.0f64;
    for i in 1..200 {
        let truth = f64::from(i) / 200.0;
        // The bound is wrong for the counts whose upper bound lies below the truth.
        let wrong = (0..=n).filter(|&k| share_upper(k, n, 0.95) < truth).max();
        let missed = wrong.map_or(0.0, |k| binomial_cdf(k, n, truth));
        least = least.min(1.0 - missed);
    }
    println!(
        "least coverage of the one-sided bound, n = {n}: {:.2} %",
        100.0 * least
    );
    assert!(least >= 0.95 - 1e-12);
    assert!(share_upper(0, 32, 0.95) <= 0.0894);
}
