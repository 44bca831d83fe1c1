//! A loop only a part of which has to be serial becomes several loops over the same range:
//!
//! ```text
//! for i in 0..n { y[i] = f(x[i]); s = a * s + y[i]; z[i] = s; }
//!     →      for i in 0..n { y[i] = f(x[i]); }  for i in 0..n { s = a * s + y[i]; z[i] = s; }
//! ```
//!
//! The statements of the body are the nodes of a graph; there is an edge where an iteration of one has to do with an iteration of another that comes
//! later ([`crate::analysis::iterations`]). Statements on a circle stay together; everything else may be done one after the other, in the order of the
//! edges. Values that cross from one loop to the next do so through arrays that the source has; a scalar that both use keeps them together.
//!
//! A panic in the middle would show that the first loop has run ahead, so none may happen: the loop as it was runs if a check before it fails.

pub(super) mod parallel;
#[cfg(test)]
mod tests;

use super::checks;
use super::copy::Copier;
use super::edit::Edit;
use super::guard::GuardBuilder;
use crate::analysis::affine::Scope;
use crate::analysis::effects::Effects;
use crate::analysis::iterations::{Access, Distance, Reader, Steps};
use crate::analysis::parallel::{PointsTo, carried_locals};
use crate::expr::{BinaryOp, ExprId, ExprKind};
use crate::func::{Function, LocalId};
use crate::stmt::{Block, Loop, LoopRequest, Stmt, StmtKind};

/// Bodies with more statements are left alone.
const MOST_STATEMENTS: usize = 24;
/// Operations and loads of a statement that several parts do.
const MOST_REPEATED: usize = 5;
/// A loop becomes so many at most.
const MOST_PARTS: usize = 4;

/// Statements of a body that stay together, by their positions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) stmts: Vec<usize>,
    /// Whether one iteration needs what another one computed.
    pub(super) serial: bool,
}

/// The parts of a loop in an order in which they may run one after the other, if there are several, and not all of them alike.
pub(super) fn parts(func: &Function, points_to: &PointsTo, stmt: &Stmt) -> Option<Vec<Part>> {
    let StmtKind::For(for_loop) = &stmt.kind else {
        return None;
    };
    let count = for_loop.body.stmts.len();
    if !(2..=MOST_STATEMENTS).contains(&count) {
        return None;
    }
    let effects = Effects::of_stmt(func, stmt);
    if effects.leaves || effects.calls || effects.host_calls || effects.unbounded {
        return None;
    }
    let scope = Scope::new(func, effects);
    let mut reader = Reader::new(points_to, scope);
    let accesses = reader.read(for_loop)?;
    let steps = Steps::of(func, for_loop);
    let repeatable = repeatable(func, for_loop, &accesses);
    let edges = edges(&accesses, count, steps, &repeatable);
    let mut components = components(&edges);
    components.retain(|component| !repeatable.contains(&component[0]));
    if components.len() < 2 {
        return None;
    }
    let serial: Vec<bool> = (components.iter())
        .map(|component| is_serial(func, for_loop, component, &accesses, steps))
        .collect();
    if serial.iter().all(|&one| one == serial[0]) {
        return None;
    }
    let mut parts = in_order(&edges, &components, &serial);
    if !(2..=MOST_PARTS).contains(&parts.len()) {
        return None;
    }
    // From the back, because they may use each other. What nobody uses is done last.
    for &stmt in repeatable.iter().rev() {
        let target = target_of(for_loop, stmt)?;
        let last = parts.len() - 1;
        let mut used = false;
        for (number, part) in parts.iter_mut().enumerate() {
            let mut reads = accesses
                .iter()
                .filter(|access| part.stmts.contains(&access.stmt));
            if reads.any(|access| access.names(target)) || (number == last && !used) {
                part.stmts.push(stmt);
                used = true;
            }
        }
    }
    for part in &mut parts {
        part.stmts.sort_unstable();
    }
    Some(parts)
}

fn target_of(for_loop: &Loop, stmt: usize) -> Option<LocalId> {
    match &for_loop.body.stmts.get(stmt)?.kind {
        StmtKind::Assign { place, .. } if place.projections.is_empty() => Some(place.local),
        _ => None,
    }
}

