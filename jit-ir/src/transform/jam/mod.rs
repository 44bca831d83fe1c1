//! Unroll and jam: several iterations of an outer loop at a time, where those of the loops inside wait for each other.
//!
//! ```text
//! for i in s..e {                           for b in s..e step 2 {
//!     for j in 0..i {                           for j in 0..b {
//!         t = a[i, j];                              t0 = a[b, j]; t1 = a[b + 1, j];
//!         for k in 0..j {              →            for k in 0..j {
//!             t -= a[i, k] * a[j, k];                   t0 -= a[b, k] * a[j, k]; t1 -= a[b + 1, k] * a[j, k];
//!         }                                         }
//!         a[i, j] = t / a[j, j];                    a[b, j] = t0 / a[j, j]; a[b + 1, j] = t1 / a[j, j];
//!     }                                         }
//!     rest                                      for i in b..b + 2 { for j in b..i { as it was } rest }
//! }                                         }
//! ```
//!
//! A sum whose order is fixed takes the latency of an addition for each term, however wide the machine is; several sums at a time take no
//! longer than one, and share what they load. Each keeps its order, so that this is the same to the bit. So it is for every value that an iteration gets from
//! the one before: recurrences along rows, systems of equations with a triangular matrix, generators of random numbers, one for each stream.
//!
//! Elements that all iterations of the outer loop update, as `y[j] += a[i, j] * x[i]`, are loaded and stored once for several of them.
//!
//! # Why that is legal
//!
//! Names: `o < p` are two iterations of the outer loop in one block. An iteration consists of `pre`, assignments to locals of its own; of the
//! *inner loop*, whose iterations come in a *common* part, which all iterations of the block have (all of it if its range does not depend on the
//! outer variable; if it ends at that variable, what is before the first of the block), and a *near* part; and of `rest`. Locals that an iteration assigns
//! before it reads them are copied for each iteration, and none of them is read behind the loop; integers that are
//! only added to need no copy, as their order is free. Nothing in it traps, leaves or calls.
//!
//! What changes is the order of memory accesses: the common part of `p` now runs at the same time as that of `o`, and before the near part and the rest of `o`. That is
//! legal if no two accesses of these parts, one of which is a store, reach the same element. Whether they can is a system of differences
//! ([`crate::analysis::differences`]): both accesses' rows and columns are equal, `p - o >= 1`, each is inside of its loops, and the borders of the
//! parts. If it has no solution, they cannot. (For updates, accesses with the same inner variable stay in order, and only others are asked.) Where the inner loop's range does not depend on the outer variable, no accesses of `o` and `p` at
//! all may meet, so that their whole iterations may be interleaved. That indices are rows and columns takes conditions that are checked before the loop
//! ([`Condition`]): where they fail, everything runs as it was.

mod early;
mod legality;
mod reader;
mod scalars;
#[cfg(test)]
mod tests;
mod tiles;
mod updates;

pub(super) use self::early::{Jammed, run as run_early};
pub(super) use self::legality::{Condition, interchange};
use self::scalars::Gain;
pub(super) use self::scalars::exposed;
pub(super) use self::tiles::loads_elements;
use super::Target;
use super::copy::{Copier, next_label};
use super::edit::Edit;
use super::nest;
use super::nests::{Path, block_at};
use super::outer_vectors;
use super::register_blocks::load_known;
use crate::analysis::effects::Effects;
use crate::analysis::liveness::Following;
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::func::{Function, LocalId};
use crate::remark::{RemarkKind, Remarks};
use crate::stmt::{Block, Label, Loop, LoopHints, LoopRequest, Stmt, StmtKind};
use crate::ty::Ty;

/// Everything is below this where rows and columns are told apart, so that nothing wraps.
const SMALL: u64 = 1 << 31;

/// The common part has at least this many iterations, or the block runs as it was: unless its inner loops have as many, there is nothing to gain.
const LEAST_COMMON: u64 = 4;

/// How many expressions the body of the inner loop may have: what has more, the processor overlaps by itself, or has no registers for.
const MAX_SIZE: usize = 160;

/// Where the inner loop's range ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Its range does not depend on the outer variable.
    Same,
    /// It ends at the outer variable plus this number.
    ToDiagonal(i128),
}

