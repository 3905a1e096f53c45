//! Billed tokens by class and waste by cause, where some tokens have prices of their own.

use super::refused::block;
use super::text::Page;
use crate::record::Results;
use crate::record::results::PolicyResults;
use crate::report::spent::{causes, tokens};

/// Prints one entry for each policy; nothing where no token has a price of its own.
pub(super) fn print(page: &mut Page, results: &Results) {
    let said = |policy: &PolicyResults| {
        let told = tokens(policy)?;
        Some(match causes(policy).as_str() {
            "" => told,
            causes => format!("{told}; wasted: {causes}"),
        })
    };
    block(
        page,
        results,
        ("Billed", "tokens of one run, and what was paid in vain"),
        said,
    );
}
