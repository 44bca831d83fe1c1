//! Checks leave loops, by versioning.
//!
//! A check in a loop nest fails for some iteration or for none, and mostly that can be told before the nest starts: an index that is a
//! polynomial of induction variables has a least and a greatest value. So
//!
//! ```text
//! for i in 0..n { for j in 0..n { s += a[i * n + j]; } }
//! ```
//!
//! becomes
//!
//! ```text
//! if n * n <= a.len() { for i in 0..n { for j in 0..n { s += a[i * n + j]; } } }      // without checks
//! else { the same with checks, which traps where it did }                            // cold
//! ```
//!
//! The nest that is versioned is the outermost for which the condition can be computed before it; what it cannot tell is tried again for
//! the loops inside. `collect` finds the checks, [`crate::analysis::prove`] the conditions, `super::guard` computes them.
//!
//! A condition may fail where no check would: the loop may be left early, for instance. That costs time only.
//!
//! Where it can, the checked version is not part of the function ([`Deferral`]).

mod collect;
mod deferral;
mod implied;
pub(super) mod indirect;
mod small;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use self::collect::{Check, Found, collect};
use self::deferral::Hoisting;
pub(super) use self::deferral::{Deferral, call_instead};
use super::copy::{Copier, add_temporary, next_label};
use super::guard::{GuardBuilder, conjunction, push_expr};
use crate::analysis::affine::Scope;
use crate::analysis::effects::{Effects, may_trap};
use crate::analysis::poly::Symbols;
use crate::analysis::prove::Conditions;
use crate::expr::{ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::Function;
use crate::remark::{RemarkKind, Remarks};
use crate::span::Span;
use crate::stmt::{Block, Loop, Stmt, StmtKind};

/// Conditions of one guard; more cost too much time.
const MAX_CONDITIONS: usize = 24;
/// A function may grow by so many expressions, or by as many as it has.
const MIN_GROWTH: usize = 4000;

/// Frees the loops of a function of checks. With `deferral`, that may give a copy of the function that it then calls.
pub(super) fn run(
    func: &mut Function,
    deferral: Option<Deferral>,
    remarks: &mut Remarks<'_>,
) -> Option<Function> {
    let hoisting = deferral.and_then(|deferral| Hoisting::new(func, deferral));
    let original = hoisting.as_ref().map(|_| func.clone());
    let body = std::mem::take(&mut func.body);
    // Analyses of the whole function need it whole.
    func.body = body.clone();
    let mut pass = Pass {
        limit: func.exprs.len() * 2 + MIN_GROWTH,
        next_label: next_label(func),
        hoisting,
        remarks,
    };
    func.body = pass.rewrite_block(func, body);
    implied::run(func);
    pass.hoisting?.finish(func, original?)
}

/// Frees one counted loop of the checks that never fail if the conditions that are returned hold; what its symbols are comes with them.
pub(super) fn free(func: &mut Function, stmt: &mut Stmt) -> Option<(Conditions, Symbols)> {
    let effects = Effects::of_stmt(func, stmt);
    let StmtKind::For(for_loop) = &mut stmt.kind else {
        return None;
    };
    let mut scope = Scope::new(func, effects);
    let found = collect(&mut scope, for_loop, &[]);
    let symbols = std::mem::take(&mut scope.symbols);
    drop(scope);
    if found.conditions.len() > MAX_CONDITIONS {
        return None;
    }
    remove_checks(func, &mut for_loop.body, &found.proved);
    Some((found.conditions, symbols))
}

struct Pass<'a, 'b> {
    /// The number of expressions that the function may have.
    limit: usize,
    next_label: u32,
    hoisting: Option<Hoisting>,
    remarks: &'a mut Remarks<'b>,
}

impl Pass<'_, '_> {
    fn rewrite_block(&mut self, func: &mut Function, block: Block) -> Block {
        let mut stmts = Vec::with_capacity(block.stmts.len());
        for stmt in block.stmts {
            self.rewrite_stmt(func, stmt, &mut stmts);
        }
        Block { stmts }
    }

    fn rewrite_stmt(&mut self, func: &mut Function, mut stmt: Stmt, out: &mut Vec<Stmt>) {
        match &mut stmt.kind {
            StmtKind::For(for_loop) if !for_loop.hints.cold => {
                self.rewrite_loop(func, stmt, out);
                return;
            }
            StmtKind::If {
                then, otherwise, ..
            } => {
                for block in [then, otherwise] {
                    *block = self.rewrite_block(func, std::mem::take(block));
                }
            }
            StmtKind::While { body, .. }
            | StmtKind::Forever { body, .. }
            | StmtKind::Labeled { body, .. } => {
                *body = self.rewrite_block(func, std::mem::take(body));
            }
            StmtKind::For(_)
            | StmtKind::Assign { .. }
            | StmtKind::Eval(_)
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Return(_)
            | StmtKind::Trap { .. }
            | StmtKind::Call { .. }
            | StmtKind::HostCall { .. }
            | StmtKind::Parallel(_) => {}
        }
        out.push(stmt);
    }

    fn rewrite_loop(&mut self, func: &mut Function, mut stmt: Stmt, out: &mut Vec<Stmt>) {
        let span = stmt.span;
        let effects = Effects::of_stmt(func, &stmt);
        let StmtKind::For(for_loop) = &mut stmt.kind else {
            out.push(stmt);
            return;
        };
        if !has_checks(func, &for_loop.body) {
            out.push(stmt);
            return;
        }
        fix_bounds(func, for_loop, &effects, span, out);
        let mut scope = Scope::new(func, effects);
        let found = collect(&mut scope, for_loop, &[]);
        let symbols = std::mem::take(&mut scope.symbols);
        drop(scope);

        let early = (self.hoisting.as_mut())
            .is_some_and(|hoisting| hoisting.take(func, &symbols, &found.conditions, span));
        let too_large = found.conditions.len() > MAX_CONDITIONS;
        let guard = match found.conditions.is_empty() || too_large || early {
            true => None,
            false => {
                let copied = count_exprs(func, &for_loop.body);
                (func.exprs.len() + copied <= self.limit)
                    .then(|| GuardBuilder::new(func, &symbols, span).build(&found.conditions))
                    .flatten()
                    .and_then(|conditions| conjunction(func, conditions, span))
            }
        };
        if !found.conditions.is_empty() && guard.is_none() && !early {
            // Perhaps the loops inside have smaller guards.
            self.finish_loop(func, stmt, out);
            return;
        }
        let cold = guard.map(|_| {
            let mut copier = Copier::with_labels_from(self.next_label);
            let mut copy = copier.copy_loop(func, for_loop);
            self.next_label = copier.next_label();
            make_cold(&mut copy);
            copy
        });
        self.report(&found, span);
        remove_checks(func, &mut for_loop.body, &found.proved);
        if found.exact {
            mark_exact(for_loop);
        }
        let (Some(cond), Some(cold)) = (guard, cold) else {
            self.finish_loop(func, stmt, out);
            return;
        };
        let mut fast = Vec::new();
        self.finish_loop(func, stmt, &mut fast);
        let cold = Stmt {
            kind: StmtKind::For(cold),
            span,
        };
        let kind = StmtKind::If {
            cond,
            then: Block { stmts: fast },
            otherwise: Block { stmts: vec![cold] },
        };
        out.push(Stmt { kind, span });
    }

    /// Sees to the checks that are left in a loop.
    fn finish_loop(&mut self, func: &mut Function, mut stmt: Stmt, out: &mut Vec<Stmt>) {
        let StmtKind::For(for_loop) = &mut stmt.kind else {
            out.push(stmt);
            return;
        };
        let may_grow = has_checks(func, &for_loop.body)
            && func.exprs.len() + count_exprs(func, &for_loop.body) <= self.limit;
        let plan = may_grow
            .then(|| indirect::plan(func, &stmt, &mut self.next_label))
            .flatten();
        if let Some(mut plan) = plan {
            let kind = RemarkKind::ChecksByBlocks {
                removed: plan.removed,
            };
            self.remarks.add(stmt.span, kind);
            self.rewrite_inside(func, &mut plan.fast);
            out.extend(plan.write(func, &mut self.next_label));
            return;
        }
        if let StmtKind::For(for_loop) = &mut stmt.kind {
            self.rewrite_inside(func, for_loop);
        }
        out.push(stmt);
    }

    /// Tries again for the loops in the body, if checks are left.
    fn rewrite_inside(&mut self, func: &mut Function, for_loop: &mut Loop) {
        if has_checks(func, &for_loop.body) {
            let body = std::mem::take(&mut for_loop.body);
            for_loop.body = self.rewrite_block(func, body);
        }
    }

    fn report(&mut self, found: &Found, span: Span) {
        if found.proved.is_empty() {
            return;
        }
        let kind = RemarkKind::ChecksRemoved {
            removed: found.proved.len(),
            conditions: found.conditions.len(),
            kept: found.kept,
        };
        self.remarks.add(span, kind);
    }
}

/// Puts bounds that are no polynomials into locals, which then stand for them: they are evaluated once in any case.
pub(super) fn fix_bounds(
    func: &mut Function,
    for_loop: &mut Loop,
    effects: &Effects,
    span: Span,
    out: &mut Vec<Stmt>,
) {
    let mut scope = Scope::new(func, effects.clone());
    let bounds = [for_loop.start, for_loop.end];
    let known = bounds.map(|bound| scope.poly(bound).is_some());
    if known == [true, true] {
        return;
    }
    let fixed = [
        // What comes first may not trap after what comes second.
        !known[0] || may_trap(func, for_loop.start),
        !known[1],
    ];
    for (bound, fixed) in [&mut for_loop.start, &mut for_loop.end]
        .into_iter()
        .zip(fixed)
    {
        if fixed {
            *bound = evaluate_before(func, *bound, span, out);
        }
    }
}

/// Assigns an expression to a temporary, and returns a load of it.
fn evaluate_before(func: &mut Function, value: ExprId, span: Span, out: &mut Vec<Stmt>) -> ExprId {
    let ty = func.exprs[value].ty.clone();
    let place = Place::local(add_temporary(func, "bound", ty.clone(), true));
    let load = ExprKind::Load(place.clone());
    let kind = StmtKind::Assign { place, value };
    out.push(Stmt { kind, span });
    push_expr(func, load, ty, span)
}

/// Whether there is anything to remove.
fn has_checks(func: &Function, body: &Block) -> bool {
    let mut any = false;
    body.for_each_stmt(|stmt| {
        if let Some(place) = stmt.kind.place() {
            place.for_each_site(|_| any = true);
        }
        any |= matches!(stmt.kind, StmtKind::Trap { .. });
        stmt.kind
            .for_each_expr(|expr| any = any || may_trap(func, expr));
    });
    any
}

fn count_exprs(func: &Function, body: &Block) -> usize {
    fn count(func: &Function, expr: ExprId) -> usize {
        let mut sum = 1;
        func.exprs[expr]
            .kind
            .for_each_operand(|operand| sum += count(func, operand));
        sum
    }
    let mut sum = 0;
    body.for_each_stmt(|stmt| stmt.kind.for_each_expr(|expr| sum += count(func, expr)));
    sum
}

pub(super) fn make_cold(for_loop: &mut Loop) {
    for_loop.hints.cold = true;
    for_each_loop(&mut for_loop.body, &mut |inner| inner.hints.cold = true);
}

fn mark_exact(for_loop: &mut Loop) {
    for_loop.hints.exact = true;
    for_each_loop(&mut for_loop.body, &mut |inner| inner.hints.exact = true);
}

fn for_each_loop(block: &mut Block, visit: &mut impl FnMut(&mut Loop)) {
    for stmt in &mut block.stmts {
        if let StmtKind::For(for_loop) = &mut stmt.kind {
            visit(for_loop);
        }
        for inner in stmt.kind.blocks_mut() {
            for_each_loop(inner, visit);
        }
    }
}

/// Drops the sites of checks that never fail.
fn remove_checks(func: &mut Function, block: &mut Block, proved: &HashSet<Check>) {
    for stmt in &mut block.stmts {
        let mut roots = Vec::new();
        stmt.kind.for_each_expr(|expr| roots.push(expr));
        for root in roots {
            remove_in_expr(func, root, proved);
        }
        if let Some(place) = stmt.kind.place_mut() {
            remove_in_place(place, proved);
        }
        if let StmtKind::If {
            cond,
            then,
            otherwise,
        } = &mut stmt.kind
            && !may_trap(func, *cond)
        {
            for (block, value) in [(then, true), (otherwise, false)] {
                if proved.contains(&Check::Branch(*cond, value)) {
                    func.exprs[*cond].kind = ExprKind::Const(ConstValue::Bool(!value));
                    block.stmts.clear();
                }
            }
        }
        for inner in stmt.kind.blocks_mut() {
            remove_checks(func, inner, proved);
        }
    }
}

fn remove_in_expr(func: &mut Function, id: ExprId, proved: &HashSet<Check>) {
    let kind = &mut func.exprs[id].kind;
    if let Some(place) = kind.place_mut() {
        remove_in_place(place, proved);
    }
    if proved.contains(&Check::Own(id))
        && let ExprKind::Binary { site, .. }
        | ExprKind::Unary { site, .. }
        | ExprKind::SubSlice { site, .. } = kind
    {
        *site = None;
    }
    let mut operands = Vec::new();
    kind.for_each_operand(|operand| operands.push(operand));
    for operand in operands {
        remove_in_expr(func, operand, proved);
    }
}

fn remove_in_place(place: &mut Place, proved: &HashSet<Check>) {
    for step in &mut place.projections {
        if let Projection::Index { index, site } = step
            && proved.contains(&Check::Index(*index))
        {
            *site = None;
        }
    }
}
