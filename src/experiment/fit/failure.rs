//! What went wrong, from the words of a log: the exception of an SDK, the code of a provider, `error.type`.

/// The HTTP status that stands for these words; None: nothing went wrong.
///
/// The order matters: `RateLimitError: … overloaded` is a rate limit, `APITimeoutError` is no server's.
pub(super) fn of_words(text: &str) -> Option<u16> {
    let text = text.trim().to_ascii_lowercase();
    // −100 is what a well-known benchmark writes for an answer shorter than asked, which is an answer.
    if ["", "0", "false", "none", "null", "ok", "-100"].contains(&text.as_str()) {
        return None;
    }
    if let Some(status) = text.parse::<u16>().ok().filter(|s| (400..=599).contains(s)) {
        return Some(status);
    }
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let number = |status: &str| numbers.clone().any(|n| n == status);
    Some(match () {
        () if has(&[
            "ratelimit",
            "rate_limit",
            "rate limit",
            "throttl",
            "quota",
            "too many",
        ]) || number("429") =>
        {
            429
        }
        () if has(&["overload"]) || number("529") => 529,
        () if has(&["timeout", "timed out", "timedout", "deadline"]) => 504,
        // `RESOURCE_EXHAUSTED` of gRPC; retries may be exhausted for any reason.
        () if has(&["exhausted"]) && !has(&["retries", "attempts"]) => 429,
        () if has(&[
            "connect",
            "network",
            "reset",
            "refused",
            "dns",
            "unavailable",
            "protocol",
        ]) =>
        {
            503
        }
        () if has(&["auth", "permission", "forbidden"]) => 401,
        () if has(&[
            "invalid",
            "bad request",
            "badrequest",
            "context_length",
            "not found",
        ]) =>
        {
            400
        }
        () => 500,
    })
}

#[cfg(test)]
mod tests {
    use super::of_words;

    #[test]
    fn words_of_errors_become_the_status_they_stand_for() {
        for (words, status) in [
            ("", None),
            ("0", None),
            ("429", Some(429)),
            ("RateLimitError", Some(429)),
            ("overloaded_error", Some(529)),
            ("APITimeoutError", Some(504)),
            ("httpx.ConnectError", Some(503)),
            ("invalid_request_error", Some(400)),
            ("1", Some(500)),
            ("RESOURCE_EXHAUSTED", Some(429)),
            ("HTTP 429: slow down", Some(429)),
            ("retries exhausted: timed out", Some(504)),
            ("request 14290 failed", Some(500)),
        ] {
            assert_eq!(of_words(words), status, "{words}");
        }
    }
}
