//! Bounds of values, and what is known of all of them at a point.

use std::collections::BTreeMap;

use crate::func::LocalId;

/// How far facts are combined with each other.
const MOST_STEPS: usize = 4;
/// Bounds that are kept of one value.
const MOST_BOUNDS: usize = 8;
/// Numbers in bounds are small, so that their sums are exact and far from where anything wraps.
pub(super) const MOST_NUMBER: i128 = 1 << 40;

/// What a value is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Term {
    /// 0, for bounds that are numbers.
    Zero,
    /// The value of a local.
    Local(LocalId),
    /// The length of the slice in a local.
    Len(LocalId),
}

/// Bounds of a value: at most each of these terms plus the number; at least a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bounds {
    pub(super) upper: BTreeMap<Term, i128>,
    pub(super) least: i128,
}

impl Bounds {
    pub(super) fn at_most(&mut self, term: Term, number: i128) {
        if number.abs() > MOST_NUMBER && term != Term::Zero {
            return;
        }
        let known = self.upper.entry(term).or_insert(number);
        *known = (*known).min(number);
    }

    pub(super) fn plus(&self, number: i128) -> Bounds {
        let mut bounds = Bounds {
            upper: BTreeMap::new(),
            least: (self.least + number).max(0),
        };
        for (&term, &known) in &self.upper {
            bounds.at_most(term, known + number);
        }
        bounds
    }

    /// What holds of one of both.
    pub(super) fn either(&self, other: &Bounds) -> Bounds {
        let mut bounds = Bounds {
            upper: BTreeMap::new(),
            least: self.least.min(other.least),
        };
        for (&term, &first) in &self.upper {
            if let Some(&second) = other.upper.get(&term) {
                bounds.at_most(term, first.max(second));
            }
        }
        bounds
    }

    /// What holds if both bound a value.
    pub(super) fn both(mut self, other: &Bounds) -> Bounds {
        for (&term, &number) in &other.upper {
            self.at_most(term, number);
        }
        self.least = self.least.max(other.least);
        self
    }

    /// The greatest number that it may be, as far as that is known.
    pub(super) fn greatest(&self) -> i128 {
        let of = |(&term, &number): (&Term, &i128)| match term {
            Term::Zero => Some(number),
            // Slices have at most `isize::MAX` bytes; those of elements without a size are not looked at.
            Term::Len(_) => Some(i128::from(i64::MAX) + number),
            Term::Local(_) => None,
        };
        let all = self.upper.iter().filter_map(of);
        all.min().unwrap_or(i128::from(u64::MAX))
    }
}

/// What is known at a point.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub(super) upper: BTreeMap<Term, BTreeMap<Term, i128>>,
    pub(super) least: BTreeMap<LocalId, i128>,
}

impl Facts {
    pub(super) fn learn(&mut self, value: Term, term: Term, number: i128) {
        if value == term || (term != Term::Zero && number.abs() > MOST_NUMBER) {
            return;
        }
        let bounds = self.upper.entry(value).or_default();
        if bounds.len() >= MOST_BOUNDS && !bounds.contains_key(&term) {
            return;
        }
        let known = bounds.entry(term).or_insert(number);
        *known = (*known).min(number);
    }

    /// All bounds of a term that follow.
    pub(super) fn all(&self, term: Term) -> BTreeMap<Term, i128> {
        let mut found = BTreeMap::from([(term, 0)]);
        let mut open = vec![(term, 0, 0)];
        while let Some((at, number, steps)) = open.pop() {
            if steps == MOST_STEPS {
                continue;
            }
            for (&next, &more) in self.upper.get(&at).into_iter().flatten() {
                let sum: i128 = number + more;
                if found.get(&next).is_none_or(|&known| sum < known) {
                    found.insert(next, sum);
                    open.push((next, sum, steps + 1));
                }
            }
        }
        found
    }

    /// A term is at least what something is that it is no less than.
    pub(super) fn least_of(&self, term: Term) -> i128 {
        let below = self.least.iter().filter_map(|(&local, &least)| {
            let number = *self.all(Term::Local(local)).get(&term)?;
            Some(least - number)
        });
        below.max().unwrap_or(0)
    }

    pub(super) fn least(&self, local: LocalId) -> i128 {
        self.least.get(&local).copied().unwrap_or(0)
    }

    /// Forgets a term, but not what follows from it for others.
    pub(super) fn forget_term(&mut self, term: Term) {
        let through: Vec<(Term, i128)> = (self.upper.iter())
            .filter_map(|(&value, bounds)| Some((value, *bounds.get(&term)?)))
            .filter(|(value, _)| *value != term)
            .collect();
        if !through.is_empty() {
            let behind = self.all(term);
            for (value, number) in through {
                for (&next, &more) in behind.iter().filter(|(next, _)| **next != term) {
                    self.learn(value, next, number + more);
                }
            }
        }
        self.upper.remove(&term);
        for bounds in self.upper.values_mut() {
            bounds.remove(&term);
        }
        self.upper.retain(|_, bounds| !bounds.is_empty());
    }

    /// Forgets what is known of a local.
    pub(crate) fn forget(&mut self, local: LocalId) {
        self.forget_term(Term::Local(local));
        self.forget_term(Term::Len(local));
        self.least.remove(&local);
    }

    /// What holds on both of two ways.
    pub(crate) fn meet(&self, other: &Facts) -> Facts {
        let mut facts = Facts::default();
        for (first, second) in [(self, other), (other, self)] {
            for (&value, bounds) in &first.upper {
                let others = second.all(value);
                for (&term, &number) in bounds {
                    if let Some(&also) = others.get(&term) {
                        facts.learn(value, term, number.max(also));
                    }
                }
            }
        }
        for (&local, &least) in &self.least {
            let least = least.min(other.least(local));
            if least > 0 {
                facts.least.insert(local, least);
            }
        }
        facts
    }

    /// Of these facts, those that hold also at the end of a loop's body. Repeated, that comes to an end: facts are only dropped.
    pub(crate) fn keep(&self, end: &Facts) -> Facts {
        let mut facts = Facts::default();
        for (&value, bounds) in &self.upper {
            let others = end.all(value);
            for (&term, &number) in bounds {
                if others.get(&term).is_some_and(|&also| also <= number) {
                    facts.learn(value, term, number);
                }
            }
        }
        for (&local, &least) in &self.least {
            if end.least(local) >= least {
                facts.least.insert(local, least);
            }
        }
        facts
    }
}
