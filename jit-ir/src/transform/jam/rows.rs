//! Factorizations whose rows wait for each other, in functions with parallel loops: blocks of many rows, of which the parts that wait for none of their own block
//! run in parallel.
//!
//! ```text
//! for i in s..e {                           for b in s..e step 64 {
//!     for j in 0..i {                           for i in b..b + 64 {            // in parallel
//!         a[i, j] = .. a[j, ..] ..      →           for j in 0..b { a[i, j] = .. a[j, ..] .. }
//!     }                                         }
//!     rest                                      for i in b..b + 64 { for j in b..i { as it was } rest }
//! }                                         }
//! ```
//!
//! It is legal where it is legal to jam as many rows ([`super::legality`]): the same accesses change their order.

use super::legality::{self, Condition};
use super::{Found, LEAST_COMMON, SMALL, Search, Shape, has_for, number, write_conditions};
use crate::analysis::effects::Effects;
use crate::analysis::liveness::Following;
use crate::expr::BinaryOp;
use crate::func::Function;
use crate::stmt::{Block, Label, Loop, LoopHints, LoopRequest, Stmt, StmtKind};
use crate::transform::Target;
use crate::transform::copy::{Copier, next_label};
use crate::transform::edit::Edit;
use crate::transform::nests::block_at;
use crate::ty::Ty;

/// Rows of a block: enough for eight threads to have some that run side by side, few enough that what has to be in order is little.
const ROWS: u64 = if cfg!(test) { 4 } else { 64 };

/// Loops that a loop became.
pub(super) struct Parts {
    /// The rows that do not wait for each other.
    pub(super) common: Label,
    /// What is behind that in each row, in order.
    pub(super) near: Label,
}

/// Writes such blocks in a function for the loops that may be rewritten, if `is_parallel` says that the rows are.
pub(super) fn run(
    func: &mut Function,
    target: &Target,
    allowed: &dyn Fn(Label) -> bool,
    is_parallel: &dyn Fn(&Function, Label) -> bool,
) -> Vec<Parts> {
    let found = {
        let mut search = Search {
            func,
            target,
            allowed,
            following: Following::default(),
            path: Vec::new(),
            found: Vec::new(),
        };
        search.visit(&func.body, None);
        search.found
    };
    let mut parts = Vec::new();
    // From the back, so that positions stay right.
    for (path, place, plan) in found.into_iter().rev() {
        let Found::Jam(plan) = plan else { continue };
        // What is behind the common part has to need nothing of it but what is in memory.
        if plan.shape == Shape::Same || plan.flows {
            continue;
        }
        let Some(original) = block_at(&mut func.body, &path)
            .and_then(|block| block.stmts.get(place))
            .cloned()
        else {
            continue;
        };
        let before = func.clone();
        let written = rewrite(func, &original, plan.position);
        if let Some((stmts, part)) = written
            && let Some(block) = block_at(&mut func.body, &path)
        {
            block.stmts.splice(place..=place, stmts);
            if is_parallel(func, part.common) {
                parts.push(part);
                continue;
            }
        }
        *func = before;
    }
    parts
}

fn rewrite(func: &mut Function, original: &Stmt, position: usize) -> Option<(Vec<Stmt>, Parts)> {
    let StmtKind::For(outer) = &original.kind else {
        return None;
    };
    // Rows of few operations are no work for threads.
    match &outer.body.stmts.get(position)?.kind {
        StmtKind::For(inner) if has_for(&inner.body) => {}
        _ => return None,
    }
    let effects = Effects::of_stmt(func, original);
    let (_, conditions) = legality::check(func, outer, position, &effects, ROWS)?;
    write(func, original, position, &conditions)
}

