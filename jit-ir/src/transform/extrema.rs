//! Loops that look for the least or greatest value, and where it is:
//!
//! ```text
//! for i in 0..n { if a[i] < m { m = a[i]; at = i; } }
//! ```
//!
//! Each comparison waits for the one before it, and with floats no order but this one gives the same bits: a NaN is passed over, and of
//! zeros of both signs the first counts. But only the last update decides, and which block of iterations it is in can be told from
//! the blocks' least values, in any order:
//!
//! ```text
//! for each block { least = m; for i in block { least = least.min(a[i]); } if least < m { before = m; m = least; best = block; } }
//! m = before;
//! for i in best { if a[i] < m { m = a[i]; at = i; } }
//! ```
//!
//! `min` is what vectors are good at. The loop as it was runs for one block, or for all iterations if they are few.

use std::collections::HashMap;

use super::copy::{Copier, next_label};
use super::edit::Edit;
use crate::analysis::effects::Effects;
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::remark::{RemarkKind, Remarks};
use crate::stmt::{Block, Loop, LoopHints, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

#[cfg(test)]
mod tests;

/// Iterations of a block, as a power of 2: a block's least value is worth about 30 iterations.
const BLOCK_BITS: u64 = 8;
/// Loops of fewer iterations run as they were.
const LEAST: u64 = 384;
/// Operations of an iteration that one block computes twice.
const MOST_OPERATIONS: usize = 40;

/// Rewrites such loops of a function.
pub(super) fn run(func: &mut Function, remarks: &mut Remarks<'_>) {
    run_with(func, LEAST, BLOCK_BITS, remarks);
}

fn run_with(func: &mut Function, least: u64, block_bits: u64, remarks: &mut Remarks<'_>) {
    let mut reads = HashMap::new();
    count_reads(func, &func.body, &mut reads);
    let mut pass = Pass {
        labels: next_label(func),
        reads,
        least,
        block_bits,
        remarks,
    };
    let mut body = std::mem::take(&mut func.body);
    pass.visit(func, &mut body);
    func.body = body;
}

/// How often each local is read.
fn count_reads(func: &Function, block: &Block, reads: &mut HashMap<LocalId, usize>) {
    fn visit(func: &Function, id: ExprId, reads: &mut HashMap<LocalId, usize>) {
        let kind = &func.exprs[id].kind;
        if let Some(place) = kind.place() {
            *reads.entry(place.local).or_default() += 1;
        }
        kind.for_each_operand(|operand| visit(func, operand, reads));
    }
    block.for_each_stmt(|stmt| {
        stmt.kind.for_each_expr(|expr| visit(func, expr, reads));
        // What a place leads through is read.
        if let Some(place) = stmt.kind.place()
            && !place.projections.is_empty()
        {
            *reads.entry(place.local).or_default() += 1;
        }
    });
}

struct Pass<'a, 'b> {
    labels: u32,
    /// How often each local is read in the whole function.
    reads: HashMap<LocalId, usize>,
    least: u64,
    block_bits: u64,
    remarks: &'a mut Remarks<'b>,
}

/// `if value < extremum { extremum = value; .. }`
struct Update {
    /// The statement's position in the body.
    position: usize,
    extremum: LocalId,
    value: ExprId,
    is_min: bool,
}

struct Plan {
    updates: Vec<Update>,
    /// Locals that each iteration assigns before it reads them.
    names: Vec<LocalId>,
}

impl Pass<'_, '_> {
    fn visit(&mut self, func: &mut Function, block: &mut Block) {
        let mut position = 0;
        while position < block.stmts.len() {
            let mut count = 1;
            let stmt = &mut block.stmts[position];
            let plan = match &stmt.kind {
                StmtKind::For(for_loop) => plan(func, for_loop, stmt, &self.reads),
                _ => None,
            };
            match (plan, &mut stmt.kind) {
                (Some(plan), StmtKind::For(for_loop)) => {
                    let span = stmt.span;
                    let for_loop = for_loop.clone();
                    let mut rewrite = Rewrite {
                        for_loop: &for_loop,
                        plan: &plan,
                        span,
                        pass: self,
                    };
                    let new = rewrite.write(func);
                    count = new.len();
                    block.stmts.splice(position..=position, new);
                    self.remarks.add(span, RemarkKind::ExtremaByBlocks);
                }
                (_, StmtKind::For(for_loop)) if for_loop.hints.cold => {}
                (_, kind) => {
                    for inner in kind.blocks_mut() {
                        self.visit(func, inner);
                    }
                }
            }
            position += count;
        }
    }
}

fn plan(
    func: &Function,
    for_loop: &Loop,
    stmt: &Stmt,
    reads: &HashMap<LocalId, usize>,
) -> Option<Plan> {
    let counts = func.exprs.get(for_loop.step)?.kind == ExprKind::Const(ConstValue::Int(1))
        && !for_loop.inclusive
        && !for_loop.reversed
        && !for_loop.hints.cold
        && for_loop.hints.lanes == 0
        && func.locals.get(for_loop.var)?.ty == Ty::USIZE;
    if !counts {
        return None;
    }
    let mut plan = Plan {
        updates: Vec::new(),
        names: Vec::new(),
    };
    // What the branches assign; nothing in the loop may read it.
    let mut results = Vec::new();
    for (position, stmt) in for_loop.body.stmts.iter().enumerate() {
        match &stmt.kind {
            StmtKind::Assign { place, .. } if place.projections.is_empty() => {
                plan.names.push(place.local);
            }
            StmtKind::If {
                cond,
                then,
                otherwise,
            } if otherwise.stmts.is_empty() => {
                let update = update_of(func, position, *cond, then, &mut results)?;
                plan.updates.push(update);
            }
            _ => return None,
        }
    }
    let is_float = |update: &Update| {
        let ty = func.locals[update.extremum].ty.as_scalar();
        ty.is_some_and(ScalarTy::is_float)
    };
    // LLVM knows the least of integers.
    let extrema = plan.updates.len();
    if extrema == 0 || (results.is_empty() && !plan.updates.iter().any(is_float)) {
        return None;
    }
    let effects = Effects::of_stmt(func, stmt);
    if effects.traps || effects.stores() || effects.host_calls || effects.leaves {
        return None;
    }
    let mut inside = HashMap::new();
    count_reads(func, &for_loop.body, &mut inside);
    let reads_inside = |local: LocalId| inside.get(&local).copied().unwrap_or(0);
    // An extremum is read by its condition, and what goes with it not at all.
    let mut extrema_once = plan.updates.iter().map(|update| update.extremum);
    if !extrema_once.all(|extremum| reads_inside(extremum) == 1)
        || results.iter().any(|&local| reads_inside(local) > 0)
    {
        return None;
    }
    for (number, &name) in plan.names.iter().enumerate() {
        let all = reads.get(&name).copied().unwrap_or(0);
        let elsewhere = all != reads_inside(name);
        let is_result =
            results.contains(&name) || (plan.updates.iter()).any(|update| update.extremum == name);
        let twice = plan.names[..number].contains(&name);
        let is_scalar = func.locals[name].ty.as_scalar().is_some();
        if elsewhere || is_result || twice || !is_scalar {
            return None;
        }
    }
    // Each name is assigned before it is read.
    let mut assigned: Vec<LocalId> = Vec::new();
    for stmt in &for_loop.body.stmts {
        let mut early = false;
        let mut check = |id: ExprId| {
            each_local(func, id, &mut |local| {
                early |= plan.names.contains(&local) && !assigned.contains(&local);
            });
        };
        stmt.kind.for_each_expr(&mut check);
        for inner in stmt.kind.blocks() {
            inner.for_each_stmt(|stmt| stmt.kind.for_each_expr(&mut check));
        }
        if early {
            return None;
        }
        if let StmtKind::Assign { place, .. } = &stmt.kind {
            assigned.push(place.local);
        }
    }
    // Two extrema are two locals.
    let mut all: Vec<_> = plan.updates.iter().map(|update| update.extremum).collect();
    all.extend(&results);
    all.sort();
    let count = all.len();
    all.dedup();
    if all.len() != count {
        return None;
    }
    let mut operations = 0;
    let mut is_cheap = true;
    for stmt in &for_loop.body.stmts {
        stmt.kind.for_each_expr(|expr| {
            is_cheap &= cheap(func, expr, &mut operations);
        });
    }
    (is_cheap && operations <= MOST_OPERATIONS).then_some(plan)
}

fn update_of(
    func: &Function,
    position: usize,
    cond: ExprId,
    then: &Block,
    results: &mut Vec<LocalId>,
) -> Option<Update> {
    let ExprKind::Binary { op, lhs, rhs, .. } = func.exprs.get(cond)?.kind else {
        return None;
    };
    let mut found = None;
    for stmt in &then.stmts {
        let StmtKind::Assign { place, value } = &stmt.kind else {
            return None;
        };
        if !place.projections.is_empty() {
            return None;
        }
        let is_local =
            |id: ExprId| matches!(&func.exprs[id].kind, ExprKind::Load(from) if from == place);
        let (other, less) = match (is_local(lhs), is_local(rhs)) {
            (true, false) => (rhs, BinaryOp::Gt),
            (false, true) => (lhs, BinaryOp::Lt),
            _ => {
                results.push(place.local);
                continue;
            }
        };
        let greater = match less {
            BinaryOp::Lt => BinaryOp::Gt,
            _ => BinaryOp::Lt,
        };
        let is_min = match op {
            op if op == less => true,
            op if op == greater => false,
            _ => return None,
        };
        let ty = func.exprs[other].ty.as_scalar()?;
        if found.is_some() || !super::updates::same_expr(func, other, *value) || ty.bits() > 64 {
            return None;
        }
        found = Some(Update {
            position,
            extremum: place.local,
            value: other,
            is_min,
        });
    }
    found
}

fn each_local(func: &Function, id: ExprId, visit: &mut impl FnMut(LocalId)) {
    let kind = &func.exprs[id].kind;
    if let Some(place) = kind.place() {
        visit(place.local);
    }
    kind.for_each_operand(|operand| each_local(func, operand, visit));
}

/// Whether all of it is quick to compute.
fn cheap(func: &Function, id: ExprId, operations: &mut usize) -> bool {
    *operations += 1;
    let expr = &func.exprs[id];
    let mut is_cheap = match &expr.kind {
        ExprKind::Const(_) | ExprKind::Load(_) | ExprKind::Len(_) | ExprKind::Cast { .. } => true,
        ExprKind::Unary { .. } | ExprKind::Select { .. } => true,
        ExprKind::Binary { op, .. } => {
            !matches!(op, BinaryOp::Div | BinaryOp::Rem)
                || expr.ty.as_scalar().is_some_and(ScalarTy::is_float) && *op == BinaryOp::Div
        }
        ExprKind::Call { intrinsic, .. } => {
            matches!(
                intrinsic,
                Intrinsic::Abs | Intrinsic::Sqrt | Intrinsic::Min | Intrinsic::Max
            )
        }
        _ => false,
    };
    expr.kind
        .for_each_operand(|operand| is_cheap = is_cheap && cheap(func, operand, operations));
    is_cheap
}

struct Rewrite<'a, 'p, 'q> {
    for_loop: &'a Loop,
    plan: &'a Plan,
    span: crate::span::Span,
    pass: &'a mut Pass<'p, 'q>,
}

