//! The style sheet: rules from `page.css`, colours from the palette, light, dark and for print.

use std::fmt::Write as _;

use crate::report::chart::{PALETTE, POLICIES};

const RULES: &str = include_str!("page.css");

/// Everything between the style tags.
pub(super) fn sheet() -> String {
    let light = variables(false);
    let mut out = format!(":root{{color-scheme:light dark;{light}}}\n");
    let _ = writeln!(
        out,
        "@media (prefers-color-scheme:dark){{:root{{{}}}}}",
        variables(true)
    );
    // One line a rule is enough for a reader of the source; indents would only be bytes.
    for line in RULES.lines().map(str::trim).filter(|line| !line.is_empty()) {
        out.push_str(line);
        out.push('\n');
    }
    for colour in &PALETTE {
        let name = colour.name;
        let _ = write!(
            out,
            ".f-{name},svg text.f-{name},svg tspan.f-{name}{{fill:var(--{name})}}.s-{name}{{stroke:var(--{name})}}"
        );
    }
    for ink in POLICIES {
        let name = ink.name();
        let _ = write!(
            out,
            ".c-{name}{{color:var(--{name})}}.k-{name}{{box-shadow:inset 3px 0 0 var(--{name})}}"
        );
    }
    // Paper is white whatever the screen was.
    let _ = write!(
        out,
        "\n@media print{{:root{{color-scheme:light;{light}--bg:#fff}}}}"
    );
    out
}

/// The palette as CSS variables.
fn variables(dark: bool) -> String {
    let mut out = String::new();
    for colour in &PALETTE {
        let rgba = if dark { colour.dark } else { colour.light };
        let _ = if rgba.3 < 1.0 {
            write!(
                out,
                "--{}:rgba({},{},{},{});",
                colour.name, rgba.0, rgba.1, rgba.2, rgba.3
            )
        } else {
            write!(
                out,
                "--{}:#{:02x}{:02x}{:02x};",
                colour.name, rgba.0, rgba.1, rgba.2
            )
        };
    }
    out
}
