//! What must hold exactly in every run, whatever happens in it.

use squall::fault::effect::Config as Effect;
use squall::record::Replication;
use squall::record::replication::{Sums, Times};
use squall::scenario::Scenario;
use squall::sim::Outcome;

/// All that is broken, in words.
pub(crate) fn broken(scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut same = |what: &str, left: u128, right: u128| {
        if left != right {
            wrong.push(format!("{what}: {left} and {right}"));
        }
    };
    let (audit, run) = (&outcome.audit, &outcome.replication);
    same(
        "Little: ∫ N dt and Σ time in the system",
        audit.calls_integral_ns,
        audit.calls_time_ns,
    );
    same(
        "billed and counted by clients",
        audit.billed_pico_usd,
        audit.clients_pico_usd,
    );
    same(
        "judgements and those that were filed",
        audit.judgements.into(),
        audit.judgements_filed.into(),
    );
    let all = &run.scopes[0];
    let everything = run.submitted == all.calls;
    if everything {
        same("billed and filed", audit.billed_pico_usd, all.pico_usd());
        same(
            "attempts sent and filed",
            audit.attempts.into(),
            all.attempts_total().into(),
        );
        same(
            "attempts sent, ended or open",
            audit.attempts.into(),
            (audit.attempts_ended + audit.attempts_open).into(),
        );
        // A call that was put off may be under way again when the run is cut.
        if all.unfinished == 0 && all.fallbacks.given("defer") == 0 {
            same("attempts open", audit.attempts_open.into(), 0);
        }
    }
    alerts(&mut same, run);
    let horizon = scenario.workload.horizon().0;
    for (i, sums) in run.scopes.iter().enumerate() {
        of_scope(&mut same, &format!("scope {i}"), sums, scenario, horizon);
    }
    if scenario.run.warm_up.is_zero() {
        let sum = |list: &[u32]| list.iter().map(|n| u128::from(*n)).sum::<u128>();
        let w = &run.windows;
        same("calls by window", sum(&w.arrived), all.calls.into());
        same(
            "good by window of arrival",
            sum(&w.arrived_good),
            all.good.into(),
        );
        if everything && run.end_ns == scenario.run.duration.0 {
            same("good by window", sum(&w.good), all.good.into());
            same("degraded by window", sum(&w.degraded), all.degraded.into());
            same("failed by window", sum(&w.failed), all.failed.into());
            let by_origin = [&w.first, &w.retry, &w.failover, &w.hedge];
            for (windows, n) in by_origin.into_iter().zip(all.attempts) {
                same("attempts by window", sum(windows), n.into());
            }
        }
    }
    let open_ms: u128 = run
        .windows
        .open_ms
        .iter()
        .flatten()
        .map(|ms| u128::from(*ms))
        .sum();
    let open_ns = run.breaker_open_bad_ns + run.breaker_open_good_ns;
    let cells = run.windows.open_ms.iter().map(Vec::len).sum::<usize>() as u128;
    // The windows also show the warm-up; the sums leave it out.
    let slack = cells * 500_000;
    let (low, high) = (open_ns.saturating_sub(slack), open_ns + slack);
    let shown = open_ms * 1_000_000;
    if shown < low || (scenario.run.warm_up.is_zero() && shown > high) {
        wrong.push(format!(
            "open: {open_ns} ns and {open_ms} ms in {cells} windows"
        ));
    }
    let extra = audit.attempts - all.attempts[0].min(audit.attempts);
    if run.retries_peak_per_100ms > extra {
        wrong.push(format!(
            "a peak of {} in {extra}",
            run.retries_peak_per_100ms
        ));
    }
    let (start, latest) = (scenario.run.duration.0, scenario.run.duration.0 + horizon);
    if !(start..=latest).contains(&run.end_ns) {
        wrong.push(format!("it ends at {}", run.end_ns));
    }
    wrong
}

