//! Whether the pairs of a nest may be visited in any order.

use std::collections::{HashMap, HashSet};

use super::reader::{Access, Part, Reader};
use super::{Column, Counted, Known, Refusal, Shape, Window, mentions};
use crate::analysis::dependence::{Domain, Subscripts, overlap};
use crate::analysis::poly::{Poly, Step, Symbol, SymbolKind, Symbols};
use crate::expr::{Place, Projection};
use crate::func::LocalId;

/// The row's length of each array that is written: the factor of a variable in the index of a store.
pub(super) fn row_lengths(
    reader: &mut Reader<'_>,
    written: &HashSet<LocalId>,
    vars: &[Symbol],
) -> Result<HashMap<LocalId, Poly>, Refusal> {
    let mut lengths: HashMap<LocalId, Poly> = HashMap::new();
    for access in &reader.accesses {
        if !access.write || !written.contains(&access.slice) {
            continue;
        }
        let poly = access.poly.as_ref().ok_or(Refusal::Index)?;
        for &var in vars {
            let (factor, _) = poly.linear_in(var).ok_or(Refusal::Index)?;
            if factor == Poly::default() || factor == Poly::constant(1) {
                continue;
            }
            let invariant = reader.scope.is_invariant_poly(&factor);
            let known = lengths
                .get(&access.slice)
                .is_some_and(|known| *known != factor);
            if !invariant || known {
                // The diagonal, `i * n + i`: another store says how long rows are.
                match factor.plus(-1) {
                    Some(less) if invariant && lengths.get(&access.slice) == Some(&less) => {}
                    Some(less) if invariant && !lengths.contains_key(&access.slice) => {
                        lengths.insert(access.slice, less);
                    }
                    _ => return Err(Refusal::Index),
                }
                continue;
            }
            // `i * n + i` has the factor `n + 1`.
            let length = match factor.constant_term() {
                1 if factor.as_constant().is_none() => factor.plus(-1).ok_or(Refusal::Index)?,
                _ => factor,
            };
            if lengths
                .get(&access.slice)
                .is_some_and(|known| *known != length)
            {
                return Err(Refusal::Index);
            }
            lengths.insert(access.slice, length);
        }
    }
    Ok(lengths)
}

/// Whether the nest is a triangle, and what is known of its variables.
pub(super) fn shape(
    reader: &mut Reader<'_>,
    loops: [Counted; 3],
    (u, v): (usize, usize),
    domain: &mut Domain,
    small: &mut Vec<Known>,
) -> Result<Shape, Refusal> {
    let all_vars: Vec<LocalId> = loops.iter().map(|range| range.var).collect();
    let mut shape = Shape::Rectangle;
    for (position, &range) in loops.iter().enumerate() {
        let var = reader.symbol(range).ok_or(Refusal::Bounds)?;
        for (is_start, bound) in [(true, range.start), (false, range.end)] {
            let exact = reader
                .scope
                .poly(bound)
                .filter(|exact| exact.needs.is_empty());
            let mut varies = Vec::new();
            mentions(reader.func, &reader.lets, bound, &mut |local| {
                if all_vars.contains(&local) && !varies.contains(&local) {
                    varies.push(local);
                }
            });
            // `symbol + number`?
            let simple = exact.as_ref().and_then(|exact| {
                let mut symbols = exact.poly.symbols().into_iter();
                let (symbol, more) = (symbols.next()?, symbols.next());
                let (factor, rest) = exact.poly.linear_in(symbol)?;
                let plain = more.is_none() && factor == Poly::constant(1);
                Some((plain.then_some(symbol)?, rest.as_constant()?))
            });
            if !varies.is_empty() {
                let (_, number) = simple.ok_or(Refusal::Bounds)?;
                let diagonal = varies == [loops[u].var] && (u, v) == (0, 1) && position == 1;
                if !diagonal || shape != Shape::Rectangle || !(-1024..=1024).contains(&number) {
                    return Err(Refusal::Bounds);
                }
                shape = match is_start {
                    true => Shape::FromDiagonal,
                    false => Shape::ToDiagonal,
                };
            }
            if let Some((symbol, number)) = simple
                && (-1024..=1024).contains(&number)
            {
                // Symbols are exact, and so is a range's end that is not far from one, unless it wraps; then the loop does not run or
                // its indices are out of bounds.
                match known_value(&reader.scope.symbols, symbol) {
                    Some(_) if varies.contains(&loops[u].var) => {}
                    Some(known) => small.push(known),
                    None => continue,
                }
                domain.at_least.push(match is_start {
                    true => (var, symbol, number),
                    false => (symbol, var, 1 - number),
                });
            } else if is_start
                && varies.is_empty()
                && let Some((symbols, number)) = exact.and_then(|exact| sum_of_two(&exact.poly))
                && (0..=1024).contains(&number)
            {
                // A part of a range, `start + first`: it begins where the range does, or behind that. Small values have a sum that does not wrap.
                let known = symbols.map(|symbol| known_value(&reader.scope.symbols, symbol));
                if let [Some(first), Some(second)] = known {
                    small.extend([first, second]);
                    let parts = symbols.map(|symbol| (var, symbol, number));
                    domain.at_least.extend(parts);
                }
            }
        }
    }
    Ok(shape)
}

