//! `squall export`: a policy in the settings of other software; what those cannot say is said.

use std::path::Path;

use crate::deploy::{NoSubject, Subject, target};
use crate::scenario::{self, Scenario};

use super::Exit;
use super::args::{self, Target};
use super::files::write_new;
use super::terminal::{Look, complain, print};

pub(super) fn export(args: &args::Export) -> Exit {
    let scenarios = match scenario::load(&args.file, scenario::Overrides::default()) {
        Ok(scenarios) => scenarios,
        Err(mistakes) => {
            complain(&mistakes.render(Look::of_stderr().style()));
            return Exit::BadInput;
        }
    };
    match one(&scenarios, args).and_then(|subject| write(&subject, args.to, args.out.as_deref())) {
        Ok(()) => Exit::Done,
        Err(why) => {
            complain(&why);
            Exit::BadInput
        }
    }
}

/// The policy, which must be the same at every point of the file.
fn one<'s>(scenarios: &'s [Scenario], args: &args::Export) -> Result<Subject<'s>, String> {
    let file = args.file.display();
    let mut subjects = scenarios.iter().map(|scenario| {
        Subject::of(scenario, &args.policy)
            .map_err(|why| no_subject(&file.to_string(), &args.policy, why))
    });
    let Some(first) = subjects.next().transpose()? else {
        return Err(format!("error: {file} holds no scenario\n"));
    };
    for other in subjects {
        let other = other?;
        if other.config != first.config || other.providers != first.providers {
            return Err(format!(
                "error: {file}: the policy `{}` or its providers differ from point to point of `[run] vary`\n  \
                 = help: write the values you mean in place of `vary`\n",
                args.policy
            ));
        }
    }
    Ok(first)
}

fn no_subject(file: &str, policy: &str, why: NoSubject) -> String {
    match why {
        NoSubject::Unknown {
            nearest: Some(name),
            ..
        } => {
            format!(
                "error: {file}: there is no policy `{policy}`\n  = help: did you mean `{name}`?\n"
            )
        }
        NoSubject::Unknown { names, .. } => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let names = names.join(", ");
            format!(
                "error: {file}: there is no policy `{policy}`\n  = help: its policies are {names}\n"
            )
        }
        NoSubject::Chain(layers) => format!(
            "error: {file}: the policy `{policy}` is a chain of services, each of which has settings of its own\n  \
             = help: export its layers one by one: {}\n",
            layers.join(", ")
        ),
    }
}

fn write(subject: &Subject<'_>, to: Target, out: Option<&Path>) -> Result<(), String> {
    // Its names are those of the targets.
    let target = target(to.name()).ok_or("error: there is no such target\n")?;
    let export = (target.write)(subject);
    let unprintable = || String::from("error: nothing was written\n");
    match out {
        Some(path) => {
            let told = write_new(&[(path.to_path_buf(), export.text)])?;
            print(&told).then_some(()).ok_or_else(unprintable)?;
        }
        None => print(&export.text).then_some(()).ok_or_else(unprintable)?,
    }
    let of = match export.lost.len() {
        0 => return Ok(()),
        1 => "1 setting".to_string(),
        n => format!("{n} settings"),
    };
    complain(&format!(
        "note: {} does {of} otherwise, or not at all:\n",
        target.name
    ));
    for lost in &export.lost {
        complain(&format!("  {lost}\n"));
    }
    Ok(())
}