fn alerts(same: &mut impl FnMut(&str, u128, u128), run: &Replication) {
    let alerts = &run.alerts;
    let is_sorted = alerts.list.is_sorted_by_key(|alert| alert.at_ns);
    same("alerts in order of time", is_sorted.into(), 1);
    let (met, _) = alerts.met();
    let at_most = alerts.false_alerts <= alerts.count() && (met == 0 || alerts.count() > 0);
    same("false alerts among all", at_most.into(), 1);
    let all_false = alerts.false_alerts == alerts.count();
    same(
        "no fault was met by false alerts",
        (met > 0 && all_false).into(),
        0,
    );
    let in_time =
        |met: &squall::record::alert::Met| met.after_ns.is_none_or(|ns| ns < met.lasted_ns);
    let all = alerts.faults.iter().flatten().all(in_time);
    same("faults are met while they are on", all.into(), 1);
}

fn of_scope(
    same: &mut impl FnMut(&str, u128, u128),
    scope: &str,
    sums: &Sums,
    scenario: &Scenario,
    horizon: u64,
) {
    let mut same = |what: &str, left: u128, right: u128| {
        same(&format!("{scope}: {what}"), left, right);
    };
    let verdicts = sums.success + sums.degraded + sums.failed + sums.unfinished;
    same("calls and verdicts", sums.calls.into(), verdicts.into());
    let failures: u64 = sums.failures.values().sum();
    same("failed and reasons", sums.failed.into(), failures.into());
    same(
        "calls sent and first attempts",
        (sums.sent_calls + sums.fallbacks.sent_again).into(),
        sums.attempts[0].into(),
    );
    let late = sums.usage.iter().filter(|r| r.outcome == "late");
    let late: u64 = late.map(|r| r.attempts).sum();
    let given: u64 = sums.fallbacks.given.values().sum();
    same("degraded and fallbacks", sums.degraded.into(), given.into());
    let answered = sums.fallbacks.answered;
    same(
        "late answers and their delays",
        answered.into(),
        sums.fallbacks.delay.n.into(),
    );
    same(
        "late answers and attempts that gave them",
        answered.into(),
        late.into(),
    );
    let gone = answered + sums.fallbacks.lost;
    let waiting = sums.fallbacks.given("defer").checked_sub(gone);
    same("deferred and gone", waiting.is_some().into(), 1);
    let rows = |f: &dyn Fn(&squall::record::replication::UsageRow) -> bool| {
        sums.usage
            .iter()
            .filter(|row| f(row))
            .map(|row| u128::from(row.attempts))
            .sum::<u128>()
    };
    same(
        "attempts by origin and by row",
        sums.attempts_total().into(),
        rows(&|r| r.outcome != "judge"),
    );
    same(
        "successes and attempts that won",
        sums.success.into(),
        rows(&|r| r.outcome == "won"),
    );
    let bad: u128 = sums
        .usage
        .iter()
        .filter(|r| r.outcome == "won")
        .map(|r| u128::from(r.bad_answers))
        .sum();
    same(
        "successes that were bad",
        u128::from(sums.success - sums.good),
        bad,
    );
    let others: u64 = sums
        .statuses
        .iter()
        .filter(|(s, _)| **s != 200)
        .map(|(_, n)| n)
        .sum();
    let said = [
        "rate-limited",
        "quota-exhausted",
        "overloaded",
        "server-fault",
        "rejected",
        "unsuited",
    ];
    let said = rows(&|r| r.outcome != "judge" && said.contains(&r.class.as_str()));
    // Errors within streams have the status 200.
    let within = said.checked_sub(others.into()).unwrap_or(u128::MAX);
    let may_be = match has_errors_in_streams(scenario) {
        true => u128::from(sums.statuses.get(&200).copied().unwrap_or(0)),
        false => 0,
    };
    same("statuses and classes", (within <= may_be).into(), 1);
    let broken_off = may_be.min(rows(&|r| r.class == "truncated"));
    answers(
        &mut same,
        sums,
        (within.min(may_be) as u64, broken_off as u64),
    );
    for row in &sums.usage {
        let price = scenario
            .providers
            .iter()
            .find(|(name, _)| *name == row.endpoint);
        let price = price.expect("a row names a provider").1.price;
        let input = u128::from(row.input_tokens) * u128::from(price.input.pico_per_token);
        let output = u128::from(row.output_tokens) * u128::from(price.output.pico_per_token);
        let money = input + output;
        let dear = (money as f64 * dearest(scenario)).ceil() as u128;
        let is_price = (money..=dear).contains(&row.pico_usd);
        same("tokens and money", is_price.into(), 1);
    }
    let mut counted = |what: &str, times: &Times, n: u64| {
        same(&format!("{what}: how many"), times.n.into(), n.into());
        same(
            &format!("{what}: in the histogram"),
            times.histogram.n().into(),
            n.into(),
        );
        let fits = times.sum_ns <= u128::from(times.max_ns) * u128::from(n);
        same(&format!("{what}: sum within n × max"), fits.into(), 1);
    };
    counted("good", &sums.latency_good, sums.calls);
    counted("verdict", &sums.latency_verdict, sums.calls);
    counted("success", &sums.latency_success, sums.success);
    counted(
        "ttft",
        &sums.ttft,
        if scenario.workload.stream {
            sums.success
        } else {
            0
        },
    );
    counted("failover", &sums.failover_added, sums.failover_added.n);
    counted("queue", &sums.queue_wait, sums.queue_wait.n);
    if sums.good == sums.success {
        let cost = u128::from(sums.calls - sums.good) * u128::from(horizon);
        same(
            "time to a good answer",
            sums.latency_good.sum_ns,
            sums.latency_success.sum_ns + cost,
        );
    }
}