/// What to do with a loop.
struct Plan {
    /// How many iterations are jammed.
    rows: u64,
    /// Where in the body the inner loop is.
    position: usize,
    shape: Shape,
    /// Locals get from the common part to what is behind it.
    flows: bool,
    /// The locals that each iteration has for itself.
    private: Vec<LocalId>,
    conditions: Vec<Condition>,
    /// Whether what stays as it was may have vectors.
    warm: bool,
}

/// Jams the loops of a function where that is legal and of use.
/// The labels of products of matrices that are as large as register blocks like them.
pub(super) fn run(func: &mut Function, target: &Target, remarks: &mut Remarks<'_>) -> Vec<Label> {
    let rewritten = run_where(func, target, &|_| true, remarks);
    let products = rewritten.iter().filter_map(|nest| nest.product);
    products.collect()
}

/// A nest that is no more what it was.
struct Rewritten {
    /// The labels that its loops had.
    loops: Vec<Label>,
    /// A loop in which nothing is parallel any more.
    serial: Label,
    /// The product of matrices that is the last part of an elimination.
    product: Option<Label>,
}

/// The same for those with these labels.
fn run_where(
    func: &mut Function,
    target: &Target,
    allowed: &dyn Fn(Label) -> bool,
    remarks: &mut Remarks<'_>,
) -> Vec<Rewritten> {
    let mut search = Search {
        func,
        target,
        allowed,
        following: Following::default(),
        path: Vec::new(),
        found: Vec::new(),
    };
    search.visit(&func.body, None);
    let found = search.found;
    let mut rewritten = Vec::new();
    // From the back, so that positions stay right.
    for (path, position, plan) in found.into_iter().rev() {
        let Some(original) = block_at(&mut func.body, &path)
            .and_then(|block| block.stmts.get(position))
            .cloned()
        else {
            continue;
        };
        let span = original.span;
        let loops = labels_of(&original);
        let (stmts, kind) = match plan {
            Found::Jam(plan) => {
                let rows = plan.rows;
                (plan.write(func, original), RemarkKind::Jammed { rows })
            }
            Found::Tiles => {
                let plan = tiles::plan(func, &original);
                let stmts = plan.and_then(|plan| plan.write(func, &original));
                (stmts, RemarkKind::Eliminated)
            }
        };
        if let Some(stmts) = stmts
            && let Some(block) = block_at(&mut func.body, &path)
        {
            // The block of rows, or of an elimination what is left as it was.
            let new = match (&kind, stmts.last().map(|stmt| &stmt.kind)) {
                (RemarkKind::Jammed { .. }, Some(StmtKind::For(rows))) => Some(rows.label),
                _ => loops.first().copied(),
            };
            let product = match kind {
                RemarkKind::Eliminated => tiles::product(&stmts),
                _ => None,
            };
            block.stmts.splice(position..=position, stmts);
            remarks.add(span, kind);
            rewritten.extend(new.map(|serial| Rewritten {
                loops,
                serial,
                product,
            }));
        }
    }
    rewritten
}

/// The labels of a loop and of those in it, its own first.
fn labels_of(stmt: &Stmt) -> Vec<Label> {
    let mut labels = Vec::new();
    if let StmtKind::For(for_loop) = &stmt.kind {
        labels.push(for_loop.label);
        for_loop.body.for_each_stmt(|stmt| {
            if let StmtKind::For(inner) = &stmt.kind {
                labels.push(inner.label);
            }
        });
    }
    labels
}

enum Found {
    Jam(Plan),
    /// It has the form for [`tiles`].
    Tiles,
}

struct Search<'f> {
    func: &'f Function,
    target: &'f Target,
    allowed: &'f dyn Fn(Label) -> bool,
    following: Following<'f>,
    path: Path,
    found: Vec<(Path, usize, Found)>,
}

impl<'f> Search<'f> {
    fn visit(&mut self, block: &'f Block, around: Option<&'f Stmt>) {
        for (position, stmt) in block.stmts.iter().enumerate() {
            self.following.enter(&block.stmts[position + 1..], around);
            self.visit_stmt(stmt, position);
            self.following.leave();
        }
    }

