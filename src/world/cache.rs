//! A provider's cache of prompts in motion.
//!
//! It holds the conversations of the last `ttl`, and nothing for calls by themselves.

use std::collections::{BTreeMap, VecDeque};

use crate::base::Instant;
use crate::base::wire::Request;
use crate::provider::cache::Config;

/// Prompts by conversation.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    config: Config,
    /// By conversation: tokens, and until when they are kept.
    kept: BTreeMap<u32, (u32, Instant)>,
    /// When a conversation may have expired, in order: every use adds one.
    expiries: VecDeque<(Instant, u32)>,
}

impl Cache {
    pub(super) fn new(config: Config) -> Cache {
        Cache {
            config,
            kept: BTreeMap::new(),
            expiries: VecDeque::new(),
        }
    }

    /// Whether a prompt of this length is taken in.
    pub(super) fn takes(&self, prompt: u32) -> bool {
        prompt >= self.config.min_tokens
    }

    /// A prompt begins to be read: how much of it was there. From then on all of it is. `u` is the coin of a
    /// prompt that begins like others', thrown where it matters.
    pub(super) fn read(&mut self, now: Instant, request: &Request, u: impl FnOnce() -> f64) -> u32 {
        let found = self.find(now, request, u);
        self.keep(now, request);
        found
    }

    /// From now on all of a prompt is there.
    pub(super) fn keep(&mut self, now: Instant, request: &Request) {
        let (prompt, conversation) = (request.prompt_tokens, request.sender.conversation);
        if conversation > 0 && self.takes(prompt) {
            let until = now + self.config.ttl;
            self.kept.insert(conversation, (prompt, until));
            self.expiries.push_back((until, conversation));
        }
    }

    /// How much of a prompt is there.
    pub(super) fn find(&mut self, now: Instant, request: &Request, u: impl FnOnce() -> f64) -> u32 {
        self.expire(now);
        let (prompt, conversation) = (request.prompt_tokens, request.sender.conversation);
        if !self.takes(prompt) {
            return 0;
        }
        let kept = self.kept.get(&conversation).filter(|_| conversation > 0);
        let mut found = kept.map_or(0, |(kept, _)| *kept).min(prompt);
        let Config { hit, prefix, .. } = self.config;
        if hit.0 > 0.0 && (hit.0 >= 1.0 || u() < hit.0) {
            let shared = (f64::from(prompt) * prefix.0 + 0.5) as u32;
            found = found.max(shared.min(prompt));
        }
        if self.takes(found) { found } else { 0 }
    }

    /// Forgets what was not used for its time. The order of uses is the order of expiries, for all are kept alike.
    fn expire(&mut self, now: Instant) {
        while let Some((until, conversation)) =
            self.expiries.front().copied().filter(|(at, _)| *at <= now)
        {
            self.expiries.pop_front();
            if self
                .kept
                .get(&conversation)
                .is_some_and(|(_, latest)| *latest <= until)
            {
                self.kept.remove(&conversation);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::units::Ratio;
    use crate::base::wire::{Priority, Sender};
    use crate::base::{Capabilities, Duration};

    fn request(prompt_tokens: u32, conversation: u32) -> Request {
        Request {
            prompt_tokens,
            max_tokens: 1,
            stream: false,
            priority: Priority::Normal,
            sender: Sender {
                conversation,
                ..Sender::NOBODY
            },
            needs: Capabilities::NONE,
        }
    }

    #[test]
    fn the_next_turn_finds_the_turn_before_until_it_expires() {
        let mut cache = Cache::new(Config::default());
        let at = |s: u64| Instant::ZERO + Duration::from_s(s);
        let coin = || -> f64 { panic!("nothing is shared") };
        assert_eq!(cache.read(at(0), &request(2000, 1), coin), 0);
        assert_eq!(cache.read(at(10), &request(2500, 1), coin), 2000);
        assert_eq!(
            cache.read(at(20), &request(2500, 2), coin),
            0,
            "another conversation"
        );
        assert_eq!(
            cache.read(at(309), &request(3000, 1), coin),
            2500,
            "used at 10 s"
        );
        assert_eq!(
            cache.read(at(609), &request(3000, 1), coin),
            0,
            "five minutes are over"
        );
        assert_eq!(cache.read(at(610), &request(1000, 3), coin), 0);
        assert_eq!(
            cache.read(at(611), &request(1030, 3), coin),
            0,
            "1000 tokens were not kept"
        );
        assert_eq!(cache.kept.len(), 2, "what expired is gone");
    }

    #[test]
    fn a_shared_beginning_is_found_by_chance() {
        let mut cache = Cache::new(Config {
            hit: Ratio(0.4),
            prefix: Ratio(0.75),
            ..Config::default()
        });
        let mut read = |u: f64| cache.read(Instant::ZERO, &request(4000, 0), || u);
        assert_eq!((read(0.39), read(0.41)), (3000, 0));
        assert!(cache.kept.is_empty(), "a call by itself leaves nothing");
    }
}
