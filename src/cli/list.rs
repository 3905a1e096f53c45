//! `squall list` and `squall explain`: what exists, one line each; one thing in full.

use crate::scenario::catalogue::{self, Entry, Unknown};

use super::Exit;
use super::args::{Explain, List};
use super::terminal::{complain, print};

pub(super) fn list(args: &List) -> Exit {
    let found = match &args.what {
        None => Ok(catalogue::lists()),
        Some(what) => catalogue::list(what),
    };
    say(found.map(|entries| table(&entries)), "squall list")
}

pub(super) fn explain(args: &Explain) -> Exit {
    say(
        catalogue::describe(&args.name),
        "squall list`, `squall list NAME",
    )
}

fn say(found: Result<String, Unknown>, where_to_look: &str) -> Exit {
    match found {
        Ok(text) if print(&text) => Exit::Done,
        Ok(_) => Exit::BadInput,
        Err(unknown) => {
            let names: Vec<String> = unknown.with_it.iter().map(|n| format!("`{n}`")).collect();
            let help = match (unknown.nearest, names.as_slice()) {
                (Some(name), _) => format!("did you mean `{name}`?"),
                (None, []) => format!("`{where_to_look}` says what there is"),
                (None, [name]) => format!("did you mean {name}?"),
                (None, names) => format!("did you mean one of {}?", names.join(", ")),
            };
            complain(&format!("error: unknown name `{}`: {help}\n", unknown.name));
            Exit::BadInput
        }
    }
}

/// Names and what they are, in two columns.
fn table(entries: &[Entry]) -> String {
    let width = entries.iter().map(|entry| entry.name.len()).max();
    let width = width.unwrap_or_default();
    let line = |entry: &Entry| format!("{:width$}  {}\n", entry.name, entry.summary);
    entries.iter().map(line).collect()
}
