//! What is assumed of a model by its name: how fast it is, what it costs, how much it may be asked.
//!
//! Prices are those of LiteLLM's own map of November 2026, in dollars per million tokens of prompt and answer. How
//! fast is one of Squall's three profiles by size. Limits are published ones, of the tier that the preset names.

/// What is assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Assumed {
    /// `latency.profile`.
    pub(super) profile: &'static str,
    /// Of a prompt token and of an answer token.
    pub(super) prices: Option<(&'static str, &'static str)>,
    /// `preset` of the provider.
    pub(super) limits: Option<&'static str>,
}

const fn row(
    part: &'static str,
    profile: &'static str,
    prices: Option<(&'static str, &'static str)>,
    limits: Option<(&'static str, &'static str)>,
) -> Row {
    Row {
        part,
        profile,
        prices,
        limits,
    }
}

/// A part of a model's name and what it says.
struct Row {
    part: &'static str,
    profile: &'static str,
    prices: Option<(&'static str, &'static str)>,
    /// The vendor whose limits they are, and their preset.
    limits: Option<(&'static str, &'static str)>,
}

const LARGE: &str = "frontier-large";
const MID: &str = "frontier-mid";
const SMALL: &str = "small-fast";

/// The first that is part of the name counts.
const ROWS: [Row; 19] = [
    row(
        "gpt-4o-mini",
        SMALL,
        Some(("0.15", "0.6")),
        Some(("openai", "openai-gpt-4o-mini-tier1")),
    ),
    row(
        "gpt-4o",
        MID,
        Some(("2.5", "10")),
        Some(("openai", "openai-gpt-4o-tier3")),
    ),
    row("gpt-5-mini", SMALL, Some(("0.25", "2")), None),
    row("gpt-5.4", LARGE, Some(("2.5", "15")), None),
    row("gpt-5.5", LARGE, Some(("5", "30")), None),
    row("gpt-5.6", LARGE, Some(("4", "20")), None),
    row(
        "opus",
        LARGE,
        Some(("5", "25")),
        Some(("anthropic", "anthropic-opus-tier4")),
    ),
    row(
        "sonnet-5",
        MID,
        Some(("2", "10")),
        Some(("anthropic", "anthropic-sonnet-tier4")),
    ),
    row(
        "sonnet",
        MID,
        Some(("3", "15")),
        Some(("anthropic", "anthropic-sonnet-tier4")),
    ),
    row("haiku", SMALL, Some(("1", "5")), None),
    row(
        "gemini-2.5-flash",
        SMALL,
        Some(("0.3", "2.5")),
        Some(("gemini", "gemini-2.5-flash-tier1")),
    ),
    row(
        "gemini-2.5-pro",
        MID,
        None,
        Some(("gemini", "gemini-2.5-pro-tier1")),
    ),
    row("gemini-3.5-flash", SMALL, Some(("1.5", "9")), None),
    row("deepseek", MID, Some(("0.28", "0.42")), None),
    row("mistral-large", MID, Some(("0.5", "1.5")), None),
    row("mini", SMALL, None, None),
    row("small", SMALL, None, None),
    row("flash", SMALL, None, None),
    row("nano", SMALL, None, None),
];

/// What is assumed of `vendor/model`.
pub(super) fn assumed(vendor: Option<&str>, model: &str) -> Assumed {
    let model = model.to_ascii_lowercase();
    let row = ROWS.iter().find(|row| model.contains(row.part));
    let own = row.and_then(|row| row.limits);
    let limits = match vendor {
        Some("azure" | "azure_ai") => Some("azure-openai"),
        Some("bedrock") => Some("bedrock-claude"),
        // A model without a vendor is OpenAI's or Anthropic's by its name, as LiteLLM takes it.
        vendor => own
            .filter(|(whose, _)| vendor.is_none_or(|vendor| vendor == *whose))
            .map(|(_, preset)| preset),
    };
    Assumed {
        profile: row.map_or(MID, |row| row.profile),
        prices: row.and_then(|row| row.prices),
        limits,
    }
}
