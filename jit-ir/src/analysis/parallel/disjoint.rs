//! Whether two accesses, each in an iteration of its own, reach different elements.
//!
//! An index agrees with its polynomial modulo 2⁶⁴, and one that is no element traps before the access. Lengths are below 2⁶³, so where the
//! polynomial is in `-2⁶³..2⁶⁴` it is the element's very number. That is the first thing to show of each access, the *window*. Then any of
//! these will do, and each may leave conditions on what does not change in the loop:
//!
//! - what all elements have modulo a number differs (`a[2 * i]`, `a[2 * i + 1]`);
//! - a later iteration's elements are all behind, or all before, those of an earlier one (`a[i * n + j]`, with `j` in `0..n`);
//! - the same for the rows or for the columns, where an index is a row times its length and a column, and columns are in a
//!   window as wide as a row;
//! - all elements of one access are before those of the other.
//!
//! # Source
//!
//! Blume and Eigenmann: The range test: a dependence test for symbolic, non-linear expressions, Supercomputing 1994.

use super::accesses::{Access, Extent, Step};
use crate::analysis::poly::{Poly, Symbol, SymbolKind, Symbols};
use crate::analysis::prove::{Conditions, Context, Other, Renaming, add_all};

/// The loop: its variable, and by how much it differs between two iterations at least.
pub(super) struct Iterations {
    pub(super) var: Symbol,
    pub(super) step: Poly,
}

/// Conditions under which two accesses of one array in different iterations reach different elements. `None`: it cannot be shown.
pub(super) fn disjoint(
    symbols: &mut Symbols,
    iterations: &Iterations,
    a: &Access,
    b: &Access,
) -> Option<Conditions> {
    let mut best: Option<Conditions> = None;
    for (left, right) in a.steps.iter().zip(&b.steps) {
        match (left, right) {
            (Step::Field(left), Step::Field(right)) => {
                if left != right {
                    return Some(Vec::new());
                }
            }
            (Step::Element(left), Step::Element(right)) => {
                for left in left {
                    for right in right {
                        let pair = Pair {
                            iterations,
                            a,
                            b,
                            left,
                            right,
                        };
                        match pair.disjoint(symbols) {
                            Some(conditions) if conditions.is_empty() => return Some(conditions),
                            Some(conditions) => keep_shorter(&mut best, conditions),
                            None => {}
                        }
                    }
                }
            }
            // Not the same types: it cannot be.
            (Step::Field(_), Step::Element(_)) | (Step::Element(_), Step::Field(_)) => return None,
        }
    }
    best
}

/// Conditions that are likely to hold come first, then fewer of them.
fn keep_shorter(best: &mut Option<Conditions>, conditions: Conditions) {
    let cost = |conditions: &Conditions| {
        let doubtful = conditions.iter().filter(|claim| !is_likely(claim)).count();
        (doubtful, conditions.len())
    };
    if (best.as_ref()).is_none_or(|known| cost(&conditions) < cost(known)) {
        *best = Some(conditions);
    }
}

/// Whether a condition holds where all sizes are the same and not small.
fn is_likely(claim: &Poly) -> bool {
    claim.evaluate(|_| 1000).is_some_and(|value| value >= 0)
}

/// No size that is worth a thread.
const SMALL: i128 = 16;

/// Whether a condition holds for small sizes only, if at all: that some loop hardly runs is no reason to run another in parallel.
pub(super) fn is_hopeless(claim: &Poly) -> bool {
    let degree = claim.degree();
    if degree == 0 || claim.constant_term() >= SMALL {
        return false;
    }
    let mut leading = claim.terms().filter(|(product, _)| product.len() == degree);
    leading.all(|(_, factor)| factor < 0)
}

/// A proof, unless one of its conditions cannot hold in practice.
fn hopeful(symbols: &Symbols, context: &Context, claim: &Poly) -> Option<Conditions> {
    let conditions = context.prove(symbols, claim)?;
    let useless = |claim: &Poly| is_hopeless(claim) || context.is_false(symbols, claim);
    (!conditions.iter().any(useless)).then_some(conditions)
}

/// Elements of one array in two iterations.
struct Pair<'p> {
    iterations: &'p Iterations,
    a: &'p Access,
    b: &'p Access,
    left: &'p Extent,
    right: &'p Extent,
}

/// Two polynomials each in its iteration, the second's symbols renamed.
struct Both {
    context: Context,
    left: Extent,
    right: Extent,
}

