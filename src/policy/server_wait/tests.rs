//! What a client makes of a stated wait, rule by rule.

use super::*;
use crate::base::wire::Forms;
use crate::policy::backoff::jitter::Proportional;

const S: fn(u64) -> Duration = Duration::from_s;

/// The decision beside a backoff that would wait for 4 s.
fn decide(config: &Config, stated: Option<Duration>, u: f64) -> ServerWait {
    config.decide(stated, S(4), None, || u)
}

#[test]
fn a_wait_within_bounds_is_kept_to_the_letter() {
    let config = Config::default();
    assert_eq!(decide(&config, Some(S(20)), 0.9), ServerWait::Wait(S(20)));
    assert_eq!(decide(&config, None, 0.9), ServerWait::Backoff);
    assert_eq!(decide(&config, Some(S(0)), 0.9), ServerWait::Backoff);
}

#[test]
fn each_reaction_to_a_day_of_waiting_is_its_own() {
    let with = |too_long| {
        let config = Config {
            too_long,
            ..Config::default()
        };
        decide(&config, Some(S(86_400)), 0.0)
    };
    assert_eq!(with(TooLong::Ignore), ServerWait::Backoff);
    assert_eq!(with(TooLong::Clamp), ServerWait::Wait(S(60)));
    assert_eq!(with(TooLong::Fail), ServerWait::TooLong);
    assert_eq!(with(TooLong::Honour), ServerWait::Wait(S(86_400)));
}

#[test]
fn jitter_only_lengthens_unless_it_is_the_backoffs() {
    let config = Config {
        jitter: 0.5,
        ..Config::default()
    };
    assert_eq!(decide(&config, Some(S(10)), 0.0), ServerWait::Wait(S(10)));
    assert_eq!(decide(&config, Some(S(10)), 0.8), ServerWait::Wait(S(14)));
    let config = Config {
        jitter_max: S(3),
        ..Config::default()
    };
    assert_eq!(decide(&config, Some(S(10)), 0.5).wait_ms(), Some(11_500));
    let config = Config {
        jitter_of_backoff: true,
        ..Config::default()
    };
    let jitter = Jitter::Proportional(Proportional {
        low: 0.5,
        high: 1.5,
    });
    let decided = config.decide(Some(S(10)), S(4), Some(&jitter), || 0.0);
    assert_eq!(decided, ServerWait::Wait(S(5)));
}

impl ServerWait {
    fn wait_ms(self) -> Option<u64> {
        match self {
            ServerWait::Wait(wait) => Some(wait.0 / 1_000_000),
            ServerWait::Backoff | ServerWait::TooLong => None,
        }
    }
}

#[test]
fn a_range_may_end_before_its_cap_and_zero_may_mean_at_once() {
    let node = Config {
        cap_included: false,
        zero: Zero::Immediate,
        ..Config::default()
    };
    assert_eq!(decide(&node, Some(S(60)), 0.5), ServerWait::Backoff);
    assert_eq!(
        decide(&node, Some(Duration(59_999_999_999)), 0.5).wait_ms(),
        Some(59_999)
    );
    assert_eq!(decide(&node, Some(S(0)), 0.5), ServerWait::Wait(S(0)));
}

#[test]
fn a_wait_over_the_cap_passes_if_the_backoffs_own_is_longer_still() {
    let config = Config {
        cap: S(1),
        or_below_own: true,
        ..Config::default()
    };
    assert_eq!(decide(&config, Some(S(3)), 0.5), ServerWait::Wait(S(3)));
    assert_eq!(decide(&config, Some(S(4)), 0.5), ServerWait::Backoff);
}

#[test]
fn a_stretched_wait_lies_between_the_own_and_a_little_more() {
    let config = Config {
        stretch: Some(S(5)),
        too_long: TooLong::Honour,
        ..Config::default()
    };
    for (stated, wait) in [(1, 4), (4, 4), (7, 7), (9, 9), (10, 9), (3600, 9)] {
        let decided = decide(&config, Some(S(stated)), 0.5);
        assert_eq!(decided, ServerWait::Wait(S(wait)), "{stated}");
    }
}

#[test]
fn a_wait_that_is_not_read_was_never_stated() {
    let headers = [Form::RetryAfterFloat].into_iter().collect::<Forms>();
    let advice = Advice::stated(Some(S(7)), headers);
    let config = Config {
        headers: vec![Form::RetryAfter, Form::RetryAfterDate],
        ..Config::default()
    };
    assert_eq!(config.read(429, advice, Instant::ZERO), None);
    let exact = Advice::wait(S(7));
    assert_eq!(config.read(429, exact, Instant::ZERO), Some(S(7)));
    let only_503 = Config {
        statuses: vec![503],
        ..config
    };
    assert_eq!(only_503.read(429, exact, Instant::ZERO), None);
    assert_eq!(only_503.read(503, exact, Instant::ZERO), Some(S(7)));
}