/// The locals of an update.
struct Search {
    /// The least value of the current block.
    least: LocalId,
    /// What the extremum was before the best block.
    before: LocalId,
    /// The best block.
    best: LocalId,
    behind: LocalId,
}

impl Rewrite<'_, '_, '_> {
    fn write(&mut self, func: &mut Function) -> Vec<Stmt> {
        let (plan, for_loop) = (self.plan, self.for_loop);
        let hints = LoopHints {
            exact: for_loop.hints.exact,
            ..LoopHints::default()
        };
        let mut copier = Copier::with_labels_from(self.pass.labels);
        // The names of the loop over a block, and of the loops over the best ones.
        let var = func.locals.push(func.locals[for_loop.var].clone());
        copier.rename(for_loop.var, var);
        for &name in &plan.names {
            let copy = func.locals.push(func.locals[name].clone());
            copier.rename(name, copy);
        }
        let is_update =
            |position: usize| (plan.updates.iter()).any(|update| update.position == position);
        let stmts = &for_loop.body.stmts;
        let names: Vec<Stmt> = (0..stmts.len())
            .filter(|&position| !is_update(position))
            .map(|position| copier.copy_stmt(func, &stmts[position]))
            .collect();
        let values: Vec<ExprId> = (plan.updates.iter())
            .map(|update| copier.copy_expr(func, update.value))
            .collect();
        // Each extremum has a loop of its own at the end.
        let mut labels = copier.next_label();
        let mut bodies = Vec::with_capacity(plan.updates.len());
        for update in &plan.updates {
            let mut one = for_loop.clone();
            let mut position = 0;
            one.body.stmts.retain(|_| {
                position += 1;
                !is_update(position - 1) || position - 1 == update.position
            });
            let mut copier = Copier::with_labels_from(labels);
            bodies.push(copier.copy_loop(func, &one));
            labels = copier.next_label();
        }

        let mut edit = Edit::with_labels(func, self.span, labels);
        let (lo, hi) = (
            edit.temporary("lo", Ty::USIZE),
            edit.temporary("hi", Ty::USIZE),
        );
        let searches: Vec<Search> = (plan.updates.iter())
            .map(|update| {
                let ty = edit.func.locals[update.extremum].ty.clone();
                Search {
                    least: edit.temporary("least", ty.clone()),
                    before: edit.temporary("before", ty),
                    best: edit.temporary("best", Ty::USIZE),
                    behind: edit.temporary("behind", Ty::USIZE),
                }
            })
            .collect();
        let mut out = vec![edit.set(lo, for_loop.start), edit.set(hi, for_loop.end)];
        for search in &searches {
            for (to, from) in [(search.best, lo), (search.behind, hi)] {
                let from = edit.load(from);
                out.push(edit.set(to, from));
            }
        }
        let blocks = self.blocks(&mut edit, (lo, hi), &searches, (var, names, values), hints);
        out.push(blocks);
        for (mut body, search) in bodies.into_iter().zip(&searches) {
            body.start = edit.load(search.best);
            body.end = edit.load(search.behind);
            out.push(edit.stmt(StmtKind::For(body)));
        }
        self.pass.labels = edit.next_label();
        out
    }

    /// If it is worth it, finds the best blocks.
    fn blocks(
        &self,
        edit: &mut Edit<'_>,
        (lo, hi): (LocalId, LocalId),
        searches: &[Search],
        (var, mut body, values): (LocalId, Vec<Stmt>, Vec<ExprId>),
        hints: LoopHints,
    ) -> Stmt {
        let updates = &self.plan.updates;
        let mut conditions = Vec::new();
        let compare = |edit: &mut Edit<'_>, op, a: LocalId, b: LocalId| {
            let (a, b) = (edit.load(a), edit.load(b));
            edit.binary(op, a, b)
        };
        conditions.push(compare(edit, BinaryOp::Lt, lo, hi));
        let count = {
            let (lo, hi) = (edit.load(lo), edit.load(hi));
            edit.sub(hi, lo)
        };
        let least = edit.usize(self.pass.least);
        conditions.push(edit.binary(BinaryOp::Ge, count, least));
        for update in updates {
            // `min` makes something of a NaN, which the comparison does not.
            conditions.push(compare(
                edit,
                BinaryOp::Eq,
                update.extremum,
                update.extremum,
            ));
        }
        let mut then = Vec::new();
        for (update, search) in updates.iter().zip(searches) {
            for (to, from) in [(search.behind, lo), (search.before, update.extremum)] {
                let from = edit.load(from);
                then.push(edit.set(to, from));
            }
        }
        let bits = edit.usize(self.pass.block_bits);
        let count = {
            let (lo, hi) = (edit.load(lo), edit.load(hi));
            edit.sub(hi, lo)
        };
        // The last block may be empty.
        let last = edit.binary(BinaryOp::Shr, count, bits);
        let n_blocks = edit.add_const(last, 1);

        let block = edit.counter("block");
        let (first, end) = (
            edit.temporary("first", Ty::USIZE),
            edit.temporary("end", Ty::USIZE),
        );
        let mut each = Vec::new();
        let value = {
            let (lo, block, bits) = (
                edit.load(lo),
                edit.load(block),
                edit.usize(self.pass.block_bits),
            );
            let offset = edit.binary(BinaryOp::Shl, block, bits);
            edit.add(lo, offset)
        };
        each.push(edit.set(first, value));
        let value = {
            let (first_value, hi) = (edit.load(first), edit.load(hi));
            let rest = edit.sub(hi, first_value);
            let whole = edit.usize(1 << self.pass.block_bits);
            let len = edit.min(rest, whole);
            let first_value = edit.load(first);
            edit.add(first_value, len)
        };
        each.push(edit.set(end, value));
        for ((update, search), value) in updates.iter().zip(searches).zip(values) {
            let start = edit.load(update.extremum);
            each.push(edit.set(search.least, start));
            let least = edit.load(search.least);
            let least = match update.is_min {
                true => edit.min(least, value),
                false => edit.max(least, value),
            };
            body.push(edit.set(search.least, least));
        }
        let (from, to) = (edit.load(first), edit.load(end));
        each.push(edit.for_loop(var, (from, to, 1), hints, body));
        for (update, search) in updates.iter().zip(searches) {
            let op = match update.is_min {
                true => BinaryOp::Lt,
                false => BinaryOp::Gt,
            };
            let better = compare(edit, op, search.least, update.extremum);
            let moves = [
                (search.before, update.extremum),
                (update.extremum, search.least),
                (search.best, first),
                (search.behind, end),
            ];
            let moves = moves.map(|(to, from)| {
                let from = edit.load(from);
                edit.set(to, from)
            });
            each.push(edit.if_then(better, moves.into(), Vec::new()));
        }
        let zero = edit.usize(0);
        then.push(edit.for_loop(block, (zero, n_blocks, 1), LoopHints::default(), each));
        for (update, search) in updates.iter().zip(searches) {
            let before = edit.load(search.before);
            then.push(edit.set(update.extremum, before));
        }
        let cond = edit.all(conditions);
        edit.if_then(cond, then, Vec::new())
    }
}
