//! Running sums and other linear recurrences, where operations may be regrouped:
//!
//! ```text
//! for i in 0..n { s += x[i]; y[i] = s; }
//! for i in 0..n { s = a * s + x[i]; y[i] = s; }
//! ```
//!
//! Each iteration waits for the one before it. Four iterations at a time wait for each other only once: what they add does not depend on `s`,
//! so it can be combined first,
//!
//! ```text
//! e0, e1, e2, e3 = x[i], x[i + 1], x[i + 2], x[i + 3];
//! p1 = e0 * a + e1; p2 = p1 * a + e2; p3 = p1 * a² + (e2 * a + e3);
//! y[i] = s * a + e0; y[i + 1] = s * a² + p1; y[i + 2] = s * a³ + p2; y[i + 3] = s = s * a⁴ + p3;
//! ```
//!
//! which takes twice as many operations, of which a processor does several at once. The powers must not overflow where `a` times `s` would not,
//! so a recurrence with a factor is done this way only if that is at most 1.

use std::collections::HashMap;

use super::copy::{Copier, next_label};
use super::edit::Edit;
use crate::analysis::affine::Scope;
use crate::analysis::effects::{Effects, exposed_locals, is_behind_pointer};
use crate::analysis::poly::Poly;
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::remark::{RemarkKind, Remarks};
use crate::stmt::{Block, Loop, LoopHints, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

#[cfg(test)]
mod tests;

/// Iterations that are done together.
const GROUP: u64 = 4;
/// What is added may take so many operations.
const MOST_OPERATIONS: usize = 24;

/// Rewrites such loops of a function.
pub(super) fn run(func: &mut Function, remarks: &mut Remarks<'_>) {
    if !func.fastmath.reassoc {
        return;
    }
    let mut labels = next_label(func);
    let mut body = std::mem::take(&mut func.body);
    visit(func, &mut body, &mut labels, remarks);
    func.body = body;
}

fn visit(func: &mut Function, block: &mut Block, labels: &mut u32, remarks: &mut Remarks<'_>) {
    let mut position = 0;
    while position < block.stmts.len() {
        let mut count = 1;
        let stmt = &block.stmts[position];
        match plan(func, stmt) {
            Some(plan) => {
                let span = stmt.span;
                let new = rewrite(func, stmt, &plan, labels);
                count = new.len();
                block.stmts.splice(position..=position, new);
                remarks.add(span, RemarkKind::Scan { together: GROUP });
            }
            None => {
                let stmt = &mut block.stmts[position];
                let is_cold = matches!(&stmt.kind, StmtKind::For(for_loop) if for_loop.hints.cold);
                if !is_cold {
                    for inner in stmt.kind.blocks_mut() {
                        visit(func, inner, labels, remarks);
                    }
                }
            }
        }
        position += count;
    }
}

/// `sum = factor * sum + added`.
struct Plan {
    /// The statement's position.
    position: usize,
    sum: LocalId,
    /// `None`: 1.
    factor: Option<ExprId>,
    added: ExprId,
    /// It is subtracted.
    negative: bool,
    /// What the locals stand for that it depends on.
    defs: HashMap<LocalId, ExprId>,
}

fn plan(func: &Function, stmt: &Stmt) -> Option<Plan> {
    let StmtKind::For(for_loop) = &stmt.kind else {
        return None;
    };
    let counts = func.exprs.get(for_loop.step)?.kind == ExprKind::Const(ConstValue::Int(1))
        && !for_loop.inclusive
        && !for_loop.reversed
        && !for_loop.hints.cold
        && for_loop.hints.lanes == 0
        && func.locals.get(for_loop.var)?.ty == Ty::USIZE;
    let effects = Effects::of_stmt(func, stmt);
    // A sum that nothing sees in between is LLVM's.
    if !counts || effects.traps || effects.calls || effects.leaves || !effects.stores() {
        return None;
    }
    let mut assigned: HashMap<LocalId, usize> = HashMap::new();
    let mut stores = Vec::new();
    for stmt in &for_loop.body.stmts {
        let StmtKind::Assign { place, .. } = &stmt.kind else {
            return None;
        };
        match is_behind_pointer(func, place) {
            false => *assigned.entry(place.local).or_default() += 1,
            true => stores.push(place),
        }
    }
    let exposed = exposed_locals(func);
    let mut search = Search {
        func,
        for_loop,
        scope: Scope::new(func, effects),
        stores,
        defs: HashMap::new(),
    };
    let mut found = None;
    for (position, stmt) in for_loop.body.stmts.iter().enumerate() {
        let StmtKind::Assign { place, value } = &stmt.kind else {
            return None;
        };
        let once = assigned.get(&place.local) == Some(&1);
        if !place.projections.is_empty() || !once || exposed.contains(&place.local) {
            continue;
        }
        if found.is_none()
            && let Some((factor, added, negative)) = search.recurrence(place.local, *value)
        {
            found = Some(Plan {
                position,
                sum: place.local,
                factor,
                added,
                negative,
                defs: search.defs.clone(),
            });
        } else if search.is_early(*value, &mut 0) {
            search.defs.insert(place.local, *value);
        }
    }
    let plan = found?;
    // The recurrence alone is a reduction.
    let mut seen = false;
    for (position, stmt) in for_loop.body.stmts.iter().enumerate() {
        stmt.kind.for_each_expr(|expr| {
            seen |= position != plan.position && reads(func, expr, plan.sum);
        });
    }
    // What other iterations leave behind would have to be computed in order.
    let carried = assigned
        .keys()
        .any(|&local| local != plan.sum && !is_assigned_first(func, &for_loop.body, local));
    (seen && !carried).then_some(plan)
}

fn reads(func: &Function, id: ExprId, local: LocalId) -> bool {
    let kind = &func.exprs[id].kind;
    let mut any = kind.place().is_some_and(|place| place.local == local);
    kind.for_each_operand(|operand| any = any || reads(func, operand, local));
    any
}

/// Whether no statement reads a local before one assigns it.
fn is_assigned_first(func: &Function, body: &Block, local: LocalId) -> bool {
    for stmt in &body.stmts {
        let mut read = false;
        stmt.kind
            .for_each_expr(|expr| read |= reads(func, expr, local));
        if read {
            return false;
        }
        if let StmtKind::Assign { place, .. } = &stmt.kind
            && place.local == local
        {
            return place.projections.is_empty();
        }
    }
    true
}

struct Search<'f> {
    func: &'f Function,
    for_loop: &'f Loop,
    scope: Scope<'f>,
    /// Where the loop stores to.
    stores: Vec<&'f Place>,
    /// Locals that stand for what can be computed iterations ahead.
    defs: HashMap<LocalId, ExprId>,
}

