//! Users and conversations: on whose behalf calls are made.
//!
//! A call's user is drawn from its own key by a law of ranks (Zipf): the k-th user makes a share of
//! k^−skew / Σ i^−skew of all calls. The calls of a user, or of everybody if there are no users, form
//! conversations of so many turns, one after the other; the gaps between turns are those of the
//! arrivals, and prompts do not grow with them.

use std::sync::Arc;

use serde::Deserialize;

use super::conversations::Conversations;
use crate::base::wire::Sender;
use crate::base::{Check, Draws, Purpose};

/// `workload.users`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Users {
    /// How many there are, 1 to 1 000 000.
    pub count: u32,
    /// The exponent of their law: 0: all alike; 1: the k-th makes 1/k of the calls of the first; 0 to 5.
    #[serde(default)]
    pub skew: f64,
}

impl Users {
    /// Notes what makes no sense.
    pub fn check(&self, check: &mut Check) {
        if !(1..=1_000_000).contains(&self.count) {
            check.mistake("count", "an absurd number of users", "not 1 to 1 000 000");
        }
        if !(0.0..=5.0).contains(&self.skew) {
            check.mistake("skew", "an absurd law", "not between 0 and 5");
        }
    }

    /// Who makes a call, by the shares of the first k users together.
    fn shares(self) -> Vec<f64> {
        let weights = (1..=self.count).map(|k| libm::pow(f64::from(k), -self.skew));
        let mut sum = 0.0;
        let sums = weights.map(|weight| {
            sum += weight;
            sum
        });
        let sums: Vec<f64> = sums.collect();
        sums.iter().map(|so_far| so_far / sum).collect()
    }
}

/// What all runs share.
#[derive(Clone, Debug)]
pub struct Plan {
    /// By user, if there are any.
    shares: Arc<[f64]>,
    turns: Option<u16>,
}

impl Plan {
    /// Makes the laws ready.
    pub fn new(users: Option<Users>, conversations: Option<&Conversations>) -> Plan {
        Plan {
            shares: users.map(Users::shares).unwrap_or_default().into(),
            turns: conversations.map(|c| c.turns),
        }
    }

    /// Whose call it is; nobody's, if there are no users.
    pub fn user(&self, draws: &Draws, entity: u64) -> u32 {
        if self.shares.is_empty() {
            return 0;
        }
        let u = draws.unit(Purpose::User, entity, 0);
        let below = self.shares.partition_point(|share| *share < u);
        (below.min(self.shares.len() - 1) + 1) as u32
    }
}

/// The conversations of one run: by user, the newest and how many turns it has had.
#[derive(Clone, Debug, Default)]
pub struct Senders {
    newest: Vec<(u32, u16)>,
    conversations: u32,
}

impl Senders {
    /// Before the first call.
    pub fn new(plan: &Plan) -> Senders {
        Senders {
            newest: match plan.turns {
                Some(_) => vec![(0, 0); plan.shares.len() + 1],
                None => Vec::new(),
            },
            conversations: 0,
        }
    }

    /// On whose behalf the next call is made.
    pub fn next(&mut self, plan: &Plan, draws: &Draws, entity: u64) -> Sender {
        let user = plan.user(draws, entity);
        let Some(turns) = plan.turns else {
            return Sender {
                user,
                ..Sender::default()
            };
        };
        let (conversation, had) = &mut self.newest[user as usize];
        if *conversation == 0 || *had == turns {
            self.conversations = self.conversations.saturating_add(1);
            (*conversation, *had) = (self.conversations, 0);
        }
        let turn = *had;
        *had += 1;
        Sender {
            user,
            conversation: *conversation,
            turn,
            // Prompts are as they come.
            repeats: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::CallId;
    use crate::base::draw::{Root, Stage};

    fn senders(users: Option<Users>, turns: Option<u16>, n: u64) -> Vec<Sender> {
        let conversations = turns.map(Conversations::of_turns);
        let plan = Plan::new(users, conversations.as_ref());
        let draws = Draws::new(Root::new(3, Stage::Run, 0));
        let mut senders = Senders::new(&plan);
        (0..n)
            .map(|n| senders.next(&plan, &draws, CallId::new(0, n).word()))
            .collect()
    }

    #[test]
    fn the_kth_user_makes_calls_in_proportion_to_a_power_of_k() {
        let (n, count, skew) = (200_000, 50, 1.2);
        let all = senders(Some(Users { count, skew }), None, n);
        let norm: f64 = (1..=count).map(|k| libm::pow(f64::from(k), -skew)).sum();
        for k in [1, 2, 7, 50] {
            let p = libm::pow(f64::from(k), -skew) / norm;
            let made = all.iter().filter(|s| s.user == k).count() as f64;
            let sd = (n as f64 * p * (1.0 - p)).sqrt();
            assert!(
                (made - n as f64 * p).abs() < 4.0 * sd,
                "seed 3: user {k} made {made}"
            );
        }
        assert!(
            all.iter()
                .all(|s| (1..=count).contains(&s.user) && s.conversation == 0)
        );
    }

    #[test]
    fn the_calls_of_each_user_are_conversations_of_so_many_turns() {
        let all = senders(
            Some(Users {
                count: 20,
                skew: 0.5,
            }),
            Some(6),
            5000,
        );
        for user in 1..=20 {
            let own: Vec<&Sender> = all.iter().filter(|s| s.user == user).collect();
            for (n, sender) in own.iter().enumerate() {
                assert_eq!(usize::from(sender.turn), n % 6);
                let same = n % 6 != 0;
                assert!(n == 0 || (own[n - 1].conversation == sender.conversation) == same);
            }
        }
        let mut begun: Vec<u32> = all
            .iter()
            .filter(|s| s.turn == 0)
            .map(|s| s.conversation)
            .collect();
        assert!(begun.is_sorted(), "the later the higher");
        begun.dedup();
        assert_eq!(
            begun.len(),
            all.iter().filter(|s| s.turn == 0).count(),
            "none twice"
        );
    }

    #[test]
    fn without_users_everybody_is_in_one_conversation_at_a_time() {
        let all = senders(None, Some(3), 7);
        let told: Vec<(u32, u32, u16)> = all
            .iter()
            .map(|s| (s.user, s.conversation, s.turn))
            .collect();
        assert_eq!(told[..4], [(0, 1, 0), (0, 1, 1), (0, 1, 2), (0, 2, 0)]);
    }
}
