//! `squall import`: the settings of today's stack as a scenario.

use crate::deploy::litellm::import;
use crate::scenario::files::{Disk, Files};
use crate::scenario::wrong_lines;

use super::Exit;
use super::args;
use super::files::write_new;
use super::terminal::{Look, complain, print};

/// A configuration is written by hand.
const MAX_BYTES: u64 = 4 << 20;

/// Of the mistakes of a file so many are shown.
const SHOWN: usize = 20;

pub(super) fn import(args: &args::Import) -> Exit {
    let name = args.file.display().to_string();
    let bytes = match Disk.read(&args.file, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(why) => {
            complain(&format!("error: {name} cannot be read: {why}\n"));
            return Exit::BadInput;
        }
    };
    let Ok(text) = String::from_utf8(bytes) else {
        complain(&format!(
            "error: {name}: this is no UTF-8 text\n  = help: name the configuration file of LiteLLM's proxy\n"
        ));
        return Exit::BadInput;
    };
    let imported = match import::import(&name, &text) {
        Ok(imported) => imported,
        Err(wrong) => {
            let more = wrong.len().saturating_sub(SHOWN);
            let wrong = &wrong[..wrong.len().min(SHOWN)];
            complain(&wrong_lines(&name, wrong, more).render(Look::of_stderr().style()));
            return Exit::BadInput;
        }
    };
    let written = match &args.out {
        Some(out) => match write_new(&[(out.clone(), imported.scenario)]) {
            Ok(told) => print(&told),
            Err(why) => {
                complain(&why);
                return Exit::BadInput;
            }
        },
        None => print(&imported.scenario),
    };
    tell("assumed", &imported.assumed);
    tell("not taken over, or only nearly", &imported.left_out);
    if written { Exit::Done } else { Exit::BadInput }
}

fn tell(what: &str, items: &[String]) {
    if !items.is_empty() {
        complain(&format!("note: {what}:\n"));
    }
    for item in items {
        complain(&format!("  {}\n", item.escape_debug()));
    }
}
