//! What a client believes of an endpoint: its name, its labels, its price, what it can serve.

use crate::base::capability::Capabilities;
use crate::base::wire::Request;

/// What a policy is made ready with for one endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint<'a> {
    /// Its name.
    pub name: &'a str,
    /// Who runs it.
    pub vendor: Option<&'a str>,
    /// The model.
    pub model: Option<&'a str>,
    /// Where it runs.
    pub region: Option<&'a str>,
    /// The account that is billed and limited.
    pub account: Option<&'a str>,
    /// What its author groups it by.
    pub group: Option<&'a str>,
    /// The price of a prompt token, in pico-dollars.
    pub input_pico: u64,
    /// The price of an answer token, in pico-dollars.
    pub output_pico: u64,
    /// The requests it lets a client send in a minute; None: any number.
    pub rpm: Option<u64>,
    /// The tokens it lets a client use in a minute; None: any number.
    pub tpm: Option<u64>,
    /// The most tokens of prompt and answer together; None: any number.
    pub context_window: Option<u32>,
    /// What it cannot do.
    pub lacks: Capabilities,
}

impl<'a> Endpoint<'a> {
    /// An endpoint of which nothing else is known.
    pub fn named(name: &'a str) -> Endpoint<'a> {
        Endpoint {
            name,
            ..Endpoint::default()
        }
    }

    /// Its value of a label.
    pub fn label(&self, label: super::steering::Label) -> Option<&'a str> {
        use super::steering::Label;
        match label {
            Label::Vendor => self.vendor,
            Label::Model => self.model,
            Label::Region => self.region,
            Label::Account => self.account,
            Label::Group => self.group,
        }
    }
}

/// The most a request may cost at these prices, in pico-dollars.
pub(super) fn price_of(input_pico: u64, output_pico: u64, request: &Request) -> u128 {
    u128::from(input_pico) * u128::from(request.prompt_tokens)
        + u128::from(output_pico) * u128::from(request.max_tokens)
}
