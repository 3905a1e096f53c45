//! The server's side: the network, limits, slots, service, the outage, bills.

use std::collections::VecDeque;

use squall::base::bucket::Bucket;
use squall::base::dist::Sampler;
use squall::base::{Class, Draws, Duration, Instant, Purpose, Usage};
use squall::provider::latency::Law;

use super::super::model::{FULL_STATUS, MAX_TOKENS, Numbers, OUTAGE_STATUS, SLICE};
use super::process::Pass;
use super::{ABOUT_JOB, Loop, SIGNAL};

/// One provider.
pub(super) struct Provider {
    numbers: Numbers,
    network: Sampler,
    law: Law,
    requests: Bucket,
    tokens: Bucket,
    pub(super) busy: u32,
    pub(super) queue: VecDeque<u32>,
}

/// One attempt, from its sending until it has ended and nothing more can come of it.
pub(super) struct Job {
    pub(super) call: u32,
    pub(super) provider: u8,
    /// Whether the client has seen its first token.
    pub(super) begun: bool,
    /// What its breaker let it through with.
    pub(super) pass: Pass,
    pub(super) sent: Instant,
    pub(super) class: Option<Class>,
    pub(super) scopes: u8,
    good: bool,
    bad: bool,
    abandoned: bool,
    settled: bool,
    id: u64,
    ordinal: u64,
    prompt: u32,
    answer: u32,
    pub(super) back: Duration,
    pub(super) phase: Phase,
    pub(super) first_seen: Instant,
    pub(super) end_seen: Option<(Instant, End)>,
    next: Instant,
    bill: Usage,
}

pub(super) enum Phase {
    Outbound { arrives: Instant },
    Queued,
    Serving { first: Instant, ends: Instant },
    Returning,
}

/// What a client sees at last.
#[derive(Clone, Copy)]
pub(super) enum End {
    Answer { good: bool },
    Status(u16, Option<Duration>),
    Lost,
}

impl Provider {
    pub(super) fn new(numbers: &Numbers, law: Law) -> Provider {
        let minute = Duration::from_s(60);
        let (low, high) = numbers.network;
        Provider {
            numbers: *numbers,
            network: Sampler::Uniform(low.as_s_f64(), high.as_s_f64()),
            law,
            requests: Bucket::new(numbers.rpm * SLICE.0 / minute.0, numbers.rpm, minute),
            tokens: Bucket::new(numbers.tpm, numbers.tpm, minute),
            busy: 0,
            queue: VecDeque::new(),
        }
    }
}

impl Job {
    fn start(&mut self, now: Instant, p: &Provider, draws: &Draws) {
        let u = |purpose| draws.unit(purpose, self.id, self.ordinal);
        let factor = p.law.first_token_factor.at(u(Purpose::FirstToken));
        let first_s = (p.law.base_s + p.law.per_prompt_token_s * f64::from(self.prompt)) * factor;
        let steps = f64::from(self.answer - 1);
        let mut decode_s = 0.0;
        if steps > 0.0 {
            decode_s = steps * (p.law.per_token_s * p.law.decode_factor.at(u(Purpose::Decode)));
        }
        self.good = u(Purpose::QualityCoin) < p.numbers.quality;
        let first = now + Duration::from_s_f64(first_s);
        let ends = first + Duration::from_s_f64(decode_s);
        self.phase = Phase::Serving { first, ends };
        self.first_seen = first + self.back;
    }

    /// Tokens of the answer that exist by `now`.
    fn produced(&self, first: Instant, ends: Instant, now: Instant) -> u32 {
        if now >= ends {
            return self.answer;
        }
        if now < first {
            return 0;
        }
        let (done, all) = (now.since(first).0, ends.since(first).0);
        1 + (u128::from(self.answer - 1) * u128::from(done) / u128::from(all)) as u32
    }
}

impl Loop {
    /// Sends an attempt on its way.
    pub(super) fn send(&mut self, now: Instant, call: u32, provider: u8, pass: Pass) -> u32 {
        let c = &self.calls[call];
        let (id, ordinal) = (
            c.id,
            u64::from(provider) << 16 | u64::from(c.tries[provider as usize]),
        );
        let network = &self.providers[provider as usize].network;
        let delay =
            |purpose| Duration::from_s_f64(network.at(self.draws.unit(purpose, id, ordinal)));
        let (arrives, back) = (
            now + delay(Purpose::NetworkOut),
            delay(Purpose::NetworkBack),
        );
        let job = self.jobs.insert(Job {
            call,
            provider,
            begun: false,
            pass,
            sent: now,
            class: None,
            scopes: c.scopes,
            good: false,
            bad: false,
            abandoned: false,
            settled: false,
            id,
            ordinal,
            prompt: c.prompt,
            answer: c.answer,
            back,
            phase: Phase::Outbound { arrives },
            first_seen: Instant::NEVER,
            end_seen: None,
            next: arrives,
            bill: Usage::default(),
        });
        self.unsettled += u64::from(c.scopes & 1);
        self.queue.push(arrives, SIGNAL, job << 2 | ABOUT_JOB);
        job
    }

