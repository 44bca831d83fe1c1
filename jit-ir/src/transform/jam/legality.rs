//! Whether iterations of a loop may run side by side.

use std::collections::HashMap;

use super::reader::{Access, Part, Reader};
use super::scalars::for_each_local;
use super::{Shape, is_plain};
use crate::analysis::dependence::{Subscript, Subscripts};
use crate::analysis::differences::{AtLeast, Differences, Unknown};
use crate::analysis::effects::Effects;
use crate::analysis::poly::{Poly, Step, Symbol, SymbolKind};
use crate::expr::{ExprId, Place, Projection};
use crate::func::{Function, LocalId};
use crate::stmt::{Block, Loop, StmtKind};
use crate::transform::nest::Known;
use crate::ty::Ty;

/// A number times values.
pub(in crate::transform) type Length = (u64, Vec<Known>);

/// What must hold for indices to be rows and columns.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::transform) enum Condition {
    /// A value is far from where anything wraps.
    Small(Known),
    /// So is the length of a row.
    SmallProduct(Length),
    /// A value is no less than this.
    AtLeast(Known, u64),
    /// `top + add <= length`: the columns of an access, which are below `top + add`, are in a row.
    Within {
        top: Option<Known>,
        add: i128,
        length: Length,
    },
}

/// The block of iterations begins here.
const BASE: Unknown = Unknown::Other(0);

/// Subscripts with more added are not understood.
const MAX_OFFSET: i128 = 1 << 20;

/// Whether blocks of so many iterations may be jammed, and under which conditions.
pub(super) fn check(
    func: &Function,
    outer: &Loop,
    position: usize,
    effects: &Effects,
    rows: u64,
) -> Option<(Shape, Vec<Condition>)> {
    let StmtKind::For(inner) = &outer.body.stmts.get(position)?.kind else {
        return None;
    };
    let mut reader = Reader::new(func, effects);
    let var = reader.read(outer, position)?;
    let shape = shape(&mut reader, outer, inner, effects)?;
    // What is in front of the inner loop runs again in front of its near part.
    let before = |access: &Access| access.part == Part::Before;
    if shape != Shape::Same && reader.accesses.iter().any(before) {
        return None;
    }
    let lengths = row_lengths(&reader)?;
    let subscripts = subscripts_of(&reader, &lengths)?;
    let inner_var = reader.scope.var(inner)?;
    let meeting = Meeting {
        reader: &reader,
        var,
        inner: inner_var,
        rows: i128::from(rows),
        shape,
    };
    for (first, at) in reader.accesses.iter().zip(&subscripts) {
        for (second, other) in reader.accesses.iter().zip(&subscripts) {
            if first.slice == second.slice
                && (first.write || second.write)
                && meeting.may_happen((first, at), (second, other))
            {
                return None;
            }
        }
    }
    let conditions = conditions(&reader, var, &subscripts, &lengths)?;
    Some((shape, conditions))
}

/// Whether the iterations of two loops, the second of which is the last statement of the first, may run in any order in which those with the same row and
/// those with the same column stay in order, and under which conditions. The bounds of the second loop are the same for all rows, and what is
/// in front of it reads no element that is stored to.
pub(in crate::transform) fn interchange(
    func: &Function,
    outer: &Loop,
    effects: &Effects,
) -> Option<Vec<Condition>> {
    let position = outer.body.stmts.len().checked_sub(1)?;
    let StmtKind::For(inner) = &outer.body.stmts.get(position)?.kind else {
        return None;
    };
    let mut reader = Reader::new(func, effects);
    let var = reader.read(outer, position)?;
    if shape(&mut reader, outer, inner, effects)? != Shape::Same
        || (reader.accesses.iter()).any(|access| access.part != Part::Inner || access.loops != 2)
    {
        return None;
    }
    let lengths = row_lengths(&reader)?;
    let subscripts = subscripts_of(&reader, &lengths)?;
    let inner_var = reader.scope.var(inner)?;
    let meeting = Meeting {
        reader: &reader,
        var,
        inner: inner_var,
        rows: 0,
        shape: Shape::Same,
    };
    for (first, at) in reader.accesses.iter().zip(&subscripts) {
        for (second, other) in reader.accesses.iter().zip(&subscripts) {
            if first.slice == second.slice
                && (first.write || second.write)
                && meeting.has_solution((first, at), (second, other), Order::Swapped)
            {
                return None;
            }
        }
    }
    conditions(&reader, var, &subscripts, &lengths)
}

