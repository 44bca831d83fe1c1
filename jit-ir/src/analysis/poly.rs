//! Polynomials with exact integer coefficients over symbols: the form in which passes read indices, bounds and lengths.

use std::collections::BTreeMap;

use crate::func::LocalId;

/// A polynomial of more terms is not worth the time.
const MAX_TERMS: usize = 48;
/// Nor is one of a higher degree.
const MAX_DEGREE: usize = 6;

/// An unknown integer of a [`Poly`]; what it stands for is in its [`Symbols`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

/// A step from a local to a part of it that involves no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A field of a tuple or struct.
    Field(u32),
    /// What a reference points to.
    Deref,
}

/// A local, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path {
    /// Where it starts.
    pub local: LocalId,
    /// The way from there.
    pub steps: Vec<Step>,
}

/// What a symbol stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    /// The integer at a path: a local that does not change in the region, or an induction variable.
    Value(Path),
    /// The length of the slice at a path.
    Len(Path),
    /// The dividend, which is not negative, over a positive constant, rounded down.
    Quotient(Poly, i128),
    /// The less of two.
    Min(Poly, Poly),
    /// The greater of two.
    Max(Poly, Poly),
    /// What a symbol that varies is in another iteration; the number says in which of those that are looked at.
    Instance(Symbol, u32),
}

/// The symbols of an analysis. Each kind has one symbol.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    all: Vec<(SymbolKind, Interval)>,
}

/// Integers from `lo` to `hi`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The least.
    pub lo: i128,
    /// The greatest.
    pub hi: i128,
}

impl Interval {
    /// These two and what is between them.
    pub const fn new(lo: i128, hi: i128) -> Self {
        Interval { lo, hi }
    }

    fn add(self, other: Interval) -> Option<Interval> {
        Some(Interval {
            lo: self.lo.checked_add(other.lo)?,
            hi: self.hi.checked_add(other.hi)?,
        })
    }

    fn mul(self, other: Interval) -> Option<Interval> {
        let mut ends = [0; 4];
        let pairs = [
            (self.lo, other.lo),
            (self.lo, other.hi),
            (self.hi, other.lo),
            (self.hi, other.hi),
        ];
        for (end, (a, b)) in ends.iter_mut().zip(pairs) {
            *end = a.checked_mul(b)?;
        }
        Some(Interval {
            lo: ends.into_iter().min()?,
            hi: ends.into_iter().max()?,
        })
    }
}

impl Symbols {
    /// The symbol of this kind, whose value is in the interval.
    pub fn symbol(&mut self, kind: SymbolKind, range: Interval) -> Symbol {
        let known = self.all.iter().position(|(known, _)| *known == kind);
        let index = known.unwrap_or_else(|| {
            self.all.push((kind, range));
            self.all.len() - 1
        });
        Symbol(index as u32)
    }

    /// The symbol of this kind, if there is one.
    pub fn find(&self, kind: &SymbolKind) -> Option<Symbol> {
        let index = self.all.iter().position(|(known, _)| known == kind)?;
        Some(Symbol(index as u32))
    }

    /// The symbol of an induction variable or another scalar local, if it has one.
    pub fn find_local(&self, local: LocalId) -> Option<Symbol> {
        let steps = Vec::new();
        self.find(&SymbolKind::Value(Path { local, steps }))
    }

    /// What a symbol stands for.
    pub fn kind(&self, symbol: Symbol) -> &SymbolKind {
        &self.all[symbol.0 as usize].0
    }

    /// The local whose value it is, if it is one's.
    pub fn local(&self, symbol: Symbol) -> Option<LocalId> {
        match self.kind(symbol) {
            SymbolKind::Value(path) if path.steps.is_empty() => Some(path.local),
            _ => None,
        }
    }

    /// Where its value is for sure.
    pub fn range(&self, symbol: Symbol) -> Interval {
        self.all[symbol.0 as usize].1
    }