    fn visit_stmt(&mut self, stmt: &'f Stmt, position: usize) {
        if let StmtKind::For(for_loop) = &stmt.kind {
            if for_loop.hints.cold {
                return;
            }
            let label = for_loop.label;
            if let Some(plan) = self.plan(stmt, for_loop)
                && (self.allowed)(label)
            {
                self.found
                    .push((self.path.clone(), position, Found::Jam(plan)));
                return;
            }
            // What register blocks compute stays whole.
            if nest::find(self.func, stmt).is_ok() {
                return;
            }
            if tiles::has_form(self.func, stmt) {
                let assigned = Effects::of_stmt(self.func, stmt).assigned;
                let read = |&local: &LocalId| self.following.may_read(self.func, local);
                if !assigned.iter().any(read) && (self.allowed)(label) {
                    self.found.push((self.path.clone(), position, Found::Tiles));
                }
            }
        }
        let repeats = match &stmt.kind {
            StmtKind::For(_) | StmtKind::While { .. } | StmtKind::Forever { .. } => Some(stmt),
            _ => None,
        };
        for (number, inner) in stmt.kind.blocks().enumerate() {
            self.path.push((position, number));
            self.visit(inner, repeats);
            self.path.pop();
        }
    }

    fn plan(&self, stmt: &'f Stmt, outer: &Loop) -> Option<Plan> {
        let func = self.func;
        let scalar = func.locals.get(outer.var)?.ty.as_scalar()?;
        if !is_plain(func, outer) || !scalar.is_unsigned_int() || scalar.bits() != 64 {
            return None;
        }
        let mut loops = (outer.body.stmts.iter().enumerate())
            .filter(|(_, stmt)| matches!(stmt.kind, StmtKind::For(_)));
        let (position, inner) = loops.next()?;
        let StmtKind::For(inner) = &inner.kind else {
            return None;
        };
        let more = loops.next().is_some();
        let deep = |stmt: &Stmt| matches!(&stmt.kind, StmtKind::For(inner) if has_for(&inner.body));
        if inner.body.stmts.iter().any(deep) {
            return None;
        }
        let size = block_size(func, &inner.body);
        if size > MAX_SIZE || inner.request != LoopRequest::Auto {
            return None;
        }
        let effects = Effects::of_stmt(func, stmt);
        let useful = match scalars::is_worth_it(func, inner) {
            Some(gain) => gain,
            None if updates::all_rows_update(func, outer, inner, &effects) => Gain::Updates,
            None => return None,
        };
        if effects.traps
            || effects.leaves
            || effects.calls
            || effects.host_calls
            || effects.unbounded
        {
            return None;
        }
        let scalars = scalars::read(func, outer, position, &effects)?;
        let read = |&local: &LocalId| self.following.may_read(func, local);
        if scalars.private.iter().any(read) {
            return None;
        }
        // Strict sums are bound by latency, which more of them hide; vectors of sums are in registers by themselves.
        let rows = match useful {
            Gain::Latency if size <= 24 => 8,
            _ => 4,
        };
        let (shape, conditions) = match useful {
            Gain::Updates => (Shape::Same, interchange(func, outer, &effects)?),
            _ => legality::check(func, outer, position, &effects, rows)?,
        };
        // What is behind the inner loop is written out for each row, but where rows come in a loop.
        let in_order = shape != Shape::Same && !scalars.flows;
        let nested = shape != Shape::Same && has_for(&inner.body);
        if !in_order && (more || nested) {
            return None;
        }
        // Where rows come in a loop, what is in front of the inner loop runs a second time.
        let counts = |stmt: &Stmt| {
            let assigned = Effects::of_stmt(func, stmt).assigned;
            !(assigned.iter()).all(|local| scalars.private.contains(local))
        };
        if in_order && outer.body.stmts[..position].iter().any(counts) {
            return None;
        }
        // What has vectors without this pass is better off.
        if nest::find(func, stmt).is_ok()
            || outer_vectors::takes(func, self.target, &self.following, stmt)
        {
            return None;
        }
        Some(Plan {
            rows,
            position,
            shape,
            flows: scalars.flows,
            private: scalars.private,
            conditions,
            warm: useful != Gain::Latency,
        })
    }
}

