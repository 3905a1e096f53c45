//! What a provider does that is asked for what it cannot do.

use squall::base::wire::{Code, Content};
use squall::base::{Capabilities, Capability, Ending};

use super::bills::TWO_SECONDS;
use crate::street::{Fate, Street};

/// What becomes of a request that needs this, at a provider with these settings.
fn fate(provider: &str, needs: Capability) -> Fate {
    let mut street = Street::new(&format!("{TWO_SECONDS}\n{provider}"), &[]).whole();
    street.needing(Capabilities::of([needs]));
    street.send();
    street.pass(60_000);
    street.close();
    street.fates.remove(0)
}

fn ending(fate: &Fate) -> Ending {
    fate.end.expect("it came to an end").1
}

#[test]
fn what_it_cannot_do_is_refused_with_a_400_that_costs_nothing_and_takes_no_limit() {
    let lacking =
        "can = { json = false }\nlimits.rpm = 1\nprice = { input = \"$3/M\", output = \"$15/M\" }";
    let refused = fate(lacking, Capability::Json);
    let Ending::Status { status, code, .. } = ending(&refused) else {
        panic!("{refused:?}");
    };
    assert_eq!((status, code), (400, Code::Unsupported));
    assert_eq!(refused.bills[0].1.pico_usd, 0);
    let served = fate(lacking, Capability::Tools);
    assert!(matches!(ending(&served), Ending::Answer { .. }) && served.good);
    let mut street = Street::new(&format!("{TWO_SECONDS}\n{lacking}"), &[]).whole();
    street.needing(Capabilities::of([Capability::Json]));
    street.send();
    street.needing(Capabilities::NONE);
    street.send();
    street.pass(60_000);
    assert_eq!(street.told("end"), ["0 end 400 #0", "2000 end answer #1"]);
}

#[test]
fn one_that_ignores_it_answers_in_full_and_never_well() {
    let content = |fate: &Fate| match ending(fate) {
        Ending::Answer { content, .. } => content,
        other => panic!("{other:?}"),
    };
    let ignoring = "can = { json = false, tools = false, otherwise = \"ignore\" }\njson = {}";
    let prose = fate(ignoring, Capability::Json);
    assert_eq!((content(&prose), prose.good), (Content::BrokenJson, false));
    assert!(prose.bills[0].1.output_tokens > 0, "and is billed");
    let no_call = fate(ignoring, Capability::Tools);
    assert!(!no_call.good);
    // Who can, does.
    let json = fate("", Capability::Json);
    assert_eq!((content(&json), json.good), (Content::Json, true));
}
