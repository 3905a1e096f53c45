//! What a request may need of an endpoint beyond room for its tokens: answers in JSON, calls of tools.
//!
//! Not every model has them. Vendors write of `response_format` and `tools` parameters that a model
//! "does not support"; gateways call the choice of an endpoint that does *capability matching*.

use serde::{Deserialize, Serialize};

use super::ending::names;

names! {
    /// One thing that an endpoint can or cannot do.
    Capability {
        /// Answers in JSON: JSON mode, structured output.
        Json = "json",
        /// Calls of tools (functions).
        Tools = "tools",
    }
}

/// A set of them: those a request needs, or those an endpoint lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(u8);

impl Capabilities {
    /// None.
    pub const NONE: Capabilities = Capabilities(0);

    /// These.
    pub fn of(all: impl IntoIterator<Item = Capability>) -> Capabilities {
        let bits = all.into_iter().map(|capability| 1 << capability.index());
        Capabilities(bits.fold(0, |set: u8, bit: u8| set | bit))
    }

    /// Whether one is among them.
    pub fn has(self, capability: Capability) -> bool {
        self.0 >> capability.index() & 1 == 1
    }

    /// Whether two sets have any in common: a request that needs what an endpoint lacks.
    pub fn meets(self, other: Capabilities) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that are in it.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        let all = Capability::ALL.iter().copied();
        all.filter(move |capability| self.has(*capability))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_into_it_and_nothing_else() {
        use Capability::{Json, Tools};
        for all in [&[][..], &[Json], &[Tools], &[Json, Tools]] {
            let set = Capabilities::of(all.iter().copied());
            let back: Vec<Capability> = set.iter().collect();
            assert_eq!(back, all);
            assert_eq!(set.is_empty(), all.is_empty());
            let meets = |one| set.meets(Capabilities::of([one]));
            assert_eq!([meets(Json), meets(Tools)], [set.has(Json), set.has(Tools)]);
        }
    }
}
