//! Markov chains in whole numbers, by going on until nothing changes any more.

/// The mean number of attempts of a call, where calls come one after another and an attempt fails with
/// probability `p`. `step` says of what is left of a store, whether an attempt failed and the how many-th it is
/// what is left then and whether another follows; the store holds `full` at most.
pub(crate) fn attempts_of_a_call(
    p: f64,
    full: usize,
    step: impl Fn(usize, bool, u32) -> (usize, bool),
) -> f64 {
    // Whatever a call may come to: the store before and after, how likely, with how many attempts.
    let mut moves = Vec::new();
    for before in 0..=full {
        let mut open = vec![(before, 1.0, 1)];
        while let Some((left, chance, attempt)) = open.pop() {
            for (failed, likely) in [(false, 1.0 - p), (true, p)] {
                let (after, again) = step(left, failed, attempt);
                match again {
                    true => open.push((after, chance * likely, attempt + 1)),
                    false => moves.push((before, after, chance * likely, f64::from(attempt))),
                }
            }
        }
    }
    let mut shares = vec![1.0 / (full + 1) as f64; full + 1];
    for _ in 0..20_000 {
        let mut next = vec![0.0; full + 1];
        for &(before, after, chance, _) in &moves {
            next[after] += shares[before] * chance;
        }
        let moved: f64 = shares.iter().zip(&next).map(|(a, b)| (a - b).abs()).sum();
        shares = next;
        if moved < 1e-12 {
            break;
        }
    }
    let mean = |&(before, _, chance, attempts): &(usize, usize, f64, f64)| {
        shares[before] * chance * attempts
    };
    moves.iter().map(mean).sum()
}

/// A CUSUM of passes and failures: Reynolds and Stoumbos (1999), eqs. for the integer chart.
pub(crate) struct Chart {
    pub(crate) usual: f64,
    pub(crate) risen: f64,
    pub(crate) threshold: usize,
}

impl Chart {
    /// The mean number of observations to an alarm from a sum of nothing, where a share fails: what is left of a
    /// chart that has not alarmed yet, summed over all observations.
    pub(crate) fn run_length(&self, share: f64) -> f64 {
        let pass = libm::log((1.0 - self.usual) / (1.0 - self.risen));
        let failure = libm::log(self.risen / self.usual);
        let step = libm::round((failure + pass) / pass) as usize - 1;
        let mut shares = vec![0.0; self.threshold];
        shares[0] = 1.0;
        let mut length = 0.0;
        loop {
            let left: f64 = shares.iter().sum();
            if left < 1e-12 {
                return length;
            }
            length += left;
            let mut next = vec![0.0; self.threshold];
            for (sum, of) in shares.iter().enumerate() {
                next[sum.saturating_sub(1)] += of * (1.0 - share);
                if let Some(risen) = next.get_mut(sum + step) {
                    *risen += of * share;
                }
            }
            shares = next;
        }
    }
}
