//! Tuning: settings that meet limits in weather that the tuner never saw.
//!
//! Statistics.md, Tuning. Three stages, apart: a search ([`mod@search`]) that may be fooled by luck, a
//! selection ([`mod@select`]) on fresh replications that may not, and a certificate on third replications and
//! on weathers held out. A [`Problem`] flies subjects and reads their runs; all else here knows neither
//! policies nor providers, so that it is tested on problems whose optimum is known.

mod claims;
pub mod cmaes;
pub mod conduct;
pub mod crew;
pub mod flights;
pub mod held;
pub mod lots;
pub mod plan;
pub mod problem;
pub mod score;
pub mod search;
pub mod select;
pub mod sense;
pub mod session;
mod shown;
pub mod sobol;
pub mod space;
pub mod symmetric;
mod told;

pub use conduct::{Frame, certificate_runs, conduct, runs};
pub use crew::Crew;
pub use flights::{Flights, Journal};
pub use plan::{Plan, Size, Spend};
pub use problem::{Combine, Flight, Held, Limit, Look, Problem, Reading, Subject};
pub use search::{Searched, search};
pub use select::{Selected, certify, select};
pub use session::Session;
pub use space::{Candidate, Domain, Parameter, Space, Value};
