//! The search and the selection together, over thirty seeds.

use squall::base::Stop;
use squall::experiment::tune::search::Trial;
use squall::experiment::tune::{
    Candidate, Crew, Domain, Limit, Parameter, Plan, Size, Space, Spend, Value, search, select,
};
use squall::record::results::Bound;

use crate::made::{Made, real};
use crate::random;
use crate::wilcoxon::below_zero;

const SEEDS: u64 = 30;

fn parameter(name: &str, domain: Domain, when: &[(usize, usize)]) -> Parameter {
    Parameter {
        name: name.into(),
        domain,
        when: when
            .iter()
            .map(|&(place, choice)| (place, vec![choice]))
            .collect(),
    }
}

fn linear(from: f64, to: f64) -> Domain {
    Domain::Real {
        from,
        to,
        log: false,
    }
}

fn log(from: f64, to: f64) -> Domain {
    Domain::Real {
        from,
        to,
        log: true,
    }
}

fn whole(from: i64, to: i64) -> Domain {
    Domain::Integer {
        from,
        to,
        log: false,
    }
}

/// Eight mixed parameters: attempts, wait, share of a budget, a breaker that may be none or count or
/// watch a rate with settings of its own, a timeout. More success costs more; three weathers need
/// different amounts of it; the timeout and the wait trade against each other.
fn mixed(seed: u64) -> Made {
    let parameters = vec![
        parameter("attempts", whole(1, 8), &[]),
        parameter("wait", log(0.05, 20.0), &[]),
        parameter("budget", linear(0.0, 1.0), &[]),
        parameter("timeout", log(0.5, 60.0), &[]),
        parameter("breaker", Domain::Choice(3), &[]),
        parameter("failures", whole(1, 40), &[(4, 1)]),
        parameter("rate", linear(0.01, 0.99), &[(4, 2)]),
        parameter("open", log(0.1, 300.0), &[(4, 2)]),
    ];
    fn truth(candidate: &Candidate, weather: usize) -> (f64, Vec<f64>) {
        let hard = [0.5, 1.0, 1.6][weather];
        let away = |x: f64, from: f64| (libm::log(x / from)) * (libm::log(x / from));
        let (attempts, wait) = (real(candidate, 0), real(candidate, 1));
        let (budget, timeout) = (real(candidate, 2), real(candidate, 3));
        let off = match candidate[4] {
            Some(Value::Choice(0)) => 1.2,
            Some(Value::Choice(1)) => 0.5 + (real(candidate, 5) - 7.0).abs() / 20.0,
            _ => {
                let rate = real(candidate, 6) - 0.37;
                6.0 * rate * rate + 0.08 * away(real(candidate, 7), 12.0)
            }
        };
        let valley = away(wait * timeout, 24.0) * 0.6 + away(wait / timeout, 0.1) * 0.04;
        let share = (budget - 0.22) * (budget - 0.22) * 4.0;
        let cost = 1.0 + 0.25 * attempts * hard + valley + share + off;
        let success = 1.0 - hard * libm::exp(-0.8 * attempts) - 0.02 * off;
        (cost, vec![success])
    }
    Made {
        space: Space { parameters },
        truth,
        limits: vec![Limit {
            side: Bound::AtLeast,
            at: 0.93,
            scale: 0.07,
        }],
        weathers: 3,
        noise: 0.02,
        seed,
    }
}

/// What a search and its selection choose; None if nothing passes.
fn chosen(problem: &Made, crew: &Crew<'_, Made>, finalists: &[Trial]) -> Option<f64> {
    let selected = select(crew, finalists, 8 * problem.weathers as u64 * 24).unwrap();
    problem.worth(&selected.winner()?.candidate)
}

fn tuned(problem: &Made, budget: u64, seed: u64) -> Option<f64> {
    let stop = Stop::default();
    let crew = Crew::new(problem, 1, &stop, &|_| ());
    let spend = Spend::of(budget);
    let found = search(&problem.space, &crew, spend, seed).unwrap();
    assert!(crew.spent() <= budget, "{} of {budget}", crew.spent());
    chosen(problem, &crew, &found.finalists)
}

#[test]
fn on_eight_mixed_parameters_it_beats_random_search() {
    const BUDGET: u64 = 2400;
    // The least cost, by hand: four attempts are the fewest that meet the limit in the third weather
    // (1.6·e^(−0.8·4) = 0.065), the breaker watches a rate, and all else lies in its valley.
    let least = 1.0 + 0.25 * 4.0 * (0.5 + 1.0 + 1.6) / 3.0;
    let mut regrets = [Vec::new(), Vec::new()];
    for seed in 1..=SEEDS {
        let problem = mixed(seed);
        let stop = Stop::default();
        let crew = Crew::new(&problem, 1, &stop, &|_| ());
        let drawn = random::search(&problem, &crew, BUDGET, seed);
        // Infeasible is worse than anything feasible.
        let regret = |worth: Option<f64>| worth.map_or(100.0, |worth| worth - least);
        regrets[0].push(regret(tuned(&problem, BUDGET, seed)));
        regrets[1].push(regret(chosen(&problem, &crew, &drawn)));
    }
    let difference: Vec<f64> = regrets[0]
        .iter()
        .zip(&regrets[1])
        .map(|(a, b)| a - b)
        .collect();
    let p = below_zero(&difference);
    let [ours, random] = regrets.map(median);
    println!("median regret {ours:.3} against {random:.3}, p = {p:.2e}");
    assert!(regrets_are_possible(&[ours, random]));
    assert!(p < 0.01, "p = {p}");
    assert!(ours <= 0.6 * random, "{ours} against {random}");
}

