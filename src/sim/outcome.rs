//! What a run leaves behind.

use crate::record::Replication;

/// What a run leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The data.
    pub replication: Replication,
    /// For tests of identities.
    pub audit: Audit,
}

/// Two sides of identities that must hold exactly in every run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// ∫ N dt: calls in the system, integrated over the run, ns.
    pub calls_integral_ns: u128,
    /// Σ over calls of the time they were in the system, ns.
    pub calls_time_ns: u128,
    /// Attempts sent.
    pub attempts: u64,
    /// Attempts that ended.
    pub attempts_ended: u64,
    /// Attempts in flight when the run was cut.
    pub attempts_open: u64,
    /// Requests sent to judges.
    pub judgements: u64,
    /// Those whose end, or the run's, and whose bill has come.
    pub judgements_filed: u64,
    /// Bills that came, in pico-dollars.
    pub billed_pico_usd: u128,
    /// What the clients counted, in pico-dollars.
    pub clients_pico_usd: u128,
    /// Places for calls: the most that were ever open at once.
    pub places: u64,
}