    /// Where the value of a polynomial is for sure, each term taken for itself. `None`: far away.
    pub fn range_of(&self, poly: &Poly) -> Option<Interval> {
        let mut sum = Interval::new(0, 0);
        for (symbols, factor) in &poly.terms {
            let mut term = Interval::new(*factor, *factor);
            for &symbol in symbols {
                term = term.mul(self.range(symbol))?;
            }
            sum = sum.add(term)?;
        }
        Some(sum)
    }
}

/// A sum of products of symbols, each with a factor that is not 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Poly {
    /// The symbols of each term are sorted; a symbol occurs as often as its power says.
    terms: BTreeMap<Vec<Symbol>, i128>,
}

impl From<Symbol> for Poly {
    fn from(symbol: Symbol) -> Poly {
        Poly {
            terms: BTreeMap::from([(vec![symbol], 1)]),
        }
    }
}

impl Poly {
    /// A number.
    pub fn constant(value: i128) -> Poly {
        let mut terms = BTreeMap::new();
        if value != 0 {
            terms.insert(Vec::new(), value);
        }
        Poly { terms }
    }

    /// The terms: the symbols of a product, sorted and repeated as their powers say, and its factor, which is not 0.
    pub fn terms(&self) -> impl ExactSizeIterator<Item = (&[Symbol], i128)> {
        self.terms.iter().map(|(key, value)| (&key[..], *value))
    }

    /// The term without symbols.
    pub fn constant_term(&self) -> i128 {
        self.terms.get(&Vec::new()).copied().unwrap_or(0)
    }

    /// Its value, if it has no symbols.
    pub fn as_constant(&self) -> Option<i128> {
        match self.terms.len() {
            0 => Some(0),
            1 => self.terms.get(&Vec::new()).copied(),
            _ => None,
        }
    }

