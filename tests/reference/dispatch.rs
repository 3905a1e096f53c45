//! What is checked when an attempt is sent: may it, now, there, for that reason?

use squall::base::{Class, Instant, Origin, Receipt};
use squall::policy::Config;
use squall::policy::backoff;
use squall::policy::classify::FailOver;
use squall::policy::hedge::{self, fixed::To};
use squall::policy::route::failover::OnFailure;
use squall::policy::server_wait::TooLong;

use super::{Attempt, Book, Model, s};
use crate::naive;

impl Model {
    pub(super) fn on_dispatch(
        &mut self,
        now: Instant,
        call: usize,
        receipt: Receipt,
        origin: Origin,
        probe: bool,
    ) {
        let endpoint = receipt.endpoint.0;
        self.tell_calls(call, Some(endpoint));
        let config = self.config.clone();
        let book = self.calls[call].clone();
        let made = book.attempts.len();
        let here = book
            .attempts
            .iter()
            .filter(|a| a.endpoint == endpoint)
            .count();
        let flying: Vec<&Attempt> = book.attempts.iter().filter(|a| a.ended.is_none()).collect();
        let per_endpoint = config.retry.attempts_per_endpoint.unwrap_or(u16::MAX);
        self.check(
            now < book.deadline,
            now,
            call,
            "sent at or after the deadline",
        );
        self.check(
            usize::from(receipt.attempt) == made,
            now,
            call,
            "attempts are not numbered in order",
        );
        self.check(
            usize::from(receipt.nth_at_endpoint) == here,
            now,
            call,
            "tries are not numbered",
        );
        self.check(
            made < usize::from(config.retry.attempts),
            now,
            call,
            "more attempts than allowed",
        );
        self.check(
            here < usize::from(per_endpoint),
            now,
            call,
            "more attempts here than allowed",
        );
        self.check(flying.len() < 4, now, call, "more than four in flight");
        self.check(
            book.delivered.is_none(),
            now,
            call,
            "sent after an answer was begun",
        );
        self.check(
            self.route.contains(&endpoint),
            now,
            call,
            "sent off the route",
        );
        self.check(
            !self.observes() || made == 0,
            now,
            call,
            "observing, it sent more than one",
        );
        let decided = book.decisive.map(|(_, i)| book.attempts[i].endpoint);
        let expected = match (made, flying.len()) {
            (0, _) => Origin::First,
            (_, 1..) => Origin::Hedge,
            _ if decided == Some(endpoint) => Origin::Retry,
            _ => Origin::Failover,
        };
        self.check(
            origin == expected,
            now,
            call,
            &format!("{origin} is a {expected}"),
        );
        let settings = naive::settings(&config.breaker);
        let answer = settings.map_or(Some(false), |(probes, ..)| {
            self.breakers[usize::from(endpoint)].lets_through(s(now), probes)
        });
        let passes = answer == Some(probe) || self.observes() && !probe;
        self.check(
            passes,
            now,
            call,
            &format!("its breaker says {answer:?}, it is a probe: {probe}"),
        );
        if made > 0 {
            let since = book.first_failed.map_or(0.0, |at| s(now) - s(at));
            let granted = self.budgets.grants(s(now), made as u32 - 1, since);
            self.check(granted, now, call, "no budget granted it");
        }
        match origin {
            Origin::First => {}
            Origin::Hedge => self.check_hedge(now, call, &book, &flying, endpoint),
            Origin::Retry | Origin::Failover => self.check_wait(now, call, &book, endpoint),
        }
        if probe {
            self.breakers[usize::from(endpoint)].on_probe();
        }
        let trips_before = self.breakers[usize::from(endpoint)].trips;
        let book = &mut self.calls[call];
        book.hedges += u8::from(origin == Origin::Hedge);
        book.attempts.push(Attempt {
            endpoint,
            sent: now,
            probe,
            trips_before,
            first_token: false,
            ended: None,
            aborted: None,
            ending: None,
        });
        self.sent.push(now);
    }

    fn check_hedge(
        &mut self,
        now: Instant,
        call: usize,
        book: &Book,
        flying: &[&Attempt],
        endpoint: u16,
    ) {
        let hedge::Config::Fixed(hedge) = self.config.hedge.clone() else {
            self.wrong.push(format!(
                "{} s, call {call}: a hedge nobody asked for",
                s(now)
            ));
            return;
        };
        let newest = book.attempts.last().expect("a hedge follows an attempt");
        self.check(
            now == newest.sent + hedge.after,
            now,
            call,
            "a hedge at another time than set",
        );
        self.check(book.hedges < hedge.max, now, call, "more hedges than set");
        let right = match hedge.to {
            To::Same => endpoint == newest.endpoint,
            To::Other => flying.iter().all(|a| a.endpoint != endpoint),
        };
        self.check(right, now, call, "a hedge to the wrong endpoint");
    }