impl Pair<'_> {
    fn disjoint(&self, symbols: &mut Symbols) -> Option<Conditions> {
        let mut conditions = window(symbols, &self.a.context, self.left)?;
        add_all(
            &mut conditions,
            window(symbols, &self.b.context, self.right)?,
        );
        let mut best = None;
        let more = self.by_remainder(symbols);
        if more.is_some() {
            return Some(conditions);
        }
        for test in [Self::in_order, Self::apart, Self::by_rows] {
            match test(self, symbols) {
                Some(more) if more.is_empty() => return Some(conditions),
                Some(more) => keep_shorter(&mut best, more),
                None => {}
            }
        }
        add_all(&mut conditions, best?);
        Some(conditions)
    }

    /// The pair with the second access in another iteration, and, if not `forward`, the first one in that.
    fn both(&self, symbols: &mut Symbols, other: &Other, forward: bool) -> Option<Both> {
        let (first, second) = match forward {
            true => (&self.a.context, &self.b.context),
            false => (&self.b.context, &self.a.context),
        };
        let (mut context, renaming) = Context::pair(symbols, first, second, other)?;
        let rename = |extent: &Extent, renaming: &Renaming| {
            Some(Extent {
                first: renaming.apply(&extent.first)?,
                last: renaming.apply(&extent.last)?,
                requires: extent.requires.clone(),
            })
        };
        let (left, right) = match forward {
            true => (self.left.clone(), rename(self.right, &renaming)?),
            false => (rename(self.left, &renaming)?, self.right.clone()),
        };
        for poly in [&left.first, &left.last, &right.first, &right.last] {
            context.learn_quotients(symbols, poly);
        }
        Some(Both {
            context,
            left,
            right,
        })
    }

    /// No number is an element of both, since they differ modulo a number.
    fn by_remainder(&self, symbols: &mut Symbols) -> Option<()> {
        if self.left.first != self.left.last || self.right.first != self.right.last {
            return None;
        }
        let both = self.both(symbols, &Other::Any, true)?;
        let difference = both.left.first.sub(&both.right.first)?;
        let mut divisor = 0u128;
        for (product, factor) in difference.terms() {
            if !product.is_empty() {
                divisor = gcd(divisor, factor.unsigned_abs());
            }
        }
        let number = difference.constant_term().unsigned_abs();
        (divisor > 1 && number % divisor != 0).then_some(())
    }

    /// Elements of a later iteration are behind those of an earlier one, or before them, whichever of both is the later.
    fn in_order(&self, symbols: &mut Symbols) -> Option<Conditions> {
        let later = Other::Later(self.iterations.step.clone());
        let mut conditions = self.ordered(symbols, &later, true)?;
        add_all(&mut conditions, self.ordered(symbols, &later, false)?);
        Some(conditions)
    }

    /// All elements of one are before all of the other.
    fn apart(&self, symbols: &mut Symbols) -> Option<Conditions> {
        self.ordered(symbols, &Other::Any, true)
    }

    fn ordered(&self, symbols: &mut Symbols, other: &Other, forward: bool) -> Option<Conditions> {
        let both = self.both(symbols, other, forward)?;
        let mut all = one_before_the_other(symbols, &both)?;
        add_all(&mut all, both.left.requires);
        add_all(&mut all, both.right.requires);
        Some(all)
    }

    /// The same of rows or of columns.
    fn by_rows(&self, symbols: &mut Symbols) -> Option<Conditions> {
        // What is between two elements may be in other rows.
        if self.left.first != self.left.last || self.right.first != self.right.last {
            return None;
        }
        let mut best = None;
        for length in self.row_lengths(symbols) {
            let Some(((left_row, left), (right_row, right))) =
                (split(self.left, &length)).zip(split(self.right, &length))
            else {
                continue;
            };
            let rows = Pair {
                left: &left_row,
                right: &right_row,
                ..*self
            };
            let columns = Pair {
                left: &left,
                right: &right,
                ..*self
            };
            let Some(conditions) = columns.within(symbols, &length) else {
                continue;
            };
            let Some(more) = rows.in_order_either(symbols, &columns) else {
                continue;
            };
            let mut conditions = conditions;
            add_all(&mut conditions, more);
            add_all(&mut conditions, self.left.requires.clone());
            add_all(&mut conditions, self.right.requires.clone());
            if conditions.is_empty() {
                return Some(conditions);
            }
            keep_shorter(&mut best, conditions);
        }
        best
    }

    /// That columns of both differ by less than a row's length, in whatever iterations.
    fn within(&self, symbols: &mut Symbols, length: &Poly) -> Option<Conditions> {
        let both = self.both(symbols, &Other::Any, true)?;
        let mut conditions = both.context.prove(symbols, &length.plus(-1)?)?;
        for (high, low) in [
            (&both.left.last, &both.right.first),
            (&both.right.last, &both.left.first),
        ] {
            let claim = length.plus(-1)?.sub(&high.sub(low)?)?;
            add_all(&mut conditions, hopeful(symbols, &both.context, &claim)?);
        }
        Some(conditions)
    }

    /// That rows or columns differ, whichever access is in the later iteration.
    fn in_order_either(&self, symbols: &mut Symbols, columns: &Pair<'_>) -> Option<Conditions> {
        let later = Other::Later(self.iterations.step.clone());
        let mut all = Vec::new();
        for forward in [true, false] {
            let by_rows = self.ordered(symbols, &later, forward);
            let by_columns = match &by_rows {
                Some(conditions) if conditions.is_empty() => None,
                _ => columns.ordered(symbols, &later, forward),
            };
            add_all(
                &mut all,
                match (by_rows, by_columns) {
                    (Some(rows), Some(columns)) if columns.len() < rows.len() => columns,
                    (Some(rows), _) => rows,
                    (None, columns) => columns?,
                },
            );
        }
        Some(all)
    }

    /// What may be the length of a row: products that do not change, by which a variable is multiplied.
    fn row_lengths(&self, symbols: &Symbols) -> Vec<Poly> {
        let mut lengths = Vec::new();
        for poly in [&self.left.first, &self.right.first] {
            for (product, factor) in poly.terms() {
                let varies = |symbol: &&Symbol| self.varies(symbols, **symbol);
                let fixed: Vec<Symbol> = product.iter().filter(|s| !varies(s)).copied().collect();
                if fixed.len() == product.len() || factor <= 0 {
                    continue;
                }
                let mut length = Some(Poly::constant(if fixed.is_empty() { factor } else { 1 }));
                for symbol in fixed {
                    length = length.and_then(|length| length.mul(&symbol.into()));
                }
                if let Some(length) = length
                    && length != Poly::constant(1)
                    && !lengths.contains(&length)
                {
                    lengths.push(length);
                }
            }
        }
        lengths
    }

    fn varies(&self, symbols: &Symbols, symbol: Symbol) -> bool {
        symbol == self.iterations.var
            || self.a.context.has_var(symbol)
            || self.b.context.has_var(symbol)
            || matches!(symbols.kind(symbol), SymbolKind::Instance(..))
    }
}

