//! Squall's own: a policy file, with presets and what it extends written out.

use super::{Export, Subject, Target};
use crate::scenario::toml_key;

/// This target.
pub const TARGET: Target = Target {
    name: "squall",
    summary: "a policy file of Squall, with presets and parents written out",
    write,
};

fn write(subject: &Subject<'_>) -> Export {
    let header = format!("[policy.{}]", toml_key(subject.name));
    let mut text = format!(
        "# The policy {} of {}, written by `squall export`; what stands nowhere here is the default.\n\
         # A scenario takes it over with `include = [\"FILE\"]`.\n\n",
        toml_key(subject.name),
        subject.file.escape_debug()
    );
    // A section of the merged tables ends with an empty line, and no value is longer than a line.
    let section = subject.resolved.lines().skip_while(|line| *line != header);
    for line in section.take_while(|line| !line.is_empty()) {
        text.push_str(line);
        text.push('\n');
    }
    Export {
        text,
        lost: Vec::new(),
    }
}
