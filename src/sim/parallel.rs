//! Many independent pieces of work on a few threads, results in order.
//!
//! Which thread does what never matters: every piece is a pure function of its number.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::base::Stop;

/// Does `work(0) … work(n − 1)` on `threads` threads and returns the results in that order; None if
/// stop was said before all were begun, or a piece saw it and gave up with None. `done` is told after
/// each piece that was done, from any thread.
///
/// # Panics
/// With the panic of a piece, if one panics; pieces that nobody has begun are left undone.
pub fn map<T: Send>(
    n: usize,
    threads: usize,
    stop: &Stop,
    work: impl Fn(usize) -> Option<T> + Sync,
    done: impl Fn() + Sync,
) -> Option<Vec<T>> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<T>>> = (0..n).map(|_| Mutex::new(None)).collect();
    let panicked: Mutex<Option<Box<dyn Any + Send>>> = Mutex::new(None);
    let worker = || {
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= n || stop.is_said() {
                return;
            }
            // A scope would say only that a thread panicked, and only after all the other work.
            let result = match catch_unwind(AssertUnwindSafe(|| work(i))) {
                Ok(Some(result)) => result,
                Ok(None) => return,
                Err(cause) => {
                    next.store(n, Ordering::Relaxed);
                    if let Ok(mut first) = panicked.lock() {
                        first.get_or_insert(cause);
                    }
                    return;
                }
            };
            if let Ok(mut place) = results[i].lock() {
                *place = Some(result);
            }
            done();
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.clamp(1, n.max(1)) {
            scope.spawn(worker);
        }
        worker();
    });
    if let Ok(Some(cause)) = panicked.into_inner() {
        resume_unwind(cause);
    }
    results
        .into_iter()
        .map(|place| place.into_inner().ok().flatten())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_threads_do() {
        let stop = Stop::default();
        let squares = |threads| map(1000, threads, &stop, |i| Some(i * i), || ());
        assert_eq!(squares(1), squares(3));
        assert_eq!(squares(3).unwrap()[999], 998_001);
    }

    #[test]
    fn a_panic_comes_out_with_its_cause_and_ends_the_work() {
        let stop = Stop::default();
        for threads in [1, 3] {
            let done = AtomicUsize::new(0);
            let work = |i: usize| {
                assert_ne!(i, 7, "a test of what a panic does");
                Some(i)
            };
            let count = || {
                done.fetch_add(1, Ordering::Relaxed);
            };
            let all = AssertUnwindSafe(|| map(1_000_000, threads, &stop, work, count));
            let cause = catch_unwind(all).unwrap_err();
            let text = cause.downcast_ref::<String>().unwrap();
            assert!(text.contains("what a panic does"), "{text}");
            assert!(done.load(Ordering::Relaxed) < 1_000_000 - 1);
        }
    }

    #[test]
    fn a_stop_leaves_nothing() {
        let stop = Stop::default();
        let work = |i| {
            if i == 5 {
                stop.say();
            }
            Some(i)
        };
        assert_eq!(map(100, 2, &stop, work, || ()), None);
    }

    #[test]
    fn a_piece_that_gives_up_is_not_done() {
        let stop = Stop::default();
        let done = AtomicUsize::new(0);
        let count = || {
            done.fetch_add(1, Ordering::Relaxed);
        };
        let work = |i| {
            if i == 5 {
                stop.say();
            }
            stop.check()
        };
        assert_eq!(map(100, 1, &stop, work, count), None);
        assert_eq!(done.load(Ordering::Relaxed), 5);
    }
}