/// `first + second + number`.
fn sum_of_two(poly: &Poly) -> Option<([Symbol; 2], i128)> {
    let symbols: [Symbol; 2] = poly.symbols().try_into().ok()?;
    let mut rest = poly.clone();
    for symbol in symbols {
        let (factor, without) = rest.linear_in(symbol)?;
        (factor == Poly::constant(1)).then_some(())?;
        rest = without;
    }
    Some((symbols, rest.as_constant()?))
}

pub(super) fn check_dependences(
    accesses: &[Access],
    places: &[Option<Subscripts>],
    (u, v): (Symbol, Symbol),
    domain: &Domain,
) -> Result<(), Refusal> {
    for (first, at) in accesses.iter().zip(places) {
        let Some(at) = at else { continue };
        if !first.write {
            continue;
        }
        for (second, other) in accesses.iter().zip(places) {
            let Some(other) = other else { continue };
            if first.slice != second.slice {
                continue;
            }
            // What runs for a row before its pairs also runs in order.
            let needed: &[Symbol] = match (first.part, second.part) {
                (Part::Prefix, Part::Prefix) => continue,
                (Part::Prefix, _) | (_, Part::Prefix) => &[u],
                _ => &[u, v],
            };
            let overlap = overlap(at, other, domain);
            if !overlap.needs_same(needed) {
                return Err(Refusal::Dependence);
            }
            // What the body reads is read early, or an accumulator, which is checked elsewhere.
            let same_element = at == other;
            let in_body = second.part == Part::Body || first.part == Part::Body;
            if in_body
                && !same_element
                && first.part != Part::Prefix
                && second.part != Part::Prefix
                && overlap != crate::analysis::dependence::Overlap::Never
            {
                return Err(Refusal::Dependence);
            }
        }
    }
    Ok(())
}

pub(super) fn windows(
    reader: &mut Reader<'_>,
    places: &[Option<Subscripts>],
    lengths: &HashMap<LocalId, Poly>,
    vars: &[Symbol],
) -> Result<Vec<Window>, Refusal> {
    let symbols = &reader.scope.symbols;
    let mut windows = Vec::new();
    let mut slices: Vec<_> = lengths.iter().collect();
    slices.sort_by_key(|(slice, _)| slice.index());
    for (&slice, length) in slices {
        let mut terms = length.terms();
        let (factors, number) = terms.next().ok_or(Refusal::Index)?;
        if terms.next().is_some() {
            return Err(Refusal::Index);
        }
        let mut values = Vec::with_capacity(factors.len());
        for &symbol in factors {
            values.push(known_value(symbols, symbol).ok_or(Refusal::Index)?);
        }
        let number = u64::try_from(number).map_err(|_| Refusal::Index)?;
        let mut columns = Vec::new();
        for (access, place) in reader.accesses.iter().zip(places) {
            let Some(place) = place.filter(|_| access.slice == slice) else {
                continue;
            };
            let column = match place.column.symbol {
                None => Column::Nothing,
                Some(symbol) => match symbols.kind(symbol) {
                    SymbolKind::Value(path) if vars.contains(&symbol) => Column::Var(path.local),
                    SymbolKind::Value(path) => Column::Fixed(place_of(path.local, &path.steps)),
                    _ => return Err(Refusal::Index),
                },
            };
            let column = (column, place.column.offset);
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        windows.push(Window {
            length: (number, values),
            columns,
        });
    }
    Ok(windows)
}

fn known_value(symbols: &Symbols, symbol: Symbol) -> Option<Known> {
    match symbols.kind(symbol) {
        SymbolKind::Value(path) => Some(Known::Load(place_of(path.local, &path.steps))),
        SymbolKind::Len(path) => Some(Known::Len(place_of(path.local, &path.steps))),
        _ => None,
    }
}

fn place_of(local: LocalId, steps: &[Step]) -> Place {
    let projections = steps.iter().map(|step| match step {
        Step::Field(field) => Projection::Field(*field),
        Step::Deref => Projection::Deref,
    });
    Place {
        local,
        projections: projections.collect(),
    }
}