impl Search<'_> {
    /// The factor, what is added, and whether it is subtracted.
    fn recurrence(
        &mut self,
        sum: LocalId,
        value: ExprId,
    ) -> Option<(Option<ExprId>, ExprId, bool)> {
        let func = self.func;
        let ExprKind::Binary { op, lhs, rhs, .. } = func.exprs.get(value)?.kind else {
            return None;
        };
        let ty = func.exprs.get(value)?.ty.as_scalar()?;
        if !ty.is_float() || !matches!(op, BinaryOp::Add | BinaryOp::Sub) {
            return None;
        }
        let sides = match op {
            BinaryOp::Add => vec![(lhs, rhs), (rhs, lhs)],
            _ => vec![(lhs, rhs)],
        };
        for (before, added) in sides {
            let factor = match &func.exprs.get(before)?.kind {
                ExprKind::Load(place) if *place == Place::local(sum) => None,
                ExprKind::Binary {
                    op: BinaryOp::Mul,
                    lhs,
                    rhs,
                    ..
                } => {
                    let is_sum = |id: ExprId| matches!(&func.exprs[id].kind, ExprKind::Load(place) if *place == Place::local(sum));
                    match (is_sum(*lhs), is_sum(*rhs)) {
                        (true, false) if self.is_same(*rhs) => Some(*rhs),
                        (false, true) if self.is_same(*lhs) => Some(*lhs),
                        _ => continue,
                    }
                }
                _ => continue,
            };
            if self.is_early(added, &mut 0) {
                return Some((factor, added, op == BinaryOp::Sub));
            }
        }
        None
    }

    /// A number that is the same in all iterations.
    fn is_same(&self, id: ExprId) -> bool {
        match &self.func.exprs[id].kind {
            ExprKind::Const(_) => true,
            ExprKind::Load(place) => place.projections.is_empty() && self.is_invariant(place.local),
            ExprKind::Binary {
                op: BinaryOp::Add | BinaryOp::Sub,
                lhs,
                rhs,
                ..
            } => self.is_same(*lhs) && self.is_same(*rhs),
            _ => false,
        }
    }

    fn is_invariant(&self, local: LocalId) -> bool {
        let effects = self.scope.effects();
        // Stores may change what something points to.
        !effects.assigned.contains(&local)
            && !effects.vars.contains(&local)
            && !exposed_locals(self.func).contains(&local)
    }

    /// Whether an expression can be computed before the iterations before it have run.
    fn is_early(&mut self, id: ExprId, operations: &mut usize) -> bool {
        *operations += 1;
        let func = self.func;
        let Some(expr) = func.exprs.get(id) else {
            return false;
        };
        let own = match &expr.kind {
            ExprKind::Const(_) | ExprKind::Unary { .. } | ExprKind::Cast { .. } => true,
            ExprKind::Load(place) if place.projections.is_empty() => {
                place.local == self.for_loop.var
                    || self.defs.contains_key(&place.local)
                    || self.is_invariant(place.local)
            }
            ExprKind::Load(place) => self.is_load_early(place),
            ExprKind::Binary { op, .. } => {
                !matches!(op, BinaryOp::Div | BinaryOp::Rem)
                    || expr.ty.as_scalar().is_some_and(ScalarTy::is_float)
            }
            ExprKind::Call { intrinsic, .. } => matches!(
                intrinsic,
                Intrinsic::Min | Intrinsic::Max | Intrinsic::Abs | Intrinsic::Sqrt
            ),
            _ => false,
        };
        let mut early = own && *operations <= MOST_OPERATIONS && expr.ty.as_scalar().is_some();
        expr.kind
            .for_each_operand(|operand| early = early && self.is_early(operand, operations));
        early
    }

    /// An element of a slice that no iteration stores to, or only that one itself.
    fn is_load_early(&mut self, place: &Place) -> bool {
        let func = self.func;
        let is_param = |local: LocalId| {
            local.index() < func.params.len() && matches!(func.locals[local].ty, Ty::Slice { .. })
        };
        let [Projection::Index { index, .. }] = place.projections.as_slice() else {
            return false;
        };
        if !is_param(place.local) || !self.scope.is_stable(&Place::local(place.local)) {
            return false;
        }
        let Some(at) = self.element(*index) else {
            return !self.stores.iter().any(|store| store.local == place.local)
                && self.stores.iter().all(|store| is_param(store.local));
        };
        for store in self.stores.clone() {
            if !is_param(store.local) {
                return false;
            }
            if store.local != place.local {
                continue;
            }
            let [Projection::Index { index, .. }] = store.projections.as_slice() else {
                return false;
            };
            let (Some(var), Some(to)) = (self.scope.var(self.for_loop), self.element(*index))
            else {
                return false;
            };
            // Each iteration has an element for itself.
            if to != at || to.linear_in(var).map(|(factor, _)| factor) != Some(Poly::constant(1)) {
                return false;
            }
        }
        true
    }

    fn element(&mut self, index: ExprId) -> Option<Poly> {
        let exact = self.scope.poly(index)?;
        exact.needs.is_empty().then_some(exact.poly)
    }
}

