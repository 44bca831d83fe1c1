//! What is known of the differences of unknown integers: `a - b >= number`, for as many pairs as one likes.
//!
//! Such a system has no solution if and only if some of its bounds, added up around a circle, say that 0 is more than 0; so the greatest lower bounds
//! of all differences, which the algorithm of Floyd and Warshall finds, decide it.
//!
//! # Source
//!
//! Cormen, Leiserson, Rivest and Stein, *Introduction to Algorithms*, "Difference constraints and shortest paths".

use super::poly::Symbol;

/// An integer that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// 0, for bounds of one unknown alone.
    Zero,
    /// The value of a symbol; the number tells apart the values that it has in several iterations.
    Value(Symbol, u8),
    /// Something that has no symbol.
    Other(u8),
}

/// `first - second >= number`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtLeast {
    /// From what is subtracted.
    pub first: Unknown,
    /// What is subtracted.
    pub second: Unknown,
    /// What is left, at least.
    pub number: i128,
}

/// Bounds of differences.
#[derive(Clone, Debug, Default)]
pub struct Differences {
    unknowns: Vec<Unknown>,
    bounds: Vec<(usize, usize, i128)>,
}

/// The greatest lower bounds that follow.
#[derive(Clone, Debug)]
pub struct Closure {
    unknowns: Vec<Unknown>,
    least: Vec<Vec<Option<i128>>>,
}

/// Bounds are small, so that their sums are exact.
const MAX_BOUND: i128 = 1 << 64;

impl Differences {
    fn index(&mut self, unknown: Unknown) -> usize {
        let known = self.unknowns.iter().position(|&other| other == unknown);
        known.unwrap_or_else(|| {
            self.unknowns.push(unknown);
            self.unknowns.len() - 1
        })
    }

    /// Takes note of a bound. A number far from 0 is not noted, so that less is known.
    pub fn at_least(&mut self, bound: AtLeast) {
        let (first, second) = (self.index(bound.first), self.index(bound.second));
        if (-MAX_BOUND..=MAX_BOUND).contains(&bound.number) {
            self.bounds.push((first, second, bound.number));
        }
    }

    /// Takes note that `first` is `second` and this number.
    pub fn equal(&mut self, first: Unknown, second: Unknown, number: i128) {
        self.at_least(AtLeast {
            first,
            second,
            number,
        });
        self.at_least(AtLeast {
            first: second,
            second: first,
            number: -number,
        });
    }

    /// All that follows; `None` if nothing fulfils all bounds.
    pub fn close(&self) -> Option<Closure> {
        let count = self.unknowns.len();
        let mut least = vec![vec![None; count]; count];
        for (index, row) in least.iter_mut().enumerate() {
            row[index] = Some(0);
        }
        for &(first, second, number) in &self.bounds {
            least[first][second] = least[first][second].max(Some(number));
        }
        for through in 0..count {
            let from = least[through].clone();
            for row in &mut least {
                let Some(to) = row[through] else { continue };
                for (bound, from) in row.iter_mut().zip(&from) {
                    if let Some(from) = from {
                        // Around a circle without end bounds would grow beyond everything.
                        let sum = (to + from).min(MAX_BOUND * 64);
                        *bound = (*bound).max(Some(sum));
                    }
                }
            }
            if (0..count).any(|index| least[index][index] > Some(0)) {
                return None;
            }
        }
        Some(Closure {
            unknowns: self.unknowns.clone(),
            least,
        })
    }
}

impl Closure {
    /// The greatest number that `first - second` is at least, as far as it is known.
    pub fn least(&self, first: Unknown, second: Unknown) -> Option<i128> {
        let find = |unknown| self.unknowns.iter().position(|&other| other == unknown);
        self.least[find(first)?][find(second)?]
    }

    /// All unknowns.
    pub fn unknowns(&self) -> &[Unknown] {
        &self.unknowns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(first: u8, second: u8, number: i128) -> AtLeast {
        AtLeast {
            first: Unknown::Other(first),
            second: Unknown::Other(second),
            number,
        }
    }

    fn of(bounds: &[AtLeast]) -> Differences {
        let mut differences = Differences::default();
        bounds.iter().for_each(|&bound| differences.at_least(bound));
        differences
    }

    #[test]
    fn bounds_add_up() {
        let closure = of(&[bound(0, 1, 1), bound(1, 2, 2), bound(3, 2, -7)]).close();
        let closure = closure.expect("they agree");
        let least = |a, b| closure.least(Unknown::Other(a), Unknown::Other(b));
        assert_eq!(least(0, 2), Some(3));
        assert_eq!(least(2, 0), None);
        assert_eq!(least(0, 3), None);
        assert_eq!(least(0, 9), None);
    }

    #[test]
    fn circles_contradict() {
        assert!(
            of(&[bound(0, 1, 1), bound(1, 2, 0), bound(2, 0, 0)])
                .close()
                .is_none()
        );
        assert!(
            of(&[bound(0, 1, 1), bound(1, 2, 0), bound(2, 0, -1)])
                .close()
                .is_some()
        );
        assert!(of(&[bound(0, 0, 1)]).close().is_none());
        let mut equal = of(&[bound(0, 1, 3)]);
        equal.equal(Unknown::Other(0), Unknown::Other(1), 2);
        assert!(equal.close().is_none());
    }

    /// Compared with trying all values.
    #[test]
    fn solutions_are_found() {
        let mut state = 1u64;
        let mut next = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        for _ in 0..500 {
            let bounds: Vec<AtLeast> = (0..5)
                .map(|_| bound(next(3) as u8, next(3) as u8, i128::from(next(5)) - 2))
                .collect();
            let holds = |values: [i128; 3]| {
                let value = |unknown| match unknown {
                    Unknown::Other(index) => values[usize::from(index)],
                    _ => 0,
                };
                (bounds.iter()).all(|b| value(b.first) - value(b.second) >= b.number)
            };
            let mut any = false;
            for a in -10..=10 {
                for b in -10..=10 {
                    any |= holds([a, b, 0]);
                }
            }
            assert_eq!(of(&bounds).close().is_some(), any, "{bounds:?}");
        }
    }
}