/// Whether a fault may answer with an error within a stream.
fn has_errors_in_streams(scenario: &Scenario) -> bool {
    scenario.faults.iter().any(|fault| match &fault.effect {
        Effect::Overload(overload) => overload.in_stream,
        Effect::StreamError(_) => true,
        _ => false,
    })
}

/// How many times the price of its provider an answer may cost: 1 without faults that raise prices.
fn dearest(scenario: &Scenario) -> f64 {
    let factor = |fault: &squall::fault::Config| match &fault.effect {
        Effect::Price(price) => price.factor,
        _ => 1.0,
    };
    scenario.faults.iter().map(factor).product()
}

/// Whole answers and what guards and judges made of them; so many of status 200 were errors within streams,
/// and so many more may have been, in answers that had begun.
fn answers(same: &mut impl FnMut(&str, u128, u128), sums: &Sums, (within, broken_off): (u64, u64)) {
    let ended = |classes: &[&str], judge: bool| {
        let rows = sums.usage.iter();
        let rows = rows.filter(|r| (r.outcome == "judge") == judge);
        let rows = rows.filter(|r| classes.contains(&r.class.as_str()));
        rows.map(|r| r.attempts).sum::<u64>()
    };
    let whole = sums.statuses.get(&200).copied().unwrap_or(0) - within;
    let refused = ended(&["malformed", "bad-answer"], false);
    let (guarding, judge) = (&sums.guarding, sums.guarding.judge);
    // An answer whose verdict did not come in time is given up.
    let came = sums.success + sums.fallbacks.answered + refused;
    let waited = whole - came.min(whole);
    // That of a call that was put off may wait for its verdict still when the run is cut.
    let cut = ended(&["unfinished"], false);
    let late = ended(&["cancelled"], false).min(judge.no_verdict);
    let given_up = waited <= late + cut + broken_off;
    same("whole answers that were given up", given_up.into(), 1);
    same("no more answers than came", (came <= whole).into(), 1);
    let measure = |name: &str| guarding.measures.get(name).copied().unwrap_or(0);
    same(
        "malformed and refused",
        ended(&["malformed"], false).into(),
        measure("schema refused").into(),
    );
    let bad = [
        "finish-reason refused",
        "judge refused",
        "no-verdict refused",
    ];
    same(
        "bad answers and refused",
        ended(&["bad-answer"], false).into(),
        bad.iter().map(|name| u128::from(measure(name))).sum(),
    );
    let verdicts = judge.flagged_bad + judge.passed_bad + judge.flagged_good + judge.passed_good;
    let over = verdicts + judge.no_verdict + ended(&["unfinished"], true);
    same(
        "judgements and how they ended",
        judge.asked.into(),
        over.into(),
    );
    let bills = sums.usage.iter().filter(|r| r.outcome == "judge");
    same(
        "judgements and bills",
        judge.asked.into(),
        bills.map(|r| u128::from(r.attempts)).sum(),
    );
    let flagged = guarding.flagged_bad <= sums.bad_answers()
        && guarding.flagged_good <= sums.good_answers()
        && judge.flagged_bad <= guarding.flagged_bad
        && judge.flagged_good <= guarding.flagged_good;
    same("no more flagged than came", flagged.into(), 1);
}
