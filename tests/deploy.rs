//! A policy in the settings of other software: what is expressed comes back as it was, what is not is listed, and a
//! file of today becomes a scenario that runs.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its own scenario has failed"
)]

#[path = "policies/mod.rs"]
mod policies;

#[path = "deploy/commands.rs"]
mod commands;
#[path = "deploy/common.rs"]
mod common;
#[path = "deploy/exports.rs"]
mod exports;
#[path = "deploy/imports.rs"]
mod imports;
#[path = "deploy/litellm.rs"]
mod litellm;
#[path = "deploy/others.rs"]
mod others;
#[path = "deploy/settings.rs"]
mod settings;