/// Whether a loop counts up by one, up to a limit, and no pass has made it.
pub(super) fn is_plain(func: &Function, for_loop: &Loop) -> bool {
    let step = func.exprs.get(for_loop.step).map(|expr| &expr.kind);
    step == Some(&ExprKind::Const(ConstValue::Int(1)))
        && !for_loop.inclusive
        && !for_loop.reversed
        && !for_loop.hints.cold
        && for_loop.hints.lanes == 0
        && for_loop.request == LoopRequest::Auto
}

fn has_for(block: &Block) -> bool {
    (block.stmts.iter()).any(|stmt| matches!(stmt.kind, StmtKind::For(_)))
}

/// How many expressions there are in a block.
fn block_size(func: &Function, block: &Block) -> usize {
    let mut size = 0;
    block.for_each_stmt(|stmt| {
        stmt.kind
            .for_each_expr(|expr| size += expr_size(func, expr));
    });
    size
}

fn expr_size(func: &Function, id: ExprId) -> usize {
    let Some(expr) = func.exprs.get(id) else {
        return MAX_SIZE;
    };
    let mut size = 1;
    expr.kind
        .for_each_operand(|operand| size += expr_size(func, operand));
    size
}

/// A number of a type.
fn number(edit: &mut Edit<'_>, ty: &Ty, value: u64) -> ExprId {
    let value = ConstValue::Int(value.into());
    edit.expr(ExprKind::Const(value), ty.clone())
}

