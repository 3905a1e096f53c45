//! The documents' links lead somewhere.

use std::path::Path;

const DOCUMENTS: [&str; 6] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "benches/README.md",
    "reports/README.md",
    "scenarios/traces/README.md",
];

/// Where the links and pictures of a Markdown text lead.
fn targets(text: &str) -> Vec<&str> {
    let starts = ["](", "src=\"", "href=\"", "srcset=\""];
    let mut found = Vec::new();
    for start in starts {
        let rests = text.split(start).skip(1);
        found.extend(rests.filter_map(|rest| rest.split([')', '"', ' ', '\n']).next()));
    }
    found
}

/// The file a link leads to; None if it leads to the network or stays in its document.
fn file(target: &str) -> Option<&str> {
    let path = target.split('#').next()?;
    (!path.is_empty() && !path.contains("://") && !path.starts_with("mailto:")).then_some(path)
}

#[test]
fn every_relative_link_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    let mut seen = 0;
    for document in DOCUMENTS {
        let path = root.join(document);
        let text = std::fs::read_to_string(&path).unwrap();
        for target in targets(&text).into_iter().filter_map(file) {
            seen += 1;
            if !path.with_file_name(target).exists() {
                wrong.push(format!("{document}: {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 0, "no link was seen");
}

#[test]
fn the_reader_of_links_sees_them() {
    let text = "[a](b.md#c) ![d\ne](f/g.png) [h](https://i) [j](#k) <img src=\"l.svg\">";
    let files: Vec<&str> = targets(text).into_iter().filter_map(file).collect();
    assert_eq!(files, ["b.md", "f/g.png", "l.svg"]);
}
