//! Accumulators behind references become locals while a loop runs, so that it may run in parallel:
//!
//! ```text
//! for i { s.* += x[i]; }      →      if nothing traps { sum = s.*; for i { sum += x[i]; } s.* = sum; } else { for i { s.* += x[i]; } }
//! ```
//!
//! A panic shows what was stored before it, so that is done only where the loop has none, and kept only if the loop is legal then.

use std::collections::HashSet;

use crate::analysis::parallel::{Analysis, LoopPath, ReasonKind, Verdict, visit_loops};
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId, Program};
use crate::stmt::{Block, LoopRequest, Stmt, StmtKind};
use crate::text::place_ty;
use crate::ty::Ty;

use super::super::checks;
use super::super::copy::Copier;
use super::super::edit::Edit;
use super::super::guard::GuardBuilder;
use super::super::nests::block_at;
use super::histogram::traps_in_updates_only;

/// A function grows by a copy of each loop.
const MOST_LOOPS: usize = 4;
/// The most accumulators of one loop.
const MOST_PLACES: usize = 4;

/// Gives loops of a function locals for what they accumulate behind references, where they are parallel then.
pub(super) fn run(program: &mut Program, number: usize) {
    if !program.functions[number]
        .params
        .iter()
        .any(|&param| is_mutable_ref(&program.functions[number], param))
    {
        return;
    }
    let mut refused: Vec<LoopPath> = Vec::new();
    for _ in 0..MOST_LOOPS {
        let Some((path, places)) = candidate(program, number, &refused) else {
            return;
        };
        let before = program.functions[number].clone();
        let inner = promote(&mut program.functions[number], &path, &places);
        if !inner.is_some_and(|inner| is_legal(program, number, &inner)) {
            program.functions[number] = before;
        }
        refused.push(path);
    }
}

fn is_mutable_ref(func: &Function, local: LocalId) -> bool {
    matches!(func.locals[local].ty, Ty::Ref { mutable: true, .. })
}

/// The next loop of whose iterations several store to one place, and those places.
fn candidate(
    program: &Program,
    number: usize,
    refused: &[LoopPath],
) -> Option<(LoopPath, Vec<Place>)> {
    let func = &program.functions[number];
    let analysis = Analysis::new(program, number)?;
    let direct = only_direct(func);
    let mut found = None;
    visit_loops(func, &mut |site| {
        let StmtKind::For(for_loop) = &site.stmt.kind else {
            return true;
        };
        if found.is_some() || for_loop.hints.cold {
            return false;
        }
        let requested = func.parallel.is_some() || for_loop.request == LoopRequest::Parallel;
        let Verdict::Illegal(reason) = analysis.of_loop(site).verdict else {
            return false;
        };
        if requested && reason.kind == ReasonKind::Dependence && !refused.contains(site.path) {
            let places = places_of(func, &for_loop.body, &direct);
            if !places.is_empty() && places.len() <= MOST_PLACES {
                found = Some((site.path.clone(), places));
            }
        }
        true
    });
    found
}

/// The parameters behind which nothing is reached in another way than by naming it: nothing else points there.
fn only_direct(func: &Function) -> HashSet<LocalId> {
    let mut direct: HashSet<LocalId> = (func.params.iter().copied())
        .filter(|&param| is_mutable_ref(func, param))
        .collect();
    let by_fields = |place: &Place| {
        let is_field = |step: &Projection| matches!(step, Projection::Field(_));
        matches!(&place.projections[..], [Projection::Deref, rest @ ..] if rest.iter().all(is_field))
    };
    for_each_place(func, &func.body, &mut |place, lent| {
        if lent || !by_fields(place) {
            direct.remove(&place.local);
        }
    });
    direct
}

/// Calls `visit` with each place in a block, and whether it is lent or is a whole pointer.
fn for_each_place(func: &Function, block: &Block, visit: &mut dyn FnMut(&Place, bool)) {
    block.for_each_stmt(|stmt| {
        if let Some(place) = stmt.kind.place() {
            visit(place, false);
        }
        stmt.kind.for_each_expr(|expr| {
            let mut open = vec![expr];
            while let Some(expr) = open.pop() {
                let Some(expr) = func.exprs.get(expr) else {
                    continue;
                };
                if let Some(place) = expr.kind.place() {
                    visit(place, !matches!(expr.kind, ExprKind::Load(_)));
                }
                expr.kind.for_each_operand(|operand| open.push(operand));
            }
        });
    });
}

