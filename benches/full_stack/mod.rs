//! One model, run by the simulator and by a loop written by hand.

pub(crate) mod by_hand;
pub(crate) mod model;
pub(crate) mod totals;
