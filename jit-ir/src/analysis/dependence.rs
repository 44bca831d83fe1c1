//! Dependences between accesses of one array: when do two of them reach the same element?
//!
//! An index such as `i * n + j` is taken apart into the subscripts of a matrix, row `i` and column `j`. That is right as long as all
//! columns that occur lie in a window of `n`: who relies on it checks that at run time ([`Subscripts`]). Subscripts are a symbol and a
//! number, `j + 1`, and the equations that two accesses make of them are solved by substitution: equal symbols at a distance. So the
//! strong SIV test, ZIV and what triangular domains exclude are one test here; what has no such form may depend.

use super::poly::{Poly, Symbol};

/// A symbol and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subscript {
    /// What it varies with; `None`: nothing.
    pub symbol: Option<Symbol>,
    /// What is added.
    pub offset: i128,
}

/// Where in an array an access goes. Two accesses whose rows or columns differ reach different elements, provided that the columns
/// of all accesses lie in a window as wide as a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subscripts {
    /// The factor of the row's length.
    pub row: Subscript,
    /// The rest.
    pub column: Subscript,
}

impl Subscript {
    fn of(poly: &Poly) -> Option<Subscript> {
        let mut subscript = Subscript {
            symbol: None,
            offset: 0,
        };
        for (symbols, factor) in poly.terms() {
            match symbols {
                [] => subscript.offset = factor,
                &[symbol] if factor == 1 && subscript.symbol.is_none() => {
                    subscript.symbol = Some(symbol);
                }
                _ => return None,
            }
        }
        Some(subscript)
    }
}

/// The most rows that a subscript is away from its symbol. Indices are known modulo 2⁶⁴ alone: rows at a great distance may be one row.
const MAX_ROW_OFFSET: i128 = 1 << 20;

impl Subscripts {
    /// Takes an index apart. The row's length is a product of symbols and a number other than 0; without one, all is column. `None` if it has not
    /// this form, or names a row far from its symbol.
    pub fn of(index: &Poly, row_length: Option<&Poly>) -> Option<Subscripts> {
        let mut row = Poly::default();
        let mut column = Poly::default();
        let length = match row_length {
            Some(length) => {
                let mut terms = length.terms();
                let (symbols, factor) = terms.next()?;
                if terms.next().is_some() {
                    return None;
                }
                Some((symbols.to_vec(), factor))
            }
            None => None,
        };
        for (symbols, factor) in index.terms() {
            let quotient = (length.as_ref())
                .and_then(|(length, divisor)| divide(symbols, factor, length, *divisor));
            let term = match &quotient {
                Some((symbols, factor)) => (&mut row, symbols.as_slice(), *factor),
                None => (&mut column, symbols, factor),
            };
            let mut product = Poly::constant(term.2);
            for &symbol in term.1 {
                product = product.mul(&symbol.into())?;
            }
            *term.0 = term.0.add(&product)?;
        }
        let row = Subscript::of(&row)?;
        if !(-MAX_ROW_OFFSET..=MAX_ROW_OFFSET).contains(&row.offset) {
            return None;
        }
        Some(Subscripts {
            row,
            column: Subscript::of(&column)?,
        })
    }
}

/// A term divided by another one, if nothing is left.
fn divide(
    symbols: &[Symbol],
    factor: i128,
    by: &[Symbol],
    divisor: i128,
) -> Option<(Vec<Symbol>, i128)> {
    if factor.checked_rem(divisor)? != 0 {
        return None;
    }
    let mut rest = symbols.to_vec();
    for symbol in by {
        let position = rest.iter().position(|other| other == symbol)?;
        rest.remove(position);
    }
    Some((rest, factor / divisor))
}

/// What is known of the iterations of a nest.
#[derive(Clone, Debug, Default)]
pub struct Domain {
    /// The induction variables: two accesses may happen in iterations that differ in them.
    pub vars: Vec<Symbol>,
    /// `first - second >= number`, in each iteration.
    pub at_least: Vec<(Symbol, Symbol, i128)>,
}

