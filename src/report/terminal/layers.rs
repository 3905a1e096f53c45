//! Chains of services: attempts per call, layer by layer, and which layer to switch off.

use super::text::{Page, Paint, Span};
use crate::record::Results;
use crate::report::layers::{chains, found, product};

/// Names no longer than this.
const LONGEST_NAME: usize = 32;
/// Of many chains the first of this many are told.
const MOST_CHAINS: usize = 12;

/// Prints a line for each chain and what the audits found; nothing where there are no chains.
pub(super) fn print(page: &mut Page, results: &Results) {
    let chains = chains(results);
    if chains.is_empty() {
        return;
    }
    let names = chains
        .iter()
        .map(|chain| page.short_name(&chain.name, LONGEST_NAME));
    let names: Vec<String> = names.collect();
    let widest = names.iter().map(|name| page.width(name)).max().unwrap_or(0);
    page.blank();
    page.line(&[
        Span::plain("Amplification by layer"),
        Span::new("   attempts per call, the outermost first", Paint::Dim),
    ]);
    let indent = " ".repeat(widest + 4);
    for (chain, name) in chains.iter().zip(&names).take(MOST_CHAINS) {
        let lead = format!("  {}  ", page.left(name, widest));
        let layers: Vec<&str> = chain
            .layers
            .iter()
            .map(|layer| layer.name.as_str())
            .collect();
        let text = format!("{}   {}", product(chain, None), layers.join(" > "));
        page.wrapped(&lead, &indent, &text, Paint::Plain);
    }
    if let Some(more) = chains
        .len()
        .checked_sub(MOST_CHAINS)
        .filter(|more| *more > 0)
    {
        let said = format!("{more} more in the report");
        page.wrapped("  ", "  ", &said, Paint::Dim);
    }
    for audit in &results.audits {
        page.wrapped("  ", "  ", &found(results, audit), Paint::Bold);
    }
}