/// The statements that each part may do for itself: `let v = x[i];`, of what the loop does not change.
fn repeatable(func: &Function, for_loop: &Loop, accesses: &[Access]) -> Vec<usize> {
    let carried = carried_locals(func, &for_loop.body);
    let mut repeatable: Vec<usize> = Vec::new();
    for (position, stmt) in for_loop.body.stmts.iter().enumerate() {
        let (Some(target), StmtKind::Assign { value, .. }) =
            (target_of(for_loop, position), &stmt.kind)
        else {
            continue;
        };
        let is_scalar = func
            .locals
            .get(target)
            .is_some_and(|local| local.ty.as_scalar().is_some());
        let own: Vec<&Access> = accesses
            .iter()
            .filter(|access| access.stmt == position)
            .collect();
        let others = || accesses.iter().filter(|access| access.stmt != position);
        // Nothing else assigns it, and nothing changes what it reads, but statements that are repeated with it.
        let alone = others().all(|other| !other.write || !other.names(target));
        let constant = own.iter().filter(|access| !access.write).all(|read| {
            others().all(|other| {
                !other.write
                    || repeatable.contains(&other.stmt)
                    || read.distance(other, Steps::UNKNOWN) == Distance::Never
            })
        });
        if is_scalar
            && !carried.contains(&target)
            && alone
            && constant
            && operations(func, *value) <= MOST_REPEATED
        {
            repeatable.push(position);
        }
    }
    repeatable
}

fn operations(func: &Function, value: ExprId) -> usize {
    let mut count = 0;
    let mut open = vec![value];
    while let Some(expr) = open.pop() {
        let Some(expr) = func.exprs.get(expr) else {
            continue;
        };
        count += match &expr.kind {
            ExprKind::Load(place) => usize::from(!place.projections.is_empty()),
            ExprKind::Const(_) | ExprKind::Len(_) => 0,
            ExprKind::Binary {
                op: BinaryOp::Div | BinaryOp::Rem,
                ..
            }
            | ExprKind::Call { .. } => MOST_REPEATED,
            _ => 1,
        };
        expr.kind.for_each_operand(|operand| open.push(operand));
    }
    count
}

/// `edges[a][b]`: in some iteration, `a` has to come before something that `b` does in the same or a later one.
fn edges(accesses: &[Access], count: usize, steps: Steps, repeatable: &[usize]) -> Vec<Vec<bool>> {
    let mut edges = vec![vec![false; count]; count];
    for (position, first) in accesses.iter().enumerate() {
        for second in &accesses[position + 1..] {
            let (a, b) = (first.stmt, second.stmt);
            let repeats = repeatable.contains(&a) || repeatable.contains(&b);
            if a == b || repeats || !first.conflicts(second) || (edges[a][b] && edges[b][a]) {
                continue;
            }
            // Where the first is in a later iteration, it comes later, and where it is in the same, the order of the text counts.
            let (forth, back) = match first.distance(second, steps) {
                Distance::Never => (false, false),
                Distance::Any => (true, true),
                Distance::Exactly(0) => (a < b, b < a),
                Distance::Exactly(distance) => (distance < 0, distance > 0),
            };
            edges[a][b] |= forth;
            edges[b][a] |= back;
        }
    }
    edges
}

/// The strongly connected components, each in the order of the text.
fn components(edges: &[Vec<bool>]) -> Vec<Vec<usize>> {
    let count = edges.len();
    let mut reaches = edges.to_vec();
    for through in 0..count {
        let from = reaches[through].clone();
        for row in &mut reaches {
            if row[through] {
                for (to, also) in row.iter_mut().zip(&from) {
                    *to |= also;
                }
            }
        }
    }
    let mut components: Vec<Vec<usize>> = Vec::new();
    for (node, from) in reaches.iter().enumerate() {
        let together = |component: &&mut Vec<usize>| {
            let other = component[0];
            from[other] && reaches[other][node]
        };
        match components.iter_mut().find(together) {
            Some(component) => component.push(node),
            None => components.push(vec![node]),
        }
    }
    components
}