/// When two accesses, each in an iteration of its own, reach the same element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Never.
    Never,
    /// Only if these variables have the same value in both iterations (and perhaps not even then).
    Where(Vec<Symbol>),
}

impl Overlap {
    /// Whether there is none but where all these variables agree.
    pub fn needs_same(&self, vars: &[Symbol]) -> bool {
        match self {
            Overlap::Never => true,
            Overlap::Where(same) => vars.iter().all(|var| same.contains(var)),
        }
    }
}

/// Which iteration a symbol's value is of; invariant symbols have one value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    First,
    Second,
}

/// Classes of unknowns whose differences are known.
struct Solver<'d> {
    domain: &'d Domain,
    /// Each unknown with its class and its distance from it.
    unknowns: Vec<((Option<Symbol>, Side), usize, i128)>,
}

impl Solver<'_> {
    fn unknown(&mut self, symbol: Option<Symbol>, side: Side) -> usize {
        let varies = symbol.is_some_and(|symbol| self.domain.vars.contains(&symbol));
        let key = (symbol, if varies { side } else { Side::First });
        let known = self.unknowns.iter().position(|(other, ..)| *other == key);
        known.unwrap_or_else(|| {
            let index = self.unknowns.len();
            self.unknowns.push((key, index, 0));
            index
        })
    }

    /// `first - second`, if it is known.
    fn distance(&self, first: usize, second: usize) -> Option<i128> {
        let (_, class, distance) = self.unknowns[first];
        let (_, other_class, other) = self.unknowns[second];
        (class == other_class).then_some(distance - other)
    }

    /// Takes note that `first - second` is this. `None`: it is not.
    fn equate(&mut self, first: usize, second: usize, distance: i128) -> Option<()> {
        if let Some(known) = self.distance(first, second) {
            return (known == distance).then_some(());
        }
        let (_, class, first_distance) = self.unknowns[first];
        let (_, old, second_distance) = self.unknowns[second];
        let shift = first_distance - distance - second_distance;
        for (_, other, of_other) in &mut self.unknowns {
            if *other == old {
                *other = class;
                *of_other += shift;
            }
        }
        Some(())
    }
}