/// The rows and columns of all accesses.
pub(super) fn subscripts_of(
    reader: &Reader<'_>,
    lengths: &HashMap<LocalId, Poly>,
) -> Option<Vec<Subscripts>> {
    let of = |access: &Access| {
        let subscripts = Subscripts::of(&access.index, lengths.get(&access.slice))?;
        let far = |part: Subscript| part.offset.abs() > MAX_OFFSET;
        (!far(subscripts.row) && !far(subscripts.column)).then_some(subscripts)
    };
    reader.accesses.iter().map(of).collect()
}

/// Which part of the inner loop all iterations have. Loops inside of it have the same range for all.
fn shape(reader: &mut Reader<'_>, outer: &Loop, inner: &Loop, effects: &Effects) -> Option<Shape> {
    let func = reader.func;
    let varies = |bound: ExprId| {
        let mut varies = false;
        for_each_local(func, bound, &mut |local| {
            varies |= local == outer.var || effects.assigned.contains(&local);
        });
        varies
    };
    fn inside(block: &Block, varies: &dyn Fn(ExprId) -> bool) -> bool {
        block.stmts.iter().any(|stmt| match &stmt.kind {
            StmtKind::For(inner) => {
                [inner.start, inner.end, inner.step].into_iter().any(varies)
                    || inside(&inner.body, varies)
            }
            _ => false,
        })
    }
    if varies(inner.start) || varies(inner.step) || inside(&inner.body, &varies) {
        return None;
    }
    if !varies(inner.end) {
        return Some(Shape::Same);
    }
    let same_type =
        func.locals.get(outer.var)?.ty == Ty::USIZE && func.locals.get(inner.var)?.ty == Ty::USIZE;
    let mut direct = true;
    for_each_local(func, inner.end, &mut |local| {
        direct &= !effects.assigned.contains(&local);
    });
    let (symbol, number) = reader.simple(inner.end)?;
    let diagonal = symbol.is_some() && symbol == reader.scope.symbols.find_local(outer.var);
    (diagonal && same_type && direct && is_plain(func, inner)).then_some(Shape::ToDiagonal(number))
}

/// The length of a row of each slice that is stored to: the factor of a variable in an index. Vectors have none.
pub(super) fn row_lengths(reader: &Reader<'_>) -> Option<HashMap<LocalId, Poly>> {
    let mut lengths: HashMap<LocalId, Poly> = HashMap::new();
    // `i * n + i` has the factor `n + 1`, which is taken for the length of a row only where nothing else is known.
    for diagonals in [false, true] {
        for access in &reader.accesses {
            for &var in &reader.vars {
                let (factor, _) = access.index.linear_in(var)?;
                let (none, one) = (Poly::default(), Poly::constant(1));
                if factor == none || factor == one {
                    continue;
                }
                let is_diagonal = factor.as_constant().is_none() && factor.constant_term() == 1;
                let length = match is_diagonal {
                    true => factor.plus(-1)?,
                    false => factor,
                };
                let known = lengths.get(&access.slice);
                match known {
                    None if is_diagonal == diagonals => {
                        if !reader.scope.is_invariant_poly(&length) {
                            return None;
                        }
                        lengths.insert(access.slice, length);
                    }
                    None => {}
                    Some(known) if *known == length => {}
                    Some(_) => return None,
                }
            }
        }
    }
    Some(lengths)
}

/// Where two accesses are, the first in an earlier row.
#[derive(Clone, Copy)]
enum Order {
    /// Anywhere.
    Any,
    /// The first one is in the common part or not, the second one is; the common part ends at this distance from the block's first row.
    Common(bool, i128),
    /// The second one is farther in front in its row.
    Swapped,
}

/// Whether two accesses in different iterations of a block reach one element, although their order changes.
struct Meeting<'r, 'f> {
    reader: &'r Reader<'f>,
    var: Symbol,
    inner: Symbol,
    rows: i128,
    shape: Shape,
}

