use super::*;
use crate::report::fixture;

/// Elements that have no end tag in HTML.
const VOID: [&str; 4] = ["meta", "br", "link", "img"];

/// Every tag closed in the order it was opened; SVG's own `/>` counts as closed.
fn balanced(html: &str) -> Result<(), String> {
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, next) = after.split_once('>').ok_or("a tag without end")?;
        rest = next;
        if tag.starts_with('!') || tag.ends_with('/') {
            continue;
        }
        let name: String = tag
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '/')
            .collect();
        if let Some(name) = name.strip_prefix('/') {
            match open.pop() {
                Some(last) if last == name => {}
                last => return Err(format!("</{name}> closes {last:?}")),
            }
        } else if !VOID.contains(&name.as_str()) {
            if name == "style" {
                rest = rest.split_once("</style>").ok_or("style without end")?.1;
            } else {
                open.push(name);
            }
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!("left open: {open:?}"))
    }
}

#[test]
fn every_tag_is_closed() {
    for (name, results) in fixture::all() {
        assert_eq!(balanced(&page(&results)), Ok(()), "{name}");
    }
    assert!(balanced("<p><b></p></b>").is_err());
}

#[test]
fn results_without_anything_still_make_a_page() {
    let html = page(&Results::default());
    assert_eq!(balanced(&html), Ok(()));
    assert!(html.contains("No policy was run."));
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    for (name, results) in fixture::all() {
        let html = page(&results);
        for word in [
            "http://", "https://", "<script", "<link", "@import", "url(", "<img",
        ] {
            assert!(!html.contains(word), "{name}: {word}");
        }
        assert!(html.contains("default-src 'none'"));
    }
}

#[test]
fn what_users_write_stays_text() {
    let html = page(&fixture::outage());
    assert!(!html.contains("</script>"));
    assert!(!html.contains("<b>\""));
    assert!(html.contains("hedged &lt;/script&gt;&lt;b&gt;"));
    let mut results = fixture::outage();
    let evil = "\"><img src=x onerror=alert(1)>'&\u{7}";
    results.scenario = evil.into();
    results.meta.title = evil.into();
    results.meta.why = evil.into();
    results.meta.file = evil.into();
    results.meta.resolved = evil.into();
    results.warnings = vec![evil.into()];
    results.endpoints[0] = evil.into();
    for fault in &mut results.faults {
        fault.name = evil.into();
        fault.on = vec![evil.into()];
    }
    results.expectations[0].text = evil.into();
    results.expectations[0].found = evil.into();
    results.policies[0].name = evil.into();
    let html = page(&results);
    assert_eq!(balanced(&html), Ok(()));
    assert!(!html.contains("<img"));
    assert!(!html.contains('\u{7}'));
}

#[test]
fn degraded_answers_have_a_column_where_there_are_any() {
    assert!(page(&fixture::degraded()).contains("<td>17.6\u{202f}%</td>"));
    assert!(!page(&fixture::outage()).contains(">degraded<"));
}

#[test]
fn the_peak_is_told_with_the_width_of_its_windows() {
    let mut results = fixture::outage();
    assert!(page(&results).contains("mean, most in any 10 s"));
    results.window_ns = 90_000_000_000;
    let html = page(&results);
    assert!(html.contains("mean, most in any 90 s") && html.contains("within 90 s"));
}

#[test]
fn sections_without_data_are_left_out() {
    let html = page(&fixture::lone());
    for id in ["cost", "breakers", "differences"] {
        assert!(!html.contains(&format!("<section id=\"{id}\"")), "{id}");
    }
    for id in ["timeline", "latency", "replications", "again"] {
        assert!(html.contains(&format!("<section id=\"{id}\"")), "{id}");
    }
    let html = page(&fixture::outage());
    for chart in CHARTS {
        assert!(
            html.contains(&format!("<section id=\"{}\"", chart.name)),
            "{}",
            chart.name
        );
    }
}

#[test]
fn the_page_is_the_same_every_time_and_small() {
    for (name, results) in fixture::all() {
        let html = page(&results);
        assert_eq!(html, page(&results), "{name}");
        assert!(html.len() < 500_000, "{name}: {} bytes", html.len());
    }
}

#[test]
fn what_was_refused_has_a_table_and_what_would_have_been_another() {
    let html = page(&fixture::outage()).replace('\u{202f}', " ");
    assert!(html.contains("held back most: 176 times in 1 000 calls the breaker was open"));
    let row =
        "<th scope=\"row\">the breaker was open</th><td class=\"k\"><code>breaker</code></td>";
    assert!(html.contains(row), "{html}");
    assert!(html.contains("The pale lines held nothing back"));
    assert!(!html.contains("id=\"observed\""));
    let html = page(&fixture::watched()).replace('\u{202f}', " ");
    let title = "naive would have refused because the breaker was open: 176 times in 1 000 calls";
    assert!(html.contains(title), "{html}");
    assert!(html.contains("<th scope=\"row\">opened a breaker</th>"));
    assert!(html.contains("<td>&lt;\u{a0}0.01</td>"));
    let html = page(&fixture::lone());
    assert!(!html.contains("id=\"refused\"") && !html.contains("id=\"observed\""));
}

#[test]
fn calls_of_each_priority_have_a_row_the_most_important_first() {
    let html = page(&fixture::watched()).replace('\u{202f}', " ");
    assert!(html.contains("Of critical calls, breaker-failover answers 99.99 %"));
    let table = html.split("main prio").nth(1).unwrap();
    let table = table.split("</table>").next().unwrap();
    let of = |name: &str| table.find(&format!("<td class=\"k\">{name}</td>"));
    assert!(of("critical") < of("batch"), "{table}");
    // Not the word of the table of what sections refused, which counts something else.
    assert!(table.contains("never sent") && !table.to_lowercase().contains(">refused"));
    assert_eq!(table.matches("<tr>").count(), 11);
    assert!(!page(&fixture::outage()).contains("id=\"priorities\""));
}