/// When two accesses reach the same element.
pub fn overlap(first: &Subscripts, second: &Subscripts, domain: &Domain) -> Overlap {
    let mut solver = Solver {
        domain,
        unknowns: Vec::new(),
    };
    for (a, b) in [(first.row, second.row), (first.column, second.column)] {
        let x = solver.unknown(a.symbol, Side::First);
        let y = solver.unknown(b.symbol, Side::Second);
        if solver.equate(x, y, b.offset - a.offset).is_none() {
            return Overlap::Never;
        }
    }
    // What the domain says of the classes: `first - second >= number`.
    let mut bounds: Vec<(usize, usize, i128)> = Vec::new();
    for &(greater, less, number) in &domain.at_least {
        for side in [Side::First, Side::Second] {
            let x = solver.unknown(Some(greater), side);
            let y = solver.unknown(Some(less), side);
            let ((_, first, of_x), (_, second, of_y)) = (solver.unknowns[x], solver.unknowns[y]);
            bounds.push((first, second, number - of_x + of_y));
        }
    }
    let contradicts = |&(first, second, number): &(usize, usize, i128)| {
        let back = |&&(a, b, _): &&(usize, usize, i128)| (a, b) == (second, first);
        let mut back = bounds.iter().filter(back);
        (first == second && number > 0) || back.any(|(_, _, other)| number + other > 0)
    };
    if bounds.iter().any(contradicts) {
        return Overlap::Never;
    }
    let same = domain.vars.iter().copied().filter(|&var| {
        let x = solver.unknown(Some(var), Side::First);
        let y = solver.unknown(Some(var), Side::Second);
        solver.distance(x, y) == Some(0)
    });
    Overlap::Where(same.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::poly::{Interval, Path, SymbolKind, Symbols};
    use crate::arena::Handle;

    /// The symbols i, j, k, n.
    fn symbols() -> [Symbol; 4] {
        let mut all = Symbols::default();
        [0, 1, 2, 3].map(|index| {
            let local = Handle::from_index(index);
            let steps = Vec::new();
            let kind = SymbolKind::Value(Path { local, steps });
            all.symbol(kind, Interval::new(0, i128::from(u64::MAX)))
        })
    }

    fn at(row: Symbol, column: Symbol) -> Subscripts {
        let n = Poly::from(symbols()[3]);
        let index = Poly::from(row).mul(&n).unwrap();
        let index = index.add(&column.into()).unwrap();
        let subscripts = Subscripts::of(&index, Some(&n)).unwrap();
        assert_eq!(
            (subscripts.row.symbol, subscripts.column.symbol),
            (Some(row), Some(column))
        );
        subscripts
    }

    /// `(i + 2^54) * 1024` is `i * 1024` in 64 bits.
    #[test]
    fn far_rows_are_not_told_apart() {
        let i = Poly::from(symbols()[0]);
        let length = Poly::constant(1024);
        let of = |offset| {
            let row = i.add(&Poly::constant(offset)).unwrap();
            Subscripts::of(&row.mul(&length).unwrap(), Some(&length))
        };
        assert_eq!(of(3).unwrap().row.offset, 3);
        assert_eq!(of(1 << 54), None);
        assert_eq!(of(-(1 << 54)), None);
    }

    #[test]
    fn an_element_of_its_own_for_each_iteration() {
        let [i, j, k, _] = symbols();
        let domain = Domain {
            vars: vec![i, j],
            at_least: Vec::new(),
        };
        assert!(overlap(&at(i, j), &at(i, j), &domain).needs_same(&[i, j]));
        // a[i, k] is overwritten where j is k; a[k, j] where i is.
        assert_eq!(
            overlap(&at(i, j), &at(i, k), &domain),
            Overlap::Where(vec![i])
        );
        assert_eq!(
            overlap(&at(i, j), &at(k, j), &domain),
            Overlap::Where(vec![j])
        );
        assert_eq!(
            overlap(&at(i, j), &at(j, i), &domain),
            Overlap::Where(vec![])
        );
    }

    #[test]
    fn domains_exclude() {
        let [i, j, k, _] = symbols();
        // for i in k + 1..n, for j in k + 1..n
        let below = Domain {
            vars: vec![i, j],
            at_least: vec![(i, k, 1), (j, k, 1)],
        };
        assert_eq!(overlap(&at(i, j), &at(i, k), &below), Overlap::Never);
        assert_eq!(overlap(&at(i, j), &at(k, j), &below), Overlap::Never);
        // for j in i + 1..n
        let triangle = Domain {
            vars: vec![i, j],
            at_least: vec![(j, i, 1)],
        };
        assert_eq!(overlap(&at(i, j), &at(j, i), &triangle), Overlap::Never);
        assert_eq!(overlap(&at(i, i), &at(i, j), &triangle), Overlap::Never);
        assert_eq!(overlap(&at(i, i), &at(j, i), &triangle), Overlap::Never);
    }

    #[test]
    fn numbers() {
        let [i, j, _, n] = symbols();
        let n = Poly::from(n);
        let domain = Domain {
            vars: vec![i, j],
            at_least: Vec::new(),
        };
        let offset = |poly: Poly, number| Subscripts::of(&poly.plus(number).unwrap(), Some(&n));
        let row = Poly::from(i).mul(&n).unwrap();
        let (even, odd) = (
            offset(row.clone(), 0).unwrap(),
            offset(row.clone(), 1).unwrap(),
        );
        assert_eq!(overlap(&even, &odd, &domain), Overlap::Never);
        // Twice the column is no such subscript.
        let twice = row.add(&Poly::from(j).scale(2).unwrap()).unwrap();
        assert_eq!(Subscripts::of(&twice, Some(&n)), None);
        // (i + 1) * n + j
        let next = offset(row.add(&n).unwrap().add(&j.into()).unwrap(), 0).unwrap();
        assert_eq!((next.row.offset, next.column.offset), (1, 0));
    }
}