impl Meeting<'_, '_> {
    /// The first in an iteration, the second in a later one.
    fn may_happen(&self, first: (&Access, &Subscripts), second: (&Access, &Subscripts)) -> bool {
        let Shape::ToDiagonal(number) = self.shape else {
            return self.has_solution(first, second, Order::Any);
        };
        // Only the common part of the later iteration runs earlier than it did.
        if second.0.part != Part::Inner {
            return false;
        }
        match first.0.part {
            Part::Inner => [true, false]
                .into_iter()
                .any(|common| self.has_solution(first, second, Order::Common(common, number))),
            Part::Behind => self.has_solution(first, second, Order::Common(false, number)),
            Part::Before => true,
        }
    }

    fn has_solution(
        &self,
        (first, at): (&Access, &Subscripts),
        (second, other): (&Access, &Subscripts),
        order: Order,
    ) -> bool {
        let reader = self.reader;
        let mut system = Differences::default();
        let own = |symbol, side| reader.unknown(Some(symbol), side);
        let mut at_least = |first, second, number| {
            system.at_least(AtLeast {
                first,
                second,
                number,
            });
        };
        at_least(own(self.var, 2), own(self.var, 1), 1);
        match order {
            Order::Any => {}
            Order::Common(common, number) => {
                at_least(own(self.var, 1), BASE, 0);
                at_least(BASE, own(self.var, 2), 1 - self.rows);
                at_least(BASE, own(self.inner, 2), 1 - number);
                match (first.part, common) {
                    (Part::Inner, true) => at_least(BASE, own(self.inner, 1), 1 - number),
                    (Part::Inner, false) => at_least(own(self.inner, 1), BASE, number),
                    _ => {}
                }
            }
            Order::Swapped => at_least(own(self.inner, 1), own(self.inner, 2), 1),
        }
        for (access, side) in [(first, 1), (second, 2)] {
            for &bound in &access.bounds {
                let bound = reader.bound(bound, side);
                at_least(bound.first, bound.second, bound.number);
                for unknown in [bound.first, bound.second] {
                    self.range(unknown, &mut at_least);
                }
            }
        }
        for (a, b) in [(at.row, other.row), (at.column, other.column)] {
            let (x, y) = (reader.unknown(a.symbol, 1), reader.unknown(b.symbol, 2));
            for unknown in [x, y] {
                self.range(unknown, &mut at_least);
            }
            // x + a = y + b
            at_least(x, y, b.offset - a.offset);
            at_least(y, x, a.offset - b.offset);
        }
        system.close().is_some()
    }

    /// No number is below the least of its type.
    fn range(&self, unknown: Unknown, at_least: &mut impl FnMut(Unknown, Unknown, i128)) {
        if let Unknown::Value(symbol, _) = unknown {
            let least = self.reader.scope.symbols.range(symbol).lo;
            at_least(unknown, Unknown::Zero, least);
        }
    }
}