    /// Every symbol in it, once.
    pub fn symbols(&self) -> Vec<Symbol> {
        let mut all: Vec<_> = self.terms.keys().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether the symbol occurs.
    pub fn contains(&self, symbol: Symbol) -> bool {
        self.terms.keys().any(|key| key.contains(&symbol))
    }

    /// The greatest number of symbols in a term.
    pub fn degree(&self) -> usize {
        self.terms.keys().map(Vec::len).max().unwrap_or(0)
    }

    fn insert(&mut self, key: Vec<Symbol>, factor: i128) -> Option<()> {
        let sum = self.terms.get(&key).unwrap_or(&0).checked_add(factor)?;
        if sum == 0 {
            self.terms.remove(&key);
        } else {
            self.terms.insert(key, sum);
        }
        (self.terms.len() <= MAX_TERMS).then_some(())
    }

    /// The sum. `None`, here and below, if the result is too large for this form.
    pub fn add(&self, other: &Poly) -> Option<Poly> {
        let mut sum = self.clone();
        for (key, factor) in &other.terms {
            sum.insert(key.clone(), *factor)?;
        }
        Some(sum)
    }

    /// The difference.
    pub fn sub(&self, other: &Poly) -> Option<Poly> {
        let mut sum = self.clone();
        for (key, factor) in &other.terms {
            sum.insert(key.clone(), factor.checked_neg()?)?;
        }
        Some(sum)
    }

    /// The sum with a number.
    pub fn plus(&self, number: i128) -> Option<Poly> {
        let mut sum = self.clone();
        sum.insert(Vec::new(), number)?;
        Some(sum)
    }

    /// The product with a number.
    pub fn scale(&self, number: i128) -> Option<Poly> {
        self.mul(&Poly::constant(number))
    }

    /// The product.
    pub fn mul(&self, other: &Poly) -> Option<Poly> {
        let mut product = Poly::default();
        for (left, a) in &self.terms {
            for (right, b) in &other.terms {
                if left.len() + right.len() > MAX_DEGREE {
                    return None;
                }
                let mut key = [&left[..], &right[..]].concat();
                key.sort_unstable();
                product.insert(key, a.checked_mul(*b)?)?;
            }
        }
        Some(product)
    }

    /// This as a polynomial in one symbol: the factor of each of its powers, from 0.
    pub fn powers(&self, symbol: Symbol) -> Vec<Poly> {
        let mut powers = vec![Poly::default()];
        for (key, factor) in &self.terms {
            let power = key.iter().filter(|&&other| other == symbol).count();
            if powers.len() <= power {
                powers.resize(power + 1, Poly::default());
            }
            let rest = key.iter().copied().filter(|&other| other != symbol);
            // Terms differ in the rest or the power, so that nothing is added up.
            powers[power].terms.insert(rest.collect(), *factor);
        }
        powers
    }

    /// `factor * symbol + rest`, if the symbol occurs at most so.
    pub fn linear_in(&self, symbol: Symbol) -> Option<(Poly, Poly)> {
        let mut powers = self.powers(symbol).into_iter();
        let (rest, factor) = (powers.next()?, powers.next().unwrap_or_default());
        powers.next().is_none().then_some((factor, rest))
    }

    /// This with another polynomial for a symbol.
    pub fn substitute(&self, symbol: Symbol, value: &Poly) -> Option<Poly> {
        let mut sum = Poly::default();
        let mut power = Poly::constant(1);
        for (exponent, factor) in self.powers(symbol).iter().enumerate() {
            if exponent > 0 {
                power = power.mul(value)?;
            }
            sum = sum.add(&factor.mul(&power)?)?;
        }
        Some(sum)
    }

    /// The value, where that of each symbol is known. `None` also if it is no `i128`.
    pub fn evaluate(&self, value_of: impl Fn(Symbol) -> i128) -> Option<i128> {
        let mut sum = 0i128;
        for (key, factor) in &self.terms {
            let mut term = *factor;
            for &symbol in key {
                term = term.checked_mul(value_of(symbol))?;
            }
            sum = sum.checked_add(term)?;
        }
        Some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(count: u32) -> Vec<Poly> {
        (0..count).map(|index| Symbol(index).into()).collect()
    }

    #[test]
    fn arithmetic_is_that_of_polynomials() {
        let s = symbols(3);
        let (i, n, j) = (&s[0], &s[1], &s[2]);
        // (i + 1) * n + j - (n + j) = i * n
        let row = i.plus(1).unwrap().mul(n).unwrap();
        let index = row.add(j).unwrap();
        let rest = index.sub(&n.add(j).unwrap()).unwrap();
        assert_eq!(rest, i.mul(n).unwrap());
        assert_eq!(rest.degree(), 2);
        let (factor, rest) = index.linear_in(Symbol(0)).unwrap();
        assert_eq!((&factor, rest), (n, n.add(j).unwrap()));
        // i := n - 1 gives n * n + j
        let last = n.plus(-1).unwrap();
        let at_last = index.substitute(Symbol(0), &last).unwrap();
        assert_eq!(at_last, n.mul(n).unwrap().add(j).unwrap());
        let values = [7, 10, 3];
        let value = |symbol: Symbol| values[symbol.0 as usize];
        assert_eq!(index.evaluate(value), Some(83));
        assert_eq!(index.sub(&index), Some(Poly::default()));
    }

    #[test]
    fn nothing_overflows() {
        let s = symbols(1);
        let huge = s[0].scale(i128::MAX).unwrap();
        assert_eq!(huge.add(&huge), None);
        assert_eq!(huge.mul(&huge), None);
        assert_eq!(huge.evaluate(|_| 2), None);
        let power =
            |count: usize| (0..count).try_fold(Poly::constant(1), |product, _| product.mul(&s[0]));
        assert!(power(MAX_DEGREE).is_some());
        assert_eq!(power(MAX_DEGREE + 1), None);
    }
}
