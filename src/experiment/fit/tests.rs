//! Logs in, scenarios out.

use super::log::{Format, Log, Outcome};

#[test]
fn a_log_in_json_says_the_same_as_one_in_csv() {
    let csv = "timestamp,model,status,error,input_tokens,output_tokens,ttft_ms,duration_ms\n\
               2026-05-01T12:00:00Z,m,200,,100,20,500,900\n\
               2026-05-01T12:00:01.5Z,m,429,RateLimitError,100,,,\n";
    let json = "{\"start_time\":\"2026-05-01T12:00:00Z\",\"attributes\":{\"gen_ai.request.model\":\"m\",\
                \"http.response.status_code\":200,\"gen_ai.usage.input_tokens\":100,\
                \"gen_ai.usage.output_tokens\":20,\"gen_ai.server.time_to_first_token\":0.5,\
                \"gen_ai.client.operation.duration\":0.9}}\n\
                {\"start_time\":1777636801.5,\"attributes\":{\"gen_ai.request.model\":\"m\",\
                \"error.type\":\"429\",\"gen_ai.usage.input_tokens\":100}}\n";
    let (a, b) = (
        Log::parse(csv, Format::Csv).unwrap(),
        Log::parse(json, Format::Jsonl).unwrap(),
    );
    assert_eq!(a, b);
    assert_eq!(a.attempts[1].outcome, Outcome::Failed(429));
    assert_eq!(a.attempts[1].at_s, 1.5);
}

#[test]
fn every_cell_that_cannot_be_used_is_told_with_its_place_up_to_a_bound() {
    let text = "t_ms,status,in_tokens,out_tokens,ttft_ms,duration_ms\n\
                0,200,5,5,1,2\n5,301,x,5,9,2\n7,200,5\n-1,,5,5,1,2\n";
    let errors = Log::parse(text, Format::Csv).unwrap_err();
    let told: Vec<(usize, &str, &str)> = errors
        .first
        .iter()
        .map(|e| (e.line, &e.text[e.at.clone()], e.label.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (3, "301", "`301` is no HTTP status (`status`)"),
            (3, "x", "`x` is no whole number (`in_tokens`)"),
            (
                3,
                "2",
                "it ended before it began, or before its first token"
            ),
            (4, "7,200,5", "3 cells where the header has 6"),
            (5, "-1", "`-1` is no point in time (`t_ms`)"),
        ]
    );
    let many = format!("t_ms\n{}", "x\n".repeat(50));
    let errors = Log::parse(&many, Format::Csv).unwrap_err();
    assert_eq!(
        (errors.first.len(), errors.more),
        (super::log::MAX_ERRORS, 30)
    );
    for (nothing, format) in [
        ("", Format::Csv),
        ("a,b\n1,2\n", Format::Csv),
        ("[]\n", Format::Jsonl),
    ] {
        assert!(Log::parse(nothing, format).is_err(), "{nothing:?}");
    }
    let some = "t_ms,in_tokens\n5,1\n,2\n";
    let wrong = Log::parse(some, Format::Csv).unwrap_err();
    assert_eq!((wrong.first[0].line, wrong.first.len()), (3, 1));
}

#[test]
fn names_are_of_what_differs() {
    let header = "provider,model,in_tokens\n";
    let name = |rows: &str| -> Vec<String> {
        let log = Log::parse(&format!("{header}{rows}"), Format::Csv).unwrap();
        super::names(&log.endpoints)
    };
    assert_eq!(name("Open AI,gpt-4o,1\n"), ["open-ai"]);
    assert_eq!(name("openai,GPT 4o,1\nopenai,mini,1\n"), ["gpt-4o", "mini"]);
    assert_eq!(name(",,1\n"), ["logged"]);
    assert_eq!(name("a,x,1\nA,x,1\n"), ["a", "a-2"]);
}

#[test]
fn tokens_with_prices_of_their_own_become_settings() {
    let text = "t_ms,in_tokens,cached_tokens,out_tokens,reasoning_tokens\n\
                0,1000,800,100,50\n1000,1000,0,100,100\n2500,2000,1000,100,0\n";
    let fit = super::fit(&Log::parse(text, Format::Csv).unwrap());
    let cached = fit.providers[0].cached.unwrap();
    // Two of three calls, 1800 of their 3000 tokens, of all 4000.
    assert!((cached.calls - 2.0 / 3.0).abs() < 1e-12);
    assert!((cached.of_theirs - 0.6).abs() < 1e-12 && (cached.of_all - 0.45).abs() < 1e-12);
    let text = super::toml::scenario(&fit, "x", super::toml::Traffic::Fitted(None));
    assert!(
        text.contains("cache = { hit = 0.6667, prefix = 0.6, min-tokens = 0 }"),
        "{text}"
    );
    assert!(text.contains("reasoning = 0.5\n"), "{text}");
    let scenario = &crate::scenario::check_str("x.toml", &text).unwrap()[0];
    assert_eq!(scenario.providers[0].1.cache.unwrap().min_tokens, 0);
}