/// The scalars behind such parameters that a block stores to and reads in no other way.
fn places_of(func: &Function, block: &Block, direct: &HashSet<LocalId>) -> Vec<Place> {
    let mut stored: Vec<Place> = Vec::new();
    block.for_each_stmt(|stmt| {
        if let Some(place) = stmt.kind.place()
            && direct.contains(&place.local)
            && !stored.contains(place)
        {
            stored.push(place.clone());
        }
    });
    let is_scalar =
        |place: &Place| place_ty(func, place).is_some_and(|ty| ty.as_scalar().is_some());
    if !stored.iter().all(is_scalar) {
        return Vec::new();
    }
    // A part of memory and what it is a part of are not told apart. Neither are fields of an enum's variants, and a value of such a field is there only
    // while the enum is that variant.
    let mut apart = !stored.iter().any(|place| is_in_variant(func, place));
    for_each_place(func, block, &mut |place, _| {
        apart &= (stored.iter()).all(|known| {
            let contains = known.projections.starts_with(&place.projections);
            known.local != place.local || known == place || !contains
        });
    });
    if apart { stored } else { Vec::new() }
}

/// Whether a place is a field of one of an enum's variants, or in one.
fn is_in_variant(func: &Function, place: &Place) -> bool {
    (0..place.projections.len()).any(|number| {
        let outer = Place {
            local: place.local,
            projections: place.projections[..number].to_vec(),
        };
        matches!(place_ty(func, &outer), Some(Ty::Struct(of)) if of.overlaps)
    })
}

/// Puts the loop with locals beside the loop; the way to it.
fn promote(func: &mut Function, (path, position): &LoopPath, places: &[Place]) -> Option<LoopPath> {
    let block = block_at(&mut func.body, path)?;
    let original = block.stmts.get(*position)?.clone();
    let span = original.span;
    let mut copier = Copier::new(func);
    let mut copy = copier.copy_stmt(func, &original);
    let mut edit = Edit::with_labels(func, span, copier.next_label());
    let mut before = Vec::new();
    let mut behind = Vec::new();
    for place in places {
        let ty = place_ty(edit.func, place)?.clone();
        let own = edit.temporary("own", ty);
        let value = edit.load_place(place.clone());
        before.push(edit.set(own, value));
        replace(edit.func, &mut copy, place, own);
        let value = edit.load(own);
        behind.push(edit.assign(place.clone(), value));
    }
    let (conditions, symbols) = checks::free(func, &mut copy)?;
    let StmtKind::For(free) = &copy.kind else {
        return None;
    };
    if !traps_in_updates_only(func, &free.body, &[]) {
        return None;
    }
    let guards = match conditions.is_empty() {
        true => Vec::new(),
        false => GuardBuilder::new(func, &symbols, span).build(&conditions)?,
    };
    let at = before.len();
    let mut stmts = before;
    stmts.push(copy);
    stmts.append(&mut behind);
    let mut inner = (path.clone(), position + at);
    if !guards.is_empty() {
        let mut serial = original;
        if let StmtKind::For(for_loop) = &mut serial.kind {
            for_loop.hints.cold = true;
            for_loop.request = LoopRequest::Auto;
        }
        let mut edit = Edit::new(func, span);
        let cond = edit.all(guards);
        stmts = vec![edit.if_then(cond, stmts, vec![serial])];
        inner.0.push((*position, 0));
        inner.1 = at;
    }
    let block = block_at(&mut func.body, path)?;
    block.stmts.splice(*position..=*position, stmts);
    Some(inner)
}

/// Makes a place another local's in a statement whose expressions are its own.
fn replace(func: &mut Function, stmt: &mut Stmt, place: &Place, own: LocalId) {
    if let StmtKind::Assign { place: to, .. } = &mut stmt.kind
        && to == place
    {
        *to = Place::local(own);
    }
    let mut open: Vec<ExprId> = Vec::new();
    stmt.kind.for_each_expr(|expr| open.push(expr));
    while let Some(expr) = open.pop() {
        let kind = &mut func.exprs[expr].kind;
        kind.for_each_operand(|operand| open.push(operand));
        if let ExprKind::Load(from) = kind
            && from == place
        {
            *from = Place::local(own);
        }
    }
    for block in stmt.kind.blocks_mut() {
        for inner in &mut block.stmts {
            replace(func, inner, place, own);
        }
    }
}

fn is_legal(program: &Program, number: usize, path: &LoopPath) -> bool {
    let Some(analysis) = Analysis::new(program, number) else {
        return false;
    };
    let mut legal = false;
    visit_loops(&program.functions[number], &mut |site| {
        if site.path == path {
            legal = !matches!(analysis.of_loop(site).verdict, Verdict::Illegal(_));
        }
        true
    });
    legal
}