/// Writes blocks of rows for a loop.
fn write(
    func: &mut Function,
    original: &Stmt,
    position: usize,
    conditions: &[Condition],
) -> Option<(Vec<Stmt>, Parts)> {
    let label = next_label(func);
    let StmtKind::For(outer) = &original.kind else {
        return None;
    };
    let (pre, behind) = outer.body.stmts.split_at(position);
    let StmtKind::For(inner) = &behind.first()?.kind else {
        return None;
    };
    let mut copier = Copier::with_labels_from(label);
    let mut near = copier.copy_loop(func, outer);
    let mut edit = Edit::with_labels(func, original.span, copier.next_label());
    let [lo, hi, stop, first, common, from] = ["start", "end", "stop", "first", "common", "from"]
        .map(|name| edit.temporary(name, Ty::USIZE));
    let base = edit.counter("rows");
    let fits = edit.temporary("fits", Ty::BOOL);
    let mut stmts = vec![edit.set(lo, outer.start), edit.set(hi, outer.end)];
    let value = write_conditions(conditions, &mut edit, hi, &Ty::USIZE);
    stmts.push(edit.set(fits, value));

    let mut block = Vec::new();
    let value = {
        // No farther than the end, and without wrapping.
        let (hi, from) = (edit.load(hi), edit.load(base));
        let left = edit.sub(hi, from);
        let rows = number(&mut edit, &Ty::USIZE, ROWS);
        let count = edit.min(left, rows);
        let from = edit.load(base);
        edit.add(from, count)
    };
    block.push(edit.set(stop, value));
    // The common part is that of the first row.
    let mut of_base = Copier::with_labels_from(u32::MAX / 2);
    of_base.rename(outer.var, base);
    for (local, bound) in [(first, inner.start), (common, inner.end)] {
        let value = of_base.copy_expr(edit.func, bound);
        block.push(edit.set(local, value));
    }
    let value = edit.load(first);
    block.push(edit.set(from, value));
    let mut all = vec![edit.load(fits)];
    for local in [first, common] {
        let (value, limit) = (edit.load(local), edit.usize(SMALL));
        all.push(edit.binary(BinaryOp::Lt, value, limit));
    }
    let (value, least) = (edit.load(first), edit.load(common));
    let value = edit.add_const(value, LEAST_COMMON);
    all.push(edit.binary(BinaryOp::Le, value, least));
    let cond = edit.all(all);

    let mut again = Copier::with_labels_from(edit.next_label());
    let row = edit.counter("row");
    again.rename(outer.var, row);
    let mut body: Vec<Stmt> = pre
        .iter()
        .map(|stmt| again.copy_stmt(edit.func, stmt))
        .collect();
    let mut part = again.copy_loop(edit.func, inner);
    let label = again.next_label();
    let mut edit = Edit::with_labels(func, original.span, label);
    part.start = edit.load(first);
    part.end = edit.load(common);
    let kind = StmtKind::For(part);
    body.push(Stmt {
        kind,
        span: behind.first()?.span,
    });
    let rows = (edit.load(base), edit.load(stop), 1);
    let rows = edit.for_loop(row, rows, LoopHints::default(), body);
    let StmtKind::For(Loop {
        label: common_label,
        ..
    }) = &rows.kind
    else {
        return None;
    };
    let common_label = *common_label;
    let value = edit.load(common);
    let behind_common = edit.set(from, value);
    block.push(edit.if_then(cond, vec![rows, behind_common], Vec::new()));

    near.start = edit.load(base);
    near.end = edit.load(stop);
    let inner_start = edit.load(from);
    if let Some(StmtKind::For(inner)) = near.body.stmts.get_mut(position).map(|stmt| &mut stmt.kind)
    {
        inner.start = inner_start;
    }
    let near_label = near.label;
    block.push(edit.stmt(StmtKind::For(near)));
    let (start, end) = (edit.load(lo), edit.load(hi));
    let kind = StmtKind::For(Loop {
        label: edit.label(),
        var: base,
        start,
        end,
        step: edit.usize(ROWS),
        inclusive: false,
        reversed: false,
        request: LoopRequest::Auto,
        hints: LoopHints::default(),
        body: Block { stmts: block },
    });
    stmts.push(edit.stmt(kind));
    let parts = Parts {
        common: common_label,
        near: near_label,
    };
    Some((stmts, parts))
}
