//! The queue against the oracle, over a few million operations, and the properties it promises.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use super::oracle::HeapQueue;
use super::*;

/// Both queues, told the same.
struct Pair {
    queue: Queue,
    oracle: HeapQueue,
    pushed: u32,
    what: String,
}

impl Pair {
    fn new(what: &str, seed: u64) -> Pair {
        let what = format!("{what}, seed {seed}");
        println!("{what}");
        Pair {
            queue: Queue::new(),
            oracle: HeapQueue::new(),
            pushed: 0,
            what,
        }
    }

    /// Pushes under a fresh slot, so that any difference in order shows.
    fn push(&mut self, after: u64, rank: u8) {
        let at = Instant(self.oracle.now().0.saturating_add(after));
        self.queue.push(at, rank, self.pushed);
        self.oracle.push(at, rank, self.pushed);
        self.pushed += 1;
    }

    fn pop(&mut self) {
        let (due, expected) = (self.oracle.peek_time(), self.oracle.pop());
        // Every other time, so that popping without a look before it is tested too.
        if self.pushed.is_multiple_of(2) {
            assert_eq!(self.queue.peek_time(), due, "{}: peek", self.what);
        }
        let popped = self.queue.pop();
        assert_eq!(
            popped, expected,
            "{} after {} pushes",
            self.what, self.pushed
        );
        assert_eq!(self.queue.now(), self.oracle.now(), "{}", self.what);
        assert_eq!(self.queue.len(), self.oracle.len(), "{}", self.what);
    }

    fn drain(&mut self) {
        while !self.oracle.is_empty() {
            self.pop();
        }
        assert!(self.queue.is_empty(), "{}", self.what);
        assert_eq!(self.queue.pop(), None, "{}", self.what);
        assert_eq!(self.queue.peek_time(), None, "{}", self.what);
    }
}

type Delays = fn(&mut Xoshiro256PlusPlus) -> u64;

/// Delays of very different shapes; each is tried with few and with many events pending.
const MIXES: [(&str, Delays); 8] = [
    ("uniform within a second", |r| r.next_u64() % 1_000_000_000),
    ("every magnitude", |r| r.next_u64() >> (r.next_u32() % 64)),
    ("ties everywhere", |r| r.next_u64() % 4),
    ("now or a round instant", |r| (r.next_u64() % 3) * 1_000_000),
    ("near, with 600 s timers", |r| match r.next_u32() % 10 {
        0 => 600_000_000_000,
        1 => 600_000_000_000 + r.next_u64() % 1000,
        _ => r.next_u64() % 100_000,
    }),
    ("mostly at once", |r| match r.next_u32() % 8 {
        0 => r.next_u64() % 1_000_000,
        _ => 0,
    }),
    ("mixed horizons", |r| match r.next_u32() % 3 {
        0 => r.next_u64() % 1_000,
        1 => 1_000_000 + r.next_u64() % 1_000_000,
        _ => 60_000_000_000 + r.next_u64() % 1_000_000_000,
    }),
    ("just beyond one another", |r| 1 + r.next_u64() % 130),
];

fn rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

fn rank(rng: &mut Xoshiro256PlusPlus) -> u8 {
    (rng.next_u32() % u32::from(RANKS)) as u8
}

#[test]
fn holding_any_mix_pops_as_the_heap_does() {
    for (seed, (name, delay)) in (1..).zip(MIXES) {
        for pending in [1, 20, 3000] {
            let mut rng = rng(seed);
            let mut pair = Pair::new(&format!("{name}, {pending} pending"), seed);
            for _ in 0..pending {
                pair.push(delay(&mut rng), rank(&mut rng));
            }
            for _ in 0..50_000 {
                pair.pop();
                pair.push(delay(&mut rng), rank(&mut rng));
            }
            pair.drain();
        }
    }
}

#[test]
fn growing_and_draining_pops_as_the_heap_does() {
    for (seed, (name, delay)) in (101..).zip(MIXES) {
        let mut rng = rng(seed);
        let mut pair = Pair::new(&format!("{name}, up and down"), seed);
        for _ in 0..300 {
            let pushes = rng.next_u32() % 300;
            for _ in 0..pushes {
                pair.push(delay(&mut rng), rank(&mut rng));
            }
            for _ in 0..rng.next_u32() % 320 {
                pair.pop();
            }
            if rng.next_u32().is_multiple_of(10) {
                pair.drain();
            }
        }
        pair.drain();
    }
}

#[test]
fn bursts_at_one_instant_pop_as_the_heap_does() {
    let seed = 7;
    let mut rng = rng(seed);
    let mut pair = Pair::new("bursts", seed);
    for _ in 0..400 {
        let gap = rng.next_u64() >> (20 + rng.next_u32() % 44);
        for _ in 0..rng.next_u32() % 1000 {
            pair.push(gap, rank(&mut rng));
            if rng.next_u32().is_multiple_of(16) {
                pair.push(gap.saturating_add(rng.next_u64() % 3), 0);
            }
        }
        for _ in 0..rng.next_u32() % 1000 {
            pair.pop();
            if rng.next_u32().is_multiple_of(4) {
                pair.push(0, rank(&mut rng));
            }
        }
    }
    pair.drain();
}

#[test]
fn a_lower_rank_pushed_during_its_instant_overtakes_the_rest_of_it() {
    let mut queue = Queue::new();
    for slot in 0..40 {
        queue.push(Instant(5), 2, slot);
    }
    assert_eq!(queue.pop(), Some((Instant(5), 0)));
    queue.push(Instant(5), 1, 100);
    queue.push(Instant(5), 2, 101);
    queue.push(Instant(5), 0, 102);
    let order: Vec<_> = std::iter::from_fn(|| queue.pop())
        .map(|(_, slot)| slot)
        .collect();
    let expected: Vec<_> = [102, 100].into_iter().chain(1..40).chain([101]).collect();
    assert_eq!(order, expected);
}

#[test]
fn the_end_of_time_is_an_instant_like_any_other() {
    let mut queue = Queue::new();
    queue.push(Instant::NEVER, 1, 1);
    queue.push(Instant::NEVER, 0, 2);
    assert_eq!(queue.pop(), Some((Instant::NEVER, 2)));
    queue.push(Instant::NEVER, 0, 3);
    assert_eq!(queue.pop(), Some((Instant::NEVER, 3)));
    assert_eq!(queue.pop(), Some((Instant::NEVER, 1)));
    assert_eq!(queue.pop(), None);
}

#[test]
fn a_drained_burst_gives_its_memory_back() {
    let bytes = |queue: &Queue| queue.ladder.bytes() + queue.lanes.bytes();
    let mut queue = Queue::new();
    let mut rng = rng(3);
    for slot in 0..500_000 {
        queue.push(Instant(rng.next_u64() % 10_000_000_000), 0, slot);
        queue.push(Instant(3_000_000_000), 1, slot);
    }
    assert!(
        bytes(&queue) >= 16_000_000,
        "{} bytes are held",
        bytes(&queue)
    );
    while queue.pop().is_some() {}
    assert!(
        bytes(&queue) < 1_000_000,
        "{} bytes stay behind",
        bytes(&queue)
    );
}

#[test]
fn an_entry_is_sixteen_bytes() {
    assert_eq!(size_of::<Entry>(), 16);
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "is before now")]
fn an_event_in_the_past_is_caught() {
    let mut queue = Queue::new();
    queue.push(Instant(10), 0, 0);
    queue.pop();
    queue.push(Instant(9), 0, 0);
}