/// What makes subscripts right: rows and lengths are small, and columns are in a row.
pub(super) fn conditions(
    reader: &Reader<'_>,
    outer: Symbol,
    subscripts: &[Subscripts],
    lengths: &HashMap<LocalId, Poly>,
) -> Option<Vec<Condition>> {
    let mut all = Vec::new();
    let mut add = |condition: Condition| {
        if !all.contains(&condition) {
            all.push(condition);
        }
    };
    for &symbol in &reader.small {
        add(Condition::Small(known(reader, symbol)?));
    }
    for &(symbol, least) in &reader.least {
        let least = u64::try_from(least).ok()?;
        add(Condition::AtLeast(known(reader, symbol)?, least));
    }
    for (access, at) in reader.accesses.iter().zip(subscripts) {
        let mut system = Differences::default();
        let mut at_least = |first, second, number| {
            system.at_least(AtLeast {
                first,
                second,
                number,
            });
        };
        let mut unknowns = vec![
            reader.unknown(at.row.symbol, 1),
            reader.unknown(at.column.symbol, 1),
        ];
        for &bound in &access.bounds {
            let bound = reader.bound(bound, 1);
            at_least(bound.first, bound.second, bound.number);
            unknowns.extend([bound.first, bound.second]);
        }
        for &unknown in &unknowns {
            if let Unknown::Value(symbol, _) = unknown {
                let least = reader.scope.symbols.range(symbol).lo;
                at_least(unknown, Unknown::Zero, least);
            }
        }
        let closure = system.close()?;
        // A value that does not vary and is above another one by at least so much.
        let above = |unknown: Unknown, prefer: Option<Symbol>| -> Option<(Option<Symbol>, i128)> {
            let mut found = None;
            for &top in closure.unknowns() {
                let symbol = match top {
                    Unknown::Zero => None,
                    Unknown::Value(symbol, 0) => Some(symbol),
                    _ => continue,
                };
                let usable = symbol.is_none_or(|symbol| known(reader, symbol).is_some());
                if let Some(number) = closure.least(top, unknown)
                    && usable
                    && (found.is_none() || symbol == prefer)
                {
                    found = Some((symbol, number));
                }
            }
            found
        };
        let near = |number: i128| (-MAX_OFFSET..=MAX_OFFSET).contains(&number);
        let length = lengths.get(&access.slice);
        // The end of the outer loop is small in any case.
        if at.row.symbol.is_some_and(|row| row != outer) {
            let (top, number) = above(reader.unknown(at.row.symbol, 1), None)?;
            near(number).then_some(())?;
            if let Some(top) = top {
                add(Condition::Small(known(reader, top)?));
            }
        }
        let column = reader.unknown(at.column.symbol, 1);
        let prefer = length.and_then(|length| length.symbols().first().copied());
        let (top, number) = above(column, prefer)?;
        near(number).then_some(())?;
        if let Some(top) = top {
            add(Condition::Small(known(reader, top)?));
        }
        let Some(length) = length else { continue };
        // Not to the left of the row.
        if closure.least(column, Unknown::Zero)? + at.column.offset < 0 {
            return None;
        }
        // `column <= top - number`.
        let beyond = at.column.offset - number + 1;
        let length_of = length_of(reader, length)?;
        match length_of.1.as_slice() {
            [] => {}
            [only] => {
                add(Condition::Small(only.clone()));
                if length_of.0 != 1 {
                    add(Condition::SmallProduct(length_of.clone()));
                }
            }
            values => {
                for value in values {
                    add(Condition::Small(value.clone()));
                }
                add(Condition::SmallProduct(length_of.clone()));
            }
        }
        let is_length = top.is_some_and(|top| *length == Poly::from(top));
        if is_length && beyond <= 0 {
            continue;
        }
        let top = match top {
            Some(top) => Some(known(reader, top)?),
            None => None,
        };
        add(Condition::Within {
            top,
            add: beyond,
            length: length_of,
        });
    }
    Some(all)
}

/// A length that can be computed before the loop.
fn length_of(reader: &Reader<'_>, length: &Poly) -> Option<Length> {
    let mut terms = length.terms();
    let (symbols, factor) = terms.next()?;
    if terms.next().is_some() {
        return None;
    }
    let mut values = Vec::new();
    for &symbol in symbols {
        values.push(known(reader, symbol)?);
    }
    let factor = u64::try_from(factor).ok()?;
    // Of small values such a product cannot wrap.
    let fits = match values.len() {
        0 | 1 => factor < super::SMALL,
        2 => factor == 1,
        _ => false,
    };
    fits.then_some((factor, values))
}

/// How the value of a symbol is found before the loop, if it is a `usize`.
fn known(reader: &Reader<'_>, symbol: Symbol) -> Option<Known> {
    let place = |local: LocalId, steps: &[Step]| {
        let projections = steps.iter().map(|step| match step {
            Step::Field(field) => Projection::Field(*field),
            Step::Deref => Projection::Deref,
        });
        Place {
            local,
            projections: projections.collect(),
        }
    };
    if !reader.scope.is_invariant(symbol) {
        return None;
    }
    match reader.scope.symbols.kind(symbol) {
        SymbolKind::Value(path) => {
            let place = place(path.local, &path.steps);
            let usize = crate::text::place_ty(reader.func, &place) == Some(&Ty::USIZE);
            usize.then_some(Known::Load(place))
        }
        SymbolKind::Len(path) => Some(Known::Len(place(path.local, &path.steps))),
        _ => None,
    }
}