    /// The waits that may lie between the failure that decided and an attempt at `endpoint`.
    fn check_wait(&mut self, now: Instant, call: usize, book: &Book, endpoint: u16) {
        let Some((failed_at, decisive)) = book.decisive else {
            self.wrong.push(format!(
                "{} s, call {call}: tried again without a failure",
                s(now)
            ));
            return;
        };
        let failed = &book.attempts[decisive];
        let class = failed.ended.expect("it failed");
        let retry = self.config.retry.clone();
        let rule = self.config.on.get(&class).cloned().unwrap_or_default();
        let retried = retry.on.contains(&class);
        let credit = matches!(class, Class::QuotaExhausted | Class::Unsuited);
        let fail_over = rule.fail_over.unwrap_or_default();
        let tries = |endpoint| {
            let there = book.attempts.iter().filter(|a| a.endpoint == endpoint);
            there.count()
        };
        let stays = tries(failed.endpoint) < usize::from(rule.attempts.unwrap_or(1));
        let (here, elsewhere) = match fail_over {
            FailOver::AsRoute => (retried, retried || credit),
            FailOver::Now | FailOver::NextGroup => (retried && stays, true),
            FailOver::Never => (retried, false),
        };
        let same = endpoint == failed.endpoint;
        let allowed = if same { here } else { elsewhere };
        self.check(
            allowed,
            now,
            call,
            &format!("after {class} endpoint {endpoint} is not to be tried"),
        );
        let so_far = book
            .attempts
            .iter()
            .filter(|a| a.ended == Some(class))
            .count();
        let most = match fail_over {
            FailOver::Now | FailOver::NextGroup => None,
            FailOver::AsRoute | FailOver::Never => rule.attempts,
        };
        let within = so_far < usize::from(most.unwrap_or(u16::MAX));
        self.check(
            within,
            now,
            call,
            &format!("{class} is not to be borne once more"),
        );
        let barred = book.attempts.iter().any(|a| {
            let credit = matches!(a.ended, Some(Class::QuotaExhausted | Class::Unsuited));
            credit && a.endpoint == endpoint
        });
        self.check(
            !barred,
            now,
            call,
            "asked again where waiting does not help",
        );
        let place = |endpoint| self.route.iter().position(|e| *e == endpoint).unwrap_or(0);
        let (target, from) = (place(endpoint), place(failed.endpoint));
        let gap = (now.0 - failed_at.0) as f64 / 1e9;
        let route_next = squall_route(&self.config) == OnFailure::Next;
        let lined_up = !self.config.quota.0.is_empty() || self.config.limiter.limits();
        let at_once = target > from && elsewhere;
        let mut ranges: Vec<(f64, f64)> = if at_once {
            vec![(0.0, 0.0)]
        } else {
            Vec::new()
        };
        for back in 0..=target {
            if back != from && !(route_next && elsewhere) {
                continue;
            }
            let tries = tries(self.route[back]);
            let schedule: &backoff::Config = rule.backoff.as_ref().unwrap_or(&retry.backoff);
            let k = (tries as u32).max(1);
            let previous = if lined_up { 1e9 } else { book.last_wait };
            ranges.push(naive::wait_range(schedule, k, previous));
            // What an endpoint asked for holds for it alone, and until its time is over.
            let asked = book
                .asked
                .filter(|(who, until)| *who == self.route[back] && *until > failed_at);
            let left = asked.map(|(_, until)| (until.0 - failed_at.0) as f64 / 1e9);
            if let Some(stated) = left
                && let Some(range) = self.stated_range(stated)
            {
                // What is stated replaces the schedule.
                ranges.pop();
                ranges.push(range);
            }
        }
        let fits = ranges
            .iter()
            .any(|(low, high)| gap > low - 2e-9 && (lined_up || gap < high + 2e-9));
        self.check(
            fits,
            now,
            call,
            &format!("a wait of {gap} s is not in {ranges:?}"),
        );
        if gap > 0.0 {
            self.calls[call].last_wait = gap;
        }
    }

    /// What a stated wait may become; None: the schedule decides.
    fn stated_range(&self, stated: f64) -> Option<(f64, f64)> {
        let rules = &self.config.retry.server_wait;
        let (floor, cap) = (rules.floor.as_s_f64(), rules.cap.as_s_f64());
        if stated == 0.0 {
            return None;
        }
        let wait = if stated <= cap {
            stated.max(floor)
        } else {
            match rules.too_long {
                TooLong::Ignore => return None,
                // Not here: nothing fits but another endpoint at once.
                TooLong::Fail => return Some((f64::INFINITY, f64::INFINITY)),
                TooLong::Clamp => cap,
                TooLong::Honour => stated,
            }
        };
        Some((wait, wait * (1.0 + rules.jitter)))
    }
}

fn squall_route(config: &Config) -> OnFailure {
    config.route.on_failure()
}