fn regrets_are_possible(all: &[f64]) -> bool {
    all.iter().all(|regret| *regret >= -1e-9)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    (all[all.len() / 2] + all[(all.len() - 1) / 2]) / 2.0
}

#[test]
fn with_one_or_two_parameters_it_is_within_two_percent_of_the_optimum() {
    fn one(candidate: &Candidate, _: usize) -> (f64, Vec<f64>) {
        let x = libm::log(real(candidate, 0) / 0.8);
        (x * x, vec![])
    }
    // A limit that cuts the slope off: the optimum is at x + y = 1.2, x = 0.9.
    fn two(candidate: &Candidate, _: usize) -> (f64, Vec<f64>) {
        let (x, y) = (real(candidate, 0), real(candidate, 1));
        (x + y + 2.0 * (x - 0.9) * (x - 0.9), vec![x + y])
    }
    type Truth = fn(&Candidate, usize) -> (f64, Vec<f64>);
    // Name, truth, parameters, limits, the least value, the range of values.
    type Case = (&'static str, Truth, Vec<Parameter>, Vec<Limit>, f64, f64);
    let limit = Limit {
        side: Bound::AtLeast,
        at: 1.2,
        scale: 1.0,
    };
    let cases: [Case; 2] = [
        (
            "one",
            one,
            vec![parameter("x", log(0.05, 10.0), &[])],
            vec![],
            0.0,
            7.7,
        ),
        (
            "two",
            two,
            vec![
                parameter("x", linear(0.0, 2.0), &[]),
                parameter("y", linear(0.0, 2.0), &[]),
            ],
            vec![limit],
            1.2,
            5.22,
        ),
    ];
    for (name, truth, parameters, limits, least, range) in cases {
        let mut near = 0;
        for seed in 1..=SEEDS {
            let problem = Made {
                space: Space {
                    parameters: parameters.clone(),
                },
                truth,
                limits: limits.clone(),
                weathers: 1,
                noise: 0.01,
                seed,
            };
            let worth = tuned(&problem, 600, seed);
            near += u32::from(worth.is_some_and(|worth| worth - least <= 0.02 * range));
        }
        println!("{name}: {near} of {SEEDS} within 2 %");
        assert!(near >= 27, "{name}: {near} of {SEEDS}");
    }
}

#[test]
fn where_nothing_meets_the_limits_nothing_is_selected_and_the_nearest_stands_first() {
    fn truth(candidate: &Candidate, _: usize) -> (f64, Vec<f64>) {
        let x = real(candidate, 0);
        (x, vec![1.0 - (x - 0.7) * (x - 0.7)])
    }
    let problem = Made {
        space: Space {
            parameters: vec![parameter("x", linear(0.0, 1.0), &[])],
        },
        truth,
        limits: vec![Limit {
            side: Bound::AtLeast,
            at: 1.1,
            scale: 1.0,
        }],
        weathers: 2,
        noise: 0.01,
        seed: 5,
    };
    let stop = Stop::default();
    let crew = Crew::new(&problem, 2, &stop, &|_| ());
    let found = search(&problem.space, &crew, Spend::of(600), 5).unwrap();
    let selected = select(&crew, &found.finalists, 300).unwrap();
    assert!(selected.winner().is_none());
    let nearest = real(&selected.finalists[0].candidate, 0);
    assert!((nearest - 0.7).abs() < 0.08, "{nearest}");
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let found = |threads| {
        let problem = mixed(3);
        let stop = Stop::default();
        let crew = Crew::new(&problem, threads, &stop, &|_| ());
        search(&problem.space, &crew, Spend::of(900), 3).unwrap()
    };
    assert_eq!(found(1), found(3));
}

/// Six choices and nothing else, of 64 combinations: each is flown, and no more is spent than there is.
#[test]
fn no_search_spends_more_than_it_may() {
    fn truth(candidate: &Candidate, _: usize) -> (f64, Vec<f64>) {
        let sum = candidate.iter().map(|value| match value {
            Some(Value::Choice(i)) => *i as f64,
            Some(Value::Integer(x)) => *x as f64,
            _ => 0.0,
        });
        (sum.sum(), vec![])
    }
    let choices = |n: usize| {
        (0..n)
            .map(|_| parameter("c", Domain::Choice(2), &[]))
            .collect()
    };
    let few = vec![
        parameter("n", whole(1, 3), &[]),
        parameter("m", whole(1, 2), &[]),
    ];
    let spaces: [Vec<Parameter>; 3] = [choices(6), choices(1), few];
    for parameters in spaces {
        for weathers in [1, 5] {
            let problem = Made {
                space: Space {
                    parameters: parameters.clone(),
                },
                truth,
                limits: Vec::new(),
                weathers,
                noise: 0.1,
                seed: 1,
            };
            let arms = problem.space.arms().len() as u64;
            let least = (arms + 2) * weathers as u64;
            for budget in [least * 3, least * 4, least * 9, 5000] {
                let stop = Stop::default();
                let crew = Crew::new(&problem, 1, &stop, &|_| ());
                let size = Size {
                    arms,
                    weathers: weathers as u64,
                    held_out: 0,
                    moves: 0,
                    reference: false,
                };
                let Ok(plan) = Plan::of(budget, size) else {
                    continue;
                };
                let found = search(&problem.space, &crew, plan.search, 9).unwrap();
                assert!(
                    crew.spent() <= plan.search.all(),
                    "{} of {plan:?}",
                    crew.spent()
                );
                let before = crew.spent();
                select(&crew, &found.finalists, plan.select).unwrap();
                assert!(crew.spent() - before <= plan.select, "{plan:?}");
            }
        }
    }
}
