//! Slots that follow the load: the looks of an autoscaler, and slots on their way.

use std::collections::VecDeque;

use crate::base::dist::Sampler;
use crate::base::{Draws, Duration, Instant, Purpose};
use crate::provider::capacity::autoscaled;

use super::state::{Output, World, sample};

/// One provider's autoscaler.
#[derive(Clone, Debug)]
pub(super) struct Scaling {
    config: autoscaled::Config,
    delay: Sampler,
    /// Slots on their way: when they come, in order, and how many.
    coming: VecDeque<(Instant, u32)>,
    /// When it looks next; never while it has nothing to do.
    look_at: Instant,
    /// Since when it has wanted fewer slots than there are, and the most that it wanted since.
    low: Option<(Instant, u32)>,
    /// Slots ordered so far, for the keys of their delays.
    orders: u64,
}

impl Scaling {
    pub(super) fn new(config: &autoscaled::Config) -> Scaling {
        Scaling {
            config: config.clone(),
            delay: config.delay.sampler(),
            coming: VecDeque::new(),
            look_at: Instant::NEVER,
            low: None,
            orders: 0,
        }
    }

    /// When it wants to be woken.
    pub(super) fn next(&self) -> Instant {
        let comes = self.coming.front().map_or(Instant::NEVER, |(at, _)| *at);
        self.look_at.min(comes)
    }

    /// There is something to look at: at the next multiple of its interval.
    pub(super) fn awake(&mut self, now: Instant) {
        if self.look_at == Instant::NEVER {
            let every = self.config.every.0;
            self.look_at = Instant((now.0 / every + 1) * every);
        }
    }

    /// How many slots there are from now on, of so many, at this load.
    fn on_wake(&mut self, now: Instant, slots: u32, load: u32, delay: impl Fn(u64) -> f64) -> u32 {
        let mut slots = slots;
        while let Some((_, more)) = self.coming.pop_front_if(|(at, _)| *at <= now) {
            slots += more;
        }
        if now < self.look_at {
            return slots;
        }
        let wanted = self.config.wanted(load);
        let ordered: u32 = self.coming.iter().map(|(_, more)| more).sum();
        if wanted > slots + ordered {
            let at = now + Duration::from_s_f64(delay(self.orders));
            self.orders += 1;
            let place = self.coming.partition_point(|(other, _)| *other <= at);
            self.coming.insert(place, (at, wanted - slots - ordered));
        }
        slots = self.fewer(now, slots, wanted);
        let idle = load == 0 && self.coming.is_empty() && slots == self.config.count;
        self.look_at = Instant::NEVER;
        if !idle {
            self.awake(now);
        }
        slots
    }

    /// Gives slots back that were not wanted for long enough.
    fn fewer(&mut self, now: Instant, slots: u32, wanted: u32) -> u32 {
        if wanted >= slots {
            self.low = None;
            return slots;
        }
        let (since, most) = self.low.unwrap_or((now, wanted));
        let most = most.max(wanted);
        if now.since(since) < self.config.down_after {
            self.low = Some((since, most));
            return slots;
        }
        self.low = None;
        most
    }
}

impl<N> World<N> {
    /// An autoscaler looks, or slots come that it ordered.
    pub(super) fn scale(&mut self, now: Instant, provider: usize, outputs: &mut Vec<Output>) {
        let p = &mut self.providers[provider];
        let (Some(scaling), Some(room)) = (&mut p.scaling, &mut p.room) else {
            return;
        };
        let (draws, sampler) = (&self.draws, scaling.delay.clone());
        let delay = |order| draw(draws, &sampler, provider, order);
        let load = p.busy.saturating_add(p.queued);
        room.slots = scaling.on_wake(now, room.slots, load, delay);
        self.start_queued(now, provider, outputs);
    }
}

fn draw(draws: &Draws, sampler: &Sampler, provider: usize, order: u64) -> f64 {
    sample(sampler, || {
        draws.unit(Purpose::ScaleOut, provider as u64, order)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::dist::Dist;
    use crate::base::units::Ratio;
    use crate::provider::capacity::room::WhenFull;

    fn scaling() -> Scaling {
        Scaling::new(&autoscaled::Config {
            count: 2,
            max: 20,
            target: Ratio(0.5),
            every: Duration::from_s(10),
            delay: Dist::Constant(Duration::from_s(25)),
            down_after: Duration::from_s(30),
            queue: None,
            full_status: 503,
            when_full: WhenFull::Refuse,
        })
    }

    /// Wakes it whenever it wants, at a load that is given by the second; (second, slots) as they change.
    fn flown(load: impl Fn(u64) -> u32, until_s: u64) -> Vec<(u64, u32)> {
        let mut scaling = scaling();
        let (mut slots, mut seen) = (2, vec![(0, 2)]);
        scaling.awake(Instant::ZERO);
        while scaling.next() <= Instant::ZERO + Duration::from_s(until_s) {
            let now = scaling.next();
            let second = now.0 / 1_000_000_000;
            let then = scaling.on_wake(now, slots, load(second), |_| 25.0);
            if then != slots {
                seen.push((second, then));
            }
            slots = then;
        }
        seen
    }

    #[test]
    fn slots_come_as_late_as_they_take_and_are_ordered_once() {
        // 5 in progress want 10 slots at 50 %: 8 more, ordered at 10 s, there at 35 s.
        assert_eq!(flown(|_| 5, 100), [(0, 2), (35, 10)]);
        assert_eq!(flown(|_| 500, 100), [(0, 2), (35, 20)], "at most `max`");
    }

    #[test]
    fn slots_are_given_back_once_fewer_were_wanted_all_the_time() {
        // Looks at 60, 70, 80 and 90 s want 4, 6, 2 and 2: after 30 s the most of them stays.
        let load = |s| match s {
            0..55 => 5,
            55..65 => 2,
            65..75 => 3,
            _ => 1,
        };
        let seen = flown(load, 135);
        assert_eq!(seen, [(0, 2), (35, 10), (90, 6), (130, 2)]);
    }

    #[test]
    fn who_has_nothing_to_do_sleeps() {
        let mut scaling = scaling();
        scaling.awake(Instant::ZERO);
        let at = scaling.next();
        assert_eq!(scaling.on_wake(at, 2, 0, |_| 1.0), 2);
        assert_eq!(scaling.next(), Instant::NEVER);
    }
}