impl Plan {
    fn write(&self, func: &mut Function, original: Stmt) -> Option<Vec<Stmt>> {
        let span = original.span;
        let label = next_label(func);
        let StmtKind::For(mut outer) = original.kind else {
            return None;
        };
        let position = self.position;
        let (pre, behind) = outer.body.stmts.split_at(position);
        let (inner_stmt, rest) = behind.split_first()?;
        let StmtKind::For(inner) = &inner_stmt.kind else {
            return None;
        };
        let mut edit = Edit::with_labels(func, span, label);
        let ty = edit.func.locals[outer.var].ty.clone();
        let [lo, hi] = ["start", "end"].map(|name| edit.temporary(name, ty.clone()));
        let base = {
            let local = edit.counter("rows");
            edit.func.locals[local].ty = ty.clone();
            local
        };
        let mut stmts = vec![edit.set(lo, outer.start), edit.set(hi, outer.end)];
        let fits = edit.temporary("fits", Ty::BOOL);
        let value = match self.conditions.is_empty() && self.shape == Shape::Same {
            true => edit.all(Vec::new()),
            false => write_conditions(&self.conditions, &mut edit, hi, &ty),
        };
        stmts.push(edit.set(fits, value));

        // The rows of a block, each with locals of its own.
        let mut copiers = Vec::new();
        let mut full = Vec::new();
        for row in 0..self.rows {
            let mut copier = Copier::with_labels_from(u32::MAX / 2);
            let var = edit.temporary("row", ty.clone());
            let from = edit.load(base);
            let value = match row {
                0 => from,
                _ => {
                    let row = number(&mut edit, &ty, row);
                    edit.add(from, row)
                }
            };
            full.push(edit.set(var, value));
            copier.rename(outer.var, var);
            for &local in &self.private {
                let ty = edit.func.locals[local].ty.clone();
                copier.rename(local, edit.temporary("row", ty));
            }
            copiers.push(copier);
        }
        let enough = {
            let (hi, base) = (edit.load(hi), edit.load(base));
            let left = edit.sub(hi, base);
            let rows = number(&mut edit, &ty, self.rows);
            edit.binary(BinaryOp::Ge, left, rows)
        };
        let fits = edit.load(fits);
        let mut all = vec![fits, enough];
        let stop = edit.temporary("stop", ty.clone());
        let value = {
            // No farther than the end, and without wrapping.
            let (hi, from) = (edit.load(hi), edit.load(base));
            let left = edit.sub(hi, from);
            let rows = number(&mut edit, &ty, self.rows);
            let count = edit.min(left, rows);
            let from = edit.load(base);
            edit.add(from, count)
        };
        let mut block = vec![edit.set(stop, value)];
        let mut again = |edit: &mut Edit<'_>, stmts: &[Stmt], full: &mut Vec<Stmt>| {
            for copier in &mut copiers {
                full.extend(stmts.iter().map(|stmt| copier.copy_stmt(edit.func, stmt)));
            }
        };
        again(&mut edit, pre, &mut full);
        let (start, end) = (inner.start, inner.end);
        let mut near = None;
        match self.shape {
            Shape::Same => {
                full.extend(jam_loop(&mut edit, &mut copiers, inner_stmt, None));
                for copier in &mut copiers {
                    full.extend(rest.iter().map(|stmt| copier.copy_stmt(edit.func, stmt)));
                }
            }
            Shape::ToDiagonal(_) => {
                // The common part is that of the first row.
                let [first, common] =
                    ["first", "common"].map(|name| edit.temporary(name, Ty::USIZE));
                let mut plain = Copier::with_labels_from(u32::MAX / 2);
                plain.rename(outer.var, base);
                for (local, bound) in [(first, start), (common, end)] {
                    let value = plain.copy_expr(edit.func, bound);
                    block.push(edit.set(local, value));
                }
                for local in [first, common] {
                    let (value, limit) = (edit.load(local), edit.usize(SMALL));
                    all.push(edit.binary(BinaryOp::Lt, value, limit));
                }
                let (value, least) = (edit.load(first), edit.load(common));
                let value = edit.add_const(value, LEAST_COMMON);
                all.push(edit.binary(BinaryOp::Le, value, least));
                let bounds = (edit.load(first), edit.load(common));
                full.extend(jam_loop(&mut edit, &mut copiers, inner_stmt, Some(bounds)));
                if self.flows {
                    for copier in &mut copiers {
                        let bounds = (edit.load(common), copier.copy_expr(edit.func, end));
                        let one = std::slice::from_mut(copier);
                        full.extend(jam_loop(&mut edit, one, inner_stmt, Some(bounds)));
                        full.extend(rest.iter().map(|stmt| copier.copy_stmt(edit.func, stmt)));
                    }
                } else {
                    near = Some((first, common));
                }
            }
        }
        let cond = edit.all(all);
        outer.start = edit.load(base);
        outer.end = edit.load(stop);
        // What is left over waits for itself as ever: vectors and unrolling would not help, and cost time to compile.
        if let Some(Stmt {
            kind: StmtKind::For(inner),
            ..
        }) = outer.body.stmts.get_mut(position)
            && !self.warm
        {
            inner.hints.cold = true;
            chill(&mut inner.body);
        }
        match near {
            // The rows behind the common part, in order.
            Some((first, common)) => {
                let from = edit.temporary("from", Ty::USIZE);
                let value = edit.load(first);
                block.push(edit.set(from, value));
                let value = edit.load(common);
                full.push(edit.set(from, value));
                if let Some(Stmt {
                    kind: StmtKind::For(inner),
                    ..
                }) = outer.body.stmts.get_mut(position)
                {
                    inner.start = edit.load(from);
                }
                block.push(edit.if_then(cond, full, Vec::new()));
                block.push(edit.stmt(StmtKind::For(outer)));
            }
            None => {
                let as_it_was = edit.stmt(StmtKind::For(outer));
                block.push(edit.if_then(cond, full, vec![as_it_was]));
            }
        }
        let label = edit.label();
        let (start, end) = (edit.load(lo), edit.load(hi));
        // Whatever type the variable has.
        let step = edit.usize(self.rows);
        stmts.push(edit.stmt(StmtKind::For(Loop {
            label,
            var: base,
            start,
            end,
            step,
            inclusive: false,
            reversed: false,
            request: LoopRequest::Auto,
            hints: LoopHints::default(),
            body: Block { stmts: block },
        })));
        Some(stmts)
    }
}