/// Whether iterations of these statements need one another, as far as can be told from here.
fn is_serial(
    func: &Function,
    for_loop: &Loop,
    component: &[usize],
    accesses: &[Access],
    steps: Steps,
) -> bool {
    let body = Block {
        stmts: (component.iter())
            .filter_map(|&stmt| for_loop.body.stmts.get(stmt).cloned())
            .collect(),
    };
    if !carried_locals(func, &body).is_empty() {
        return true;
    }
    let own = |access: &&Access| access.is_element && component.contains(&access.stmt);
    let own: Vec<&Access> = accesses.iter().filter(own).collect();
    own.iter().enumerate().any(|(position, first)| {
        own[position..].iter().any(|second| {
            first.conflicts(second)
                && match first.distance(second, steps) {
                    Distance::Never | Distance::Exactly(0) => false,
                    Distance::Exactly(_) => true,
                    // Of inner loops nothing is known here.
                    Distance::Any => first.is_understood() && second.is_understood(),
                }
        })
    })
}

/// The components in an order that follows the edges, those of one kind together where that can be.
fn in_order(edges: &[Vec<bool>], components: &[Vec<usize>], serial: &[bool]) -> Vec<Part> {
    let comes_first = |a: &[usize], b: &[usize]| a.iter().any(|&x| b.iter().any(|&y| edges[x][y]));
    let mut open: Vec<usize> = (0..components.len()).collect();
    let mut parts: Vec<Part> = Vec::new();
    while !open.is_empty() {
        let is_ready = |&&one: &&usize| {
            let waits =
                |&other: &usize| other != one && comes_first(&components[other], &components[one]);
            !open.iter().any(waits)
        };
        let kind = parts.last().map(|part| part.serial);
        let same = (open.iter().filter(is_ready)).find(|&&one| Some(serial[one]) == kind);
        // There is always one: components have no circles.
        let Some(&next) = same.or_else(|| open.iter().find(is_ready)) else {
            return Vec::new();
        };
        open.retain(|&other| other != next);
        match parts.last_mut() {
            Some(part) if part.serial == serial[next] => part.stmts.extend(&components[next]),
            _ => parts.push(Part {
                stmts: components[next].clone(),
                serial: serial[next],
            }),
        }
    }
    parts
}

/// The loops of the parts, in order, and what must hold for none of them to panic. `None`: something may panic in any case; the function is as it was,
/// but for expressions that nothing uses.
pub(super) fn distribute(
    func: &mut Function,
    original: &Stmt,
    parts: &[Part],
) -> Option<(Vec<Stmt>, Vec<ExprId>)> {
    let span = original.span;
    let mut copier = Copier::new(func);
    let mut copy = copier.copy_stmt(func, original);
    let (conditions, symbols) = checks::free(func, &mut copy)?;
    if Effects::of_stmt(func, &copy).traps {
        return None;
    }
    let guards = match conditions.is_empty() {
        true => Vec::new(),
        false => GuardBuilder::new(func, &symbols, span).build(&conditions)?,
    };
    let mut loops = Vec::with_capacity(parts.len());
    for part in parts {
        // Each part has expressions and a variable of its own.
        let mut one = copier.copy_stmt(func, &copy);
        let StmtKind::For(for_loop) = &mut one.kind else {
            return None;
        };
        let mut position = 0;
        for_loop.body.stmts.retain(|_| {
            position += 1;
            part.stmts.contains(&(position - 1))
        });
        for_loop.request = LoopRequest::Auto;
        loops.push(one);
    }
    Some((loops, guards))
}

/// What stands in place of the loop: its parts, or the loop as it was where a condition does not hold.
pub(super) fn guarded(
    func: &mut Function,
    original: Stmt,
    loops: Vec<Stmt>,
    guards: Vec<ExprId>,
) -> Vec<Stmt> {
    if guards.is_empty() {
        return loops;
    }
    let span = original.span;
    let mut serial = original;
    if let StmtKind::For(for_loop) = &mut serial.kind {
        for_loop.hints.cold = true;
        for_loop.request = LoopRequest::Auto;
    }
    let mut edit = Edit::new(func, span);
    let cond = edit.all(guards);
    vec![edit.if_then(cond, loops, vec![serial])]
}