    pub(super) fn wake_job(&mut self, now: Instant, job: u32) {
        let Some(j) = self.jobs.get_mut(job) else {
            return;
        };
        if now < j.next {
            return;
        }
        match j.phase {
            Phase::Outbound { arrives } if now >= arrives => self.arrive(now, job),
            Phase::Serving { first, ends } if now >= ends => {
                let provider = j.provider;
                j.end_seen = Some((now + j.back, End::Answer { good: j.good }));
                self.settle(now, job, Some((first, ends)));
                self.providers[provider as usize].busy -= 1;
                self.start_queued(now, provider);
            }
            _ => {}
        }
        let j = &mut self.jobs[job];
        if !j.abandoned && now >= j.first_seen {
            j.first_seen = Instant::NEVER;
            self.on_first_token(now, job);
        }
        let j = &mut self.jobs[job];
        if let Some((at, end)) = j.end_seen
            && !j.abandoned
            && now >= at
        {
            j.end_seen = None;
            j.bad = matches!(end, End::Answer { good: false });
            self.on_end(now, job, end);
        }
        self.plan(job);
    }

    fn arrive(&mut self, now: Instant, job: u32) {
        let j = &mut self.jobs[job];
        let p = &mut self.providers[j.provider as usize];
        if self.outage && j.provider == 0 {
            return self.refuse(now, job, OUTAGE_STATUS, None);
        }
        let wanted = u64::from(j.prompt + MAX_TOKENS);
        if !p.requests.has(1, now) || !p.tokens.has(wanted, now) {
            let waits = (p.requests.wait(1, now), p.tokens.wait(wanted, now));
            return self.refuse(now, job, 429, waits.0.max(waits.1));
        }
        p.requests.charge(1, now);
        p.tokens.charge(wanted, now);
        if p.busy < p.numbers.slots {
            p.busy += 1;
            j.start(now, p, &self.draws);
        } else if p.queue.len() < p.numbers.queue as usize {
            p.queue.push_back(job);
            j.phase = Phase::Queued;
        } else {
            self.refuse(now, job, FULL_STATUS, None);
        }
    }

    fn start_queued(&mut self, now: Instant, provider: u8) {
        let p = &mut self.providers[provider as usize];
        if let Some(job) = p.queue.pop_front() {
            p.busy += 1;
            self.jobs[job].start(now, p, &self.draws);
            self.plan(job);
        }
    }

    /// Answers with a status, which costs nothing.
    pub(super) fn refuse(&mut self, now: Instant, job: u32, status: u16, wait: Option<Duration>) {
        self.settle(now, job, None);
        let j = &mut self.jobs[job];
        j.end_seen = Some((now + j.back, End::Status(status, wait)));
    }

    /// Bills a job for what it produced, if it was being served, and lets go of it.
    pub(super) fn settle(&mut self, now: Instant, job: u32, served: Option<(Instant, Instant)>) {
        let j = &mut self.jobs[job];
        let p = &mut self.providers[j.provider as usize];
        if let Some((first, ends)) = served {
            let (input, output) = (u64::from(j.prompt), u64::from(j.produced(first, ends, now)));
            j.bill = Usage {
                input_tokens: input,
                output_tokens: output,
                pico_usd: input * p.numbers.input.pico_per_token
                    + output * p.numbers.output.pico_per_token,
            };
            if p.numbers.settles {
                p.tokens.put(u64::from(MAX_TOKENS) - output, now);
            }
        }
        j.phase = Phase::Returning;
        j.settled = true;
        self.unsettled -= u64::from(j.scopes & 1);
        self.file(job);
    }

    /// Adds up an attempt once it has ended and its bill has come.
    pub(super) fn file(&mut self, job: u32) {
        let j = &self.jobs[job];
        if let (Some(class), true) = (j.class, j.settled) {
            self.sums
                .on_filed(j.scopes, j.provider, class, j.bill, j.bad);
        }
    }

    /// The client closes the connection: the work goes on in its slot, for nobody.
    pub(super) fn abandon(&mut self, job: u32) {
        self.jobs[job].abandoned = true;
        self.plan(job);
    }

    /// Parks a job's one next event, or forgets the job.
    pub(super) fn plan(&mut self, job: u32) {
        let j = &mut self.jobs[job];
        let mut at = match j.phase {
            Phase::Outbound { arrives } => arrives,
            Phase::Serving { ends, .. } => ends,
            Phase::Queued | Phase::Returning => Instant::NEVER,
        };
        if !j.abandoned {
            let end = j.end_seen.map_or(Instant::NEVER, |(at, _)| at);
            at = at.min(j.first_seen).min(end);
        }
        if at == Instant::NEVER && j.settled {
            self.jobs.remove(job);
        } else if at != j.next {
            j.next = at;
            if at != Instant::NEVER {
                self.queue.push(at, SIGNAL, job << 2 | ABOUT_JOB);
            }
        }
    }
}