/// What is to hold before the loop, which ends at `hi`.
pub(super) fn write_conditions(
    conditions: &[Condition],
    edit: &mut Edit<'_>,
    hi: LocalId,
    ty: &Ty,
) -> ExprId {
    let mut all = Vec::new();
    let (hi, limit) = (edit.load(hi), number(edit, ty, SMALL));
    all.push(edit.binary(BinaryOp::Lt, hi, limit));
    for condition in conditions {
        let limit = edit.usize(SMALL);
        match condition {
            Condition::Small(known) => {
                let value = load_known(edit, known);
                all.push(edit.binary(BinaryOp::Lt, value, limit));
            }
            Condition::AtLeast(known, least) => {
                let (value, least) = (load_known(edit, known), edit.usize(*least));
                all.push(edit.binary(BinaryOp::Ge, value, least));
            }
            Condition::SmallProduct(length) => {
                let length = product(edit, length);
                all.push(edit.binary(BinaryOp::Lt, length, limit));
            }
            Condition::Within { top, add, length } => {
                let length = product(edit, length);
                let top = match top {
                    Some(known) => load_known(edit, known),
                    None => edit.usize(0),
                };
                // `top + add <= length` of small numbers, on the side where nothing is negative.
                let shift = u64::try_from(add.unsigned_abs()).unwrap_or(SMALL);
                let (less, more) = match *add >= 0 {
                    true => (edit.add_const(top, shift), length),
                    false => (top, edit.add_const(length, shift)),
                };
                all.push(edit.binary(BinaryOp::Le, less, more));
            }
        }
    }
    edit.all(all)
}

fn product(edit: &mut Edit<'_>, (factor, values): &(u64, Vec<nest::Known>)) -> ExprId {
    let mut product = edit.usize(*factor);
    for known in values {
        let value = load_known(edit, known);
        product = edit.binary(BinaryOp::Mul, product, value);
    }
    product
}

/// Nothing in it is worth vectors.
pub(super) fn chill(block: &mut Block) {
    for stmt in &mut block.stmts {
        if let StmtKind::For(for_loop) = &mut stmt.kind {
            for_loop.hints.cold = true;
        }
        for inner in stmt.kind.blocks_mut() {
            chill(inner);
        }
    }
}

/// One loop in place of as many as there are copiers, over this range if it is given.
fn jam_loop(
    edit: &mut Edit<'_>,
    copiers: &mut [Copier],
    stmt: &Stmt,
    bounds: Option<(ExprId, ExprId)>,
) -> Option<Stmt> {
    let StmtKind::For(inner) = &stmt.kind else {
        return None;
    };
    let first = copiers.first_mut()?;
    // The bounds are the same for all.
    let (start, end) = bounds.unwrap_or_else(|| {
        let start = first.copy_expr(edit.func, inner.start);
        (start, first.copy_expr(edit.func, inner.end))
    });
    let step = first.copy_expr(edit.func, inner.step);
    let ty = edit.func.locals[inner.var].ty.clone();
    let var = edit.counter("inner");
    edit.func.locals[var].ty = ty;
    for copier in &mut *copiers {
        copier.rename(inner.var, var);
    }
    let body = jam_block(edit, copiers, &inner.body);
    let label = edit.label();
    Some(Stmt {
        kind: StmtKind::For(Loop {
            label,
            var,
            start,
            end,
            step,
            inclusive: inner.inclusive,
            reversed: inner.reversed,
            request: inner.request,
            hints: inner.hints,
            body,
        }),
        span: stmt.span,
    })
}

/// Each statement as often as there are copiers.
fn jam_block(edit: &mut Edit<'_>, copiers: &mut [Copier], block: &Block) -> Block {
    let mut stmts = Vec::new();
    if !has_for(block) {
        // Row by row, as elements that all rows update need it.
        for copier in &mut *copiers {
            let row = block.stmts.iter();
            stmts.extend(row.map(|stmt| copier.copy_stmt(edit.func, stmt)));
        }
        return Block { stmts };
    }
    for stmt in &block.stmts {
        match &stmt.kind {
            StmtKind::For(_) => stmts.extend(jam_loop(edit, copiers, stmt, None)),
            _ => {
                for copier in &mut *copiers {
                    stmts.push(copier.copy_stmt(edit.func, stmt));
                }
            }
        }
    }
    Block { stmts }
}

/// Whether a local is a scalar.
fn is_scalar(func: &Function, local: LocalId) -> bool {
    let ty = func.locals.get(local).map(|local| &local.ty);
    ty.is_some_and(|ty| ty.as_scalar().is_some())
}
