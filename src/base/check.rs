//! Where checks of typed settings put their findings.
//!
//! A room checks its own settings (base above cap, a share of nothing) without knowing that they
//! came from TOML: it names the keys and says what is wrong, and the scenario floor finds the
//! lines. All mistakes are gathered; nothing stops at the first.

/// One thing that is wrong, with the keys it lies under.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    /// The keys from the root of the scenario to the value, array places as numbers.
    pub path: Vec<String>,
    /// What is wrong, in one line without the place.
    pub title: String,
    /// What is said at the value.
    pub label: String,
    /// Other values that matter, each with what is said there.
    pub also: Vec<(Vec<String>, String)>,
    /// What would have been accepted.
    pub expected: Option<String>,
    /// How to mend it.
    pub help: Option<String>,
    /// Whether it only warns.
    pub warning: bool,
    /// Whether the value is wrong by itself, whatever its key: then it alone is shown.
    pub value_alone: bool,
}

impl Mistake {
    /// Adds a second place, by its full path.
    pub fn also(&mut self, path: Vec<String>, text: impl Into<String>) -> &mut Mistake {
        self.also.push((path, text.into()));
        self
    }

    /// Says what would have been accepted.
    pub fn expected(&mut self, text: impl Into<String>) -> &mut Mistake {
        self.expected = Some(text.into());
        self
    }

    /// Says that the value is wrong by itself.
    pub fn value_alone(&mut self) -> &mut Mistake {
        self.value_alone = true;
        self
    }

    /// Says how to mend it.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Mistake {
        self.help = Some(text.into());
        self
    }
}

/// A collector of mistakes that knows which keys it stands under.
#[derive(Debug, Default)]
pub struct Check {
    path: Vec<String>,
    mistakes: Vec<Mistake>,
}

impl Check {
    /// Drops the warnings so far: whoever knows better asks for the mistakes alone.
    pub fn drop_warnings(&mut self) {
        self.mistakes.retain(|found| !found.warning);
    }

    /// An empty collector at the root.
    pub fn new() -> Check {
        Check::default()
    }

    /// Runs checks one key deeper.
    pub fn at(&mut self, key: impl Into<String>, f: impl FnOnce(&mut Check)) {
        self.path.push(key.into());
        f(self);
        self.path.pop();
    }

    /// The full path of a key (dots separate deeper keys) from here.
    pub fn path(&self, key: &str) -> Vec<String> {
        let mut path = self.path.clone();
        path.extend(key.split('.').filter(|k| !k.is_empty()).map(String::from));
        path
    }

    /// Notes a mistake at a key (dots separate deeper keys; empty: the table itself).
    pub fn mistake(
        &mut self,
        key: &str,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> &mut Mistake {
        let path = self.path(key);
        self.mistakes.push(Mistake {
            path,
            title: title.into(),
            label: label.into(),
            also: Vec::new(),
            expected: None,
            help: None,
            warning: false,
            value_alone: false,
        });
        self.mistakes.last_mut().expect("just pushed")
    }

    /// Notes something allowed but probably not meant.
    pub fn warning(
        &mut self,
        key: &str,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> &mut Mistake {
        let mistake = self.mistake(key, title, label);
        mistake.warning = true;
        mistake
    }

    /// Everything noted so far, in order.
    pub fn into_mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }
}

/// Notes a profile at `name` that is none of these.
pub fn profile<'a>(
    check: &mut Check,
    of: &str,
    name: &str,
    profiles: impl Iterator<Item = &'a str>,
) {
    let profiles: Vec<&str> = profiles.collect();
    if !profiles.contains(&name) {
        let title = format!("unknown {of} profile `{name}`");
        check
            .mistake("name", title, "no such profile")
            .expected(profiles.join(", "));
    }
}

/// Notes an HTTP status that is no error.
pub fn status(check: &mut Check, key: &str, status: u16) {
    if !(400..=599).contains(&status) {
        check
            .mistake(
                key,
                format!("{status} is no error status"),
                "not between 400 and 599",
            )
            .help("503 and 529 mean overloaded; 500, 502 and 504 mean broken");
    }
}
