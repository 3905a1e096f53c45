//! Drift monitors that see nothing, or whose alarm does nothing.

use crate::base::Check;
use crate::policy::Config;
use crate::policy::monitor::watch::{Signal, Then};

/// Warns about monitors of a policy that asks so many endpoints; None: nobody knows how many.
pub(super) fn check(config: &Config, endpoints: Option<usize>, check: &mut Check) {
    for (name, watch) in &config.monitor {
        if watch.then == Then::FailOver && endpoints == Some(1) {
            check
                .warning(
                    &format!("monitor.{name}.then"),
                    "this alarm changes nothing",
                    "there is no other endpoint",
                )
                .help("name a second endpoint in `route`, or use then = \"alert\"");
        }
        if matches!(watch.watch, Signal::Schema | Signal::Judge) {
            check
                .warning(
                    &format!("monitor.{name}.watch"),
                    "this monitor sees nothing",
                    "nobody gives these verdicts in a simulation",
                )
                .help("whoever embeds the engine tells them through `Client::observe`");
        }
    }
}