fn rewrite(func: &mut Function, stmt: &Stmt, plan: &Plan, labels: &mut u32) -> Vec<Stmt> {
    let StmtKind::For(for_loop) = &stmt.kind else {
        return vec![stmt.clone()];
    };
    // The statements of each of the iterations that are done together, with a variable of their own.
    let mut vars = Vec::new();
    let mut bodies = Vec::new();
    for _ in 0..GROUP {
        let mut local = func.locals[for_loop.var].clone();
        local.mutable = true;
        let var = func.locals.push(local);
        let mut copier = Copier::with_labels_from(*labels);
        copier.rename(for_loop.var, var);
        bodies.push(copier.copy_block(func, &for_loop.body).stmts);
        *labels = copier.next_label();
        vars.push(var);
    }
    let mut edit = Edit::with_labels(func, stmt.span, *labels);
    let new = rewrite_with(&mut edit, for_loop, plan, &vars, bodies);
    *labels = edit.next_label();
    new
}

fn rewrite_with(
    edit: &mut Edit<'_>,
    for_loop: &Loop,
    plan: &Plan,
    vars: &[LocalId],
    mut bodies: Vec<Vec<Stmt>>,
) -> Vec<Stmt> {
    let ty = edit.func.locals[plan.sum].ty.clone();
    let [start, end, groups, rest] =
        ["start", "end", "groups", "rest"].map(|name| edit.temporary(name, Ty::USIZE));
    let mut out = vec![edit.set(start, for_loop.start), edit.set(end, for_loop.end)];
    let mut powers = Vec::new();
    let zero = edit.usize(0);
    out.push(edit.set(groups, zero));
    let (a, b) = (edit.load(start), edit.load(end));
    let mut conditions = vec![edit.binary(BinaryOp::Lt, a, b)];
    if let Some(factor) = plan.factor {
        let first = edit.temporary("power", ty.clone());
        let value = edit.copy(factor, &mut |_, _| None);
        out.push(edit.set(first, value));
        powers.push(first);
        for _ in 1..GROUP {
            let power = edit.temporary("power", ty.clone());
            let (a, b) = (edit.load(first), edit.load(powers[powers.len() - 1]));
            let value = edit.binary(BinaryOp::Mul, a, b);
            out.push(edit.set(power, value));
            powers.push(power);
        }
        for (op, limit) in [(BinaryOp::Le, 1.0_f64), (BinaryOp::Ge, -1.0)] {
            let limit = match ty.as_scalar() {
                Some(ScalarTy::F32) => ConstValue::F32((limit as f32).to_bits()),
                _ => ConstValue::F64(limit.to_bits()),
            };
            let limit = edit.expr(ExprKind::Const(limit), ty.clone());
            let value = edit.load(first);
            conditions.push(edit.binary(op, value, limit));
        }
    }
    let (a, b, four) = (
        edit.load(end),
        edit.load(start),
        edit.usize(GROUP.ilog2().into()),
    );
    let count = edit.sub(a, b);
    let count = edit.binary(BinaryOp::Shr, count, four);
    let set_groups = edit.set(groups, count);
    let usable = edit.all(conditions);
    out.push(edit.if_then(usable, vec![set_groups], Vec::new()));

    let group = edit.counter("group");
    let mut body = Vec::new();
    for (&var, number) in vars.iter().zip(0..) {
        let (from, group, bits) = (
            edit.load(start),
            edit.load(group),
            edit.usize(GROUP.ilog2().into()),
        );
        let offset = edit.binary(BinaryOp::Shl, group, bits);
        let at = edit.add(from, offset);
        let at = edit.add_const(at, number);
        body.push(edit.set(var, at));
    }
    // What each iteration adds, then what it and those before it add.
    let mut parts = Vec::new();
    for &var in vars {
        let part = edit.temporary("part", ty.clone());
        let mut value = expand(edit, plan, plan.added, for_loop.var, var);
        if plan.negative {
            let kind = ExprKind::Unary {
                op: crate::expr::UnaryOp::Neg,
                operand: value,
                site: None,
            };
            value = edit.expr(kind, ty.clone());
        }
        body.push(edit.set(part, value));
        parts.push(part);
    }
    let times = |edit: &mut Edit<'_>, value: LocalId, power: usize| {
        let value = edit.load(value);
        match powers.get(power) {
            Some(&power) => {
                let power = edit.load(power);
                edit.binary(BinaryOp::Mul, value, power)
            }
            None => value,
        }
    };
    let combine = |edit: &mut Edit<'_>, body: &mut Vec<Stmt>, before, power, last| {
        let sum = edit.temporary("part", ty.clone());
        let lhs = times(edit, before, power);
        let rhs = edit.load(last);
        let value = edit.add(lhs, rhs);
        body.push(edit.set(sum, value));
        sum
    };
    let first_two = combine(edit, &mut body, parts[0], 0, parts[1]);
    let last_two = combine(edit, &mut body, parts[2], 0, parts[3]);
    let three = combine(edit, &mut body, first_two, 0, parts[2]);
    let all = combine(edit, &mut body, first_two, 1, last_two);
    let before = edit.temporary("before", ty.clone());
    let value = edit.load(plan.sum);
    body.push(edit.set(before, value));
    for (number, so_far) in [parts[0], first_two, three, all].into_iter().enumerate() {
        let lhs = times(edit, before, number);
        let rhs = edit.load(so_far);
        let value = edit.add(lhs, rhs);
        let mut stmts = std::mem::take(&mut bodies[number]);
        if let Some(stmt) = stmts.get_mut(plan.position) {
            stmt.kind = edit.set(plan.sum, value).kind;
        }
        body.extend(stmts);
    }
    let (zero, limit) = (edit.usize(0), edit.load(groups));
    let hints = LoopHints {
        exact: false,
        ..for_loop.hints
    };
    out.push(edit.for_loop(group, (zero, limit, 1), hints, body));

    let (from, groups, bits) = (
        edit.load(start),
        edit.load(groups),
        edit.usize(GROUP.ilog2().into()),
    );
    let done = edit.binary(BinaryOp::Shl, groups, bits);
    let from = edit.add(from, done);
    out.push(edit.set(rest, from));
    let mut last = for_loop.clone();
    last.start = edit.load(rest);
    last.end = edit.load(end);
    // A few iterations, if the others were done in groups for sure.
    last.hints.cold |= plan.factor.is_none();
    out.push(edit.stmt(StmtKind::For(last)));
    out
}

/// A copy of what is added, in the iteration of another variable.
fn expand(edit: &mut Edit<'_>, plan: &Plan, id: ExprId, old: LocalId, new: LocalId) -> ExprId {
    edit.copy(id, &mut |edit, id| match &edit.func.exprs[id].kind {
        ExprKind::Load(place) if place.projections.is_empty() => {
            let local = place.local;
            if local == old {
                return Some(edit.load(new));
            }
            let def = *plan.defs.get(&local)?;
            Some(expand(edit, plan, def, old, new))
        }
        _ => None,
    })
}