/// Conditions under which the elements of one are all before those of the other.
fn one_before_the_other(symbols: &Symbols, both: &Both) -> Option<Conditions> {
    let mut best = None;
    for (high, low) in [
        (&both.right.first, &both.left.last),
        (&both.left.first, &both.right.last),
    ] {
        let claim = high.sub(low).and_then(|gap| gap.plus(-1));
        let proof = claim.and_then(|claim| hopeful(symbols, &both.context, &claim));
        match proof {
            Some(conditions) if conditions.is_empty() => return Some(conditions),
            // Behind the end of the whole there is nothing: that would be conditions under which one of them does not happen.
            Some(_) if is_end(symbols, low) => {}
            Some(conditions) => keep_shorter(&mut best, conditions),
            None => {}
        }
    }
    best
}

/// Whether this is the position of the last element of a slice.
fn is_end(symbols: &Symbols, last: &Poly) -> bool {
    let Some(behind) = last.plus(1) else {
        return false;
    };
    let mut terms = behind.terms();
    match (terms.next(), terms.next()) {
        (Some(([symbol], 1)), None) => matches!(symbols.kind(*symbol), SymbolKind::Len(_)),
        _ => false,
    }
}

/// That indices are their polynomials, if they are indices of elements.
fn window(symbols: &Symbols, context: &Context, extent: &Extent) -> Option<Conditions> {
    let mut context = context.clone();
    context.learn_quotients(symbols, &extent.first);
    context.learn_quotients(symbols, &extent.last);
    let mut conditions = extent.requires.clone();
    for poly in [&extent.first, &extent.last] {
        let above = poly.plus(1 << 63)?;
        let below = Poly::constant((1 << 64) - 1).sub(poly)?;
        add_all(&mut conditions, context.prove(symbols, &above)?);
        add_all(&mut conditions, context.prove(symbols, &below)?);
        if extent.first == extent.last {
            break;
        }
    }
    Some(conditions)
}

/// Rows and columns of elements: `index = row * length + column`.
fn split(extent: &Extent, length: &Poly) -> Option<(Extent, Extent)> {
    let mut terms = length.terms();
    let ((by, divisor), None) = (terms.next()?, terms.next()) else {
        return None;
    };
    let part = |poly: &Poly| {
        let (mut row, mut column) = (Poly::default(), Poly::default());
        for (product, factor) in poly.terms() {
            let mut rest = product.to_vec();
            let divides = factor % divisor == 0
                && by.iter().all(|symbol| {
                    let at = rest.iter().position(|other| other == symbol);
                    at.map(|at| rest.remove(at)).is_some()
                });
            let (to, rest, factor) = match divides {
                true => (&mut row, rest, factor / divisor),
                false => (&mut column, product.to_vec(), factor),
            };
            let mut term = Poly::constant(factor);
            for symbol in rest {
                term = term.mul(&symbol.into())?;
            }
            *to = to.add(&term)?;
        }
        Some((row, column))
    };
    let (first_row, first) = part(&extent.first)?;
    let (last_row, last) = part(&extent.last)?;
    let requires = Vec::new();
    let rows = Extent {
        first: first_row,
        last: last_row,
        requires: requires.clone(),
    };
    let columns = Extent {
        first,
        last,
        requires,
    };
    Some((rows, columns))
}

fn gcd(a: u128, b: u128) -> u128 {
    match b {
        0 => a,
        b => gcd(b, a % b),
    }
}
