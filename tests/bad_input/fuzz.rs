//! No input makes it panic: cut, flipped, swapped and absurd files. Seeds are printed.

use std::path::Path;

use squall::scenario::files::Memory;
use squall::scenario::{DEFAULT, Overrides, Style, load_from};

use super::{GOOD, load};

/// A small generator of its own: the fuzzing must not depend on the crate under test.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }
}

/// What means something in TOML.
const SIGNS: &[u8] = b"{}[]\"'=.#,\n 0-";

fn survive(bytes: &[u8]) {
    let trace = b"t_ms,in_tokens,out_tokens\n1,2,3\n";
    let files = Memory::default()
        .with("s.toml", bytes)
        .with("traces/azure2023_conv.csv", *trace);
    let loaded = load_from(&files, Path::new("s.toml"), Overrides::default());
    for unicode in [true, false] {
        let style = Style {
            color: unicode,
            unicode,
        };
        assert!(!loaded.diagnostics.render(style).is_empty());
    }
    for scenario in &loaded.scenarios {
        assert!(!squall::scenario::explain(scenario).is_empty());
    }
}

#[test]
fn no_truncated_file_makes_it_panic() {
    for text in [GOOD, DEFAULT] {
        // Every byte of the short file; of the manual every seventh, for it is long.
        let step = if text.len() > 5000 { 7 } else { 1 };
        for end in (0..text.len()).step_by(step) {
            survive(&text.as_bytes()[..end]);
        }
    }
}

#[test]
fn no_flipped_byte_makes_it_panic() {
    for seed in 0..1500u64 {
        let mut random = Lcg(seed);
        let text = if seed % 4 == 0 { DEFAULT } else { GOOD };
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = random.below(256) as u8,
                1 => bytes[at] = SIGNS[random.below(SIGNS.len())],
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, bytes[at]),
            }
        }
        let outcome = std::panic::catch_unwind(|| survive(&bytes));
        assert!(
            outcome.is_ok(),
            "seed {seed}:\n{}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[test]
fn no_swapped_lines_make_it_panic() {
    for seed in 0..500u64 {
        let mut random = Lcg(seed);
        let mut lines: Vec<&str> = GOOD.lines().chain(DEFAULT.lines()).collect();
        for _ in 0..20 {
            let (a, b) = (random.below(lines.len()), random.below(lines.len()));
            lines.swap(a, b);
        }
        let from = random.below(lines.len());
        let text = lines[from..(from + 60).min(lines.len())]
            .join("\n")
            .replace("\n#r", "\nr");
        let outcome = std::panic::catch_unwind(|| survive(text.as_bytes()));
        assert!(outcome.is_ok(), "seed {seed}:\n{text}");
    }
}

#[test]
fn odd_files_do_not_make_it_panic() {
    let deep = format!("a = {}1{}", "[".repeat(5000), "]".repeat(5000));
    let dotted = format!("{} = 1", vec!["a"; 5000].join("."));
    let tables = "[policy.x.retry.backoff.y]\n".repeat(50);
    let wide = (0..5000)
        .map(|i| format!("k{i} = {i}\n"))
        .collect::<String>();
    let chain = (0..20_000)
        .map(|i| format!("[policy.p{i}]\nextends = \"p{}\"\n", i + 1))
        .collect::<String>();
    let crlf = GOOD.replace('\n', "\r\n");
    let control = "[policy.\"a\\u0000b\"]\n[policy.\"\u{202e}é漢\"]\nretry = 1\n\tx = \"\t\"\n";
    for text in [
        &deep,
        &dotted,
        tables.as_str(),
        &wide,
        &chain,
        &crlf,
        control,
        "= 1",
        "\u{feff}[run]",
        "a",
    ] {
        survive(text.as_bytes());
    }
    assert_eq!(load(&crlf).scenarios.len(), 1);
}
