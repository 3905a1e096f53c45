//! Time a thread spent on a processor.

use std::fs;
use std::time::Duration;

/// CPU time of this thread so far. A neighbour on the machine takes wall time from us, and cache,
/// but not this. The kernel brings it up to date with every tick, so what is measured must last
/// tens of ticks.
pub(crate) fn thread_cpu() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ns = text.split(' ').next().and_then(|n| n.parse().ok());
    Duration::from_nanos(ns.expect("the benches run on Linux with schedstat"))
}
