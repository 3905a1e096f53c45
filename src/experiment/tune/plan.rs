//! How a budget is divided, and the least there can be. What a plan gives a stage is never exceeded; what a
//! stage leaves over goes to the next.

/// What decides how much the stages need at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Combinations of choices.
    pub arms: u64,
    /// Weathers of the suite.
    pub weathers: u64,
    /// Weathers held out.
    pub held_out: u64,
    /// The most moves of one parameter at a time.
    pub moves: u64,
    /// Whether a reference flies along wherever something is judged.
    pub reference: bool,
}

/// A budget, divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Runs of the reference before the search.
    pub reference: u64,
    /// Of the search.
    pub search: Spend,
    /// Of the selection.
    pub select: u64,
    /// Of moving one parameter at a time.
    pub sense: u64,
}

/// What a search may spend, in runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spend {
    /// On the design and its race.
    pub race: u64,
    /// On CMA-ES.
    pub climb: u64,
    /// On the last rung.
    pub pool: u64,
}

/// Replications of the baseline from which multiples of its figures are taken beforehand, in each weather.
pub const REFERENCE: u32 = 32;
/// The fewest replications of a selection: with fewer no bound is worth the name.
pub const LEAST_SELECT: u64 = 8;
/// The fewest replications of a parameter that is moved.
const LEAST_SENSE: u64 = 2;

impl Spend {
    /// How a search divides what it may spend: a third on finding the valley, half on going down in it,
    /// the rest on telling its best apart.
    pub fn of(runs: u64) -> Spend {
        Spend::within(runs, (0, 0))
    }

    /// The same with the least of the race and of the last rung.
    fn within(runs: u64, (race, pool): (u64, u64)) -> Spend {
        let race = (runs * 35 / 100).max(race);
        let pool = (runs * 15 / 100).min(runs.saturating_sub(race)).max(pool);
        Spend {
            race,
            climb: runs.saturating_sub(race + pool),
            pool,
        }
    }

    /// All of it.
    pub fn all(&self) -> u64 {
        self.race + self.climb + self.pool
    }
}

impl Size {
    /// The least of each stage: (reference, race, last rung, selection, moves).
    fn least(&self) -> [u64; 5] {
        let beside = u64::from(self.reference);
        [
            beside * u64::from(REFERENCE) * (self.weathers + self.held_out),
            self.arms * self.weathers,
            2 * self.weathers,
            LEAST_SELECT * (1 + beside) * self.weathers,
            LEAST_SENSE * (1 + beside + self.moves) * self.weathers,
        ]
    }
}

impl Plan {
    /// Half of a budget is for the search, a third for telling its best apart beyond doubt.
    ///
    /// # Errors
    /// If it is too small for each stage to do anything at all: the least that is not.
    pub fn of(budget: u64, size: Size) -> Result<Plan, u64> {
        let least = size.least();
        let [reference, race, pool, select, sense] = least;
        let all: u64 = least.iter().sum();
        if budget < all {
            return Err(all);
        }
        let left = budget - reference;
        // What the least of the others leaves bounds what a stage may take.
        let sense = (left * 12 / 100)
            .min(left - select - race - pool)
            .max(sense);
        let select = (left * 33 / 100)
            .min(left - sense - race - pool)
            .max(select);
        let search = Spend::within(left - sense - select, (race, pool));
        Ok(Plan {
            reference,
            search,
            select,
            sense,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(arms: u64, moves: u64, reference: bool) -> Size {
        Size {
            arms,
            weathers: 5,
            held_out: 3,
            moves,
            reference,
        }
    }

    #[test]
    fn no_plan_exceeds_its_budget_and_none_goes_below_the_least() {
        for (arms, moves) in [(1, 2), (4, 14), (64, 42), (64, 0)] {
            for reference in [false, true] {
                let size = size(arms, moves, reference);
                let least = Plan::of(0, size).unwrap_err();
                assert_eq!(Plan::of(least - 1, size), Err(least));
                for budget in (least..least + 300).chain([3000, 20_000]) {
                    let Ok(plan) = Plan::of(budget, size) else {
                        assert!(budget < least);
                        continue;
                    };
                    let all = plan.reference + plan.search.all() + plan.select + plan.sense;
                    assert!(all <= budget, "{all} of {budget}: {plan:?}");
                    assert!(all + 1 >= budget, "{all} of {budget}: {plan:?}");
                    assert!(plan.search.race >= arms * 5 && plan.search.pool >= 10);
                    assert!(plan.select >= 40 && plan.sense >= 10 * (1 + moves));
                }
            }
        }
    }

    #[test]
    fn a_common_budget_is_divided_as_the_reference_says() {
        let plan = Plan::of(3000, size(4, 14, false)).unwrap();
        assert_eq!(
            (plan.search.all(), plan.select, plan.sense),
            (1650, 990, 360)
        );
    }
}
