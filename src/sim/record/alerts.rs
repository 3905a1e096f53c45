//! What drift monitors said, and what weather they said it in.

use crate::base::{EndpointId, Instant};
use crate::record::alert::{Alert, Alerts, MOST_ALERTS, Met};

use super::super::frame::{FaultSpan, Frame};

/// Alerts of one run as they come.
#[derive(Debug)]
pub(super) struct AlertLog {
    list: Vec<(Instant, u16, EndpointId, u32)>,
    left_out: u64,
    false_alerts: u64,
    /// By fault: when it was met first.
    met: Vec<Option<Instant>>,
}

impl AlertLog {
    pub(super) fn new(frame: &Frame) -> AlertLog {
        AlertLog {
            list: Vec::new(),
            left_out: 0,
            false_alerts: 0,
            met: vec![None; frame.faults.len()],
        }
    }

    /// A monitor of a process raised an alarm about an endpoint.
    pub(super) fn on_alert(
        &mut self,
        now: Instant,
        (process, monitor, endpoint): (u32, u16, EndpointId),
        frame: &Frame,
    ) {
        if now < frame.warm_up || now >= frame.duration {
            return;
        }
        match self.list.len() < MOST_ALERTS {
            true => self.list.push((now, monitor, endpoint, process)),
            false => self.left_out += 1,
        }
        let mut in_fault = false;
        for (fault, met) in frame.faults.iter().zip(&mut self.met) {
            if (fault.from..fault.to).contains(&now) && fault.on.contains(&endpoint.0) {
                in_fault = true;
                met.get_or_insert(now);
            }
        }
        self.false_alerts += u64::from(!in_fault);
    }

    /// The data, with names for numbers.
    pub(super) fn close(self, frame: &Frame, endpoints: &[String], monitors: &[&str]) -> Alerts {
        if monitors.is_empty() {
            return Alerts::default();
        }
        let alert = |(at, monitor, endpoint, process): (Instant, u16, EndpointId, u32)| Alert {
            at_ns: at.0,
            monitor: monitors[usize::from(monitor)].to_owned(),
            endpoint: endpoints[usize::from(endpoint.0)].clone(),
            process,
        };
        let met = |(fault, met): (&FaultSpan, Option<Instant>)| {
            let from = fault.from.max(frame.warm_up);
            let lasted = fault.to.min(frame.duration).since(from);
            (!lasted.is_zero()).then(|| Met {
                after_ns: met.map(|met| met.since(from).0),
                lasted_ns: lasted.0,
            })
        };
        Alerts {
            list: self.list.into_iter().map(alert).collect(),
            left_out: self.left_out,
            false_alerts: self.false_alerts,
            faults: frame.faults.iter().zip(self.met).map(met).collect(),
        }
    }
}
