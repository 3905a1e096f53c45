//! LiteLLM's router: `model_list` and `router_settings` of its configuration file, written and read.
//!
//! Both ways go through [`router::Router`], the settings as LiteLLM has them. What they do is the preset
//! `litellm-router-1.109` with these settings laid on it (`carried`), so what an exported file does and what an
//! imported file does is said in one place. Read in the source of litellm 1.109.1; where the settings are
//! documented the names are those of its `Router.__init__`.

mod carried;
mod express;
pub mod import;
pub mod router;
mod write;

use super::conduct::Conduct;
use super::lost::lost;
use super::{Export, Subject, Target};

/// This target.
pub const TARGET: Target = Target {
    name: "litellm",
    summary: "model_list and router_settings of LiteLLM's router 1.109",
    write: export,
};

fn export(subject: &Subject<'_>) -> Export {
    let router = express::router(subject);
    let there = carried::carried(&router);
    let wanted = Conduct::of(subject.config, &subject.places);
    let lost = lost(
        subject.config,
        &wanted,
        &Conduct::of(&there.config, &there.places),
    );
    Export {
        text: write::yaml(subject, &router, &lost),
        lost,
    }
}
