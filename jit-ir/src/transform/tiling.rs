//! Two loops in blocks, where some elements lie next to each other in the direction of one loop and others in that of the other: matrices that
//! are transposed, or added to what they are transposed, images that are rotated.
//!
//! ```text
//! for i in s..e {                     for b in s..e step 64 { for c in f..l step 8 {
//!     for j in f..l {                     for i in b..min(b + 64, e) {
//!         t[j, i] = a[i, j];      →           t[c, i] = a[i, c]; t[c + 1, i] = a[i, c + 1]; .. t[c + 7, i] = a[i, c + 7];
//!     }                                   }
//! }                                   } }
//! ```
//!
//! The loops as they are written go along the rows of `a` and across those of `t`: of each line of the cache that `t` takes, one element is used, and the line
//! has to come again for the next one. In a block, what is taken is used up.
//!
//! It is the same iterations in another order. What has the same `i` or the same `j` stays in order; that no two others reach the same element is what
//! [`interchange`] is asked, under conditions that are checked before the loops. Where they fail, and where there are few rows or columns, the loops run as they were.

#[cfg(test)]
mod tests;

use super::copy::Copier;
use super::edit::Edit;
use super::jam::{Condition, exposed, interchange, is_plain, loads_elements, write_conditions};
use super::nests::{Path, block_at};
use crate::analysis::affine::Scope;
use crate::analysis::effects::{Effects, exposed_locals};
use crate::analysis::liveness::Following;
use crate::analysis::poly::{Poly, Symbol};
use crate::expr::{BinaryOp, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::remark::{RemarkKind, Remarks};
use crate::stmt::{Block, Loop, LoopHints, Stmt, StmtKind};
use crate::ty::Ty;

/// Iterations of the outer loop in a block: the lines that they take fit into the first-level cache, and their pages into what is known of pages.
const ROWS: u64 = if cfg!(test) { 6 } else { 64 };
/// Iterations of the inner loop in a block, written out; a power of two.
const COLUMNS: u64 = if cfg!(test) { 4 } else { 8 };
/// With fewer rows or columns the loops run as they were.
const LEAST: u64 = if cfg!(test) { 3 } else { 48 };
/// How many bytes two elements may be apart that are next to each other.
const NEXT: u64 = 32;
/// Bodies of more expressions are bound by something else.
const MAX_SIZE: usize = 40;

/// Rewrites such loops of a function.
pub(super) fn run(func: &mut Function, remarks: &mut Remarks<'_>) {
    let mut search = Search {
        func,
        following: Following::default(),
        path: Vec::new(),
        found: Vec::new(),
    };
    search.visit(&func.body, None);
    let found = search.found;
    // From the back, so that positions stay right.
    for (path, position, conditions) in found.into_iter().rev() {
        let Some(original) = block_at(&mut func.body, &path)
            .and_then(|block| block.stmts.get(position))
            .cloned()
        else {
            continue;
        };
        let span = original.span;
        if let Some(stmts) = write(func, original, &conditions)
            && let Some(block) = block_at(&mut func.body, &path)
        {
            block.stmts.splice(position..=position, stmts);
            let (rows, columns) = (ROWS, COLUMNS);
            remarks.add(span, RemarkKind::Tiled { rows, columns });
        }
    }
}

struct Search<'f> {
    func: &'f Function,
    following: Following<'f>,
    path: Path,
    found: Vec<(Path, usize, Vec<Condition>)>,
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
            if for_loop.hints.cold || for_loop.hints.lanes > 0 {
                return;
            }
            if let Some(conditions) = self.plan(stmt, for_loop) {
                self.found.push((self.path.clone(), position, conditions));
                return;
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

    fn plan(&self, stmt: &Stmt, outer: &Loop) -> Option<Vec<Condition>> {
        let func = self.func;
        let (last, names) = outer.body.stmts.split_last()?;
        let StmtKind::For(inner) = &last.kind else {
            return None;
        };
        let plain = |each: &Loop| is_plain(func, each) && func.locals[each.var].ty == Ty::USIZE;
        if !plain(outer) || !plain(inner) || !is_straight(&inner.body) || names.len() > 4 {
            return None;
        }
        // What names rows is cheap to compute again.
        let is_name = |stmt: &Stmt| match &stmt.kind {
            StmtKind::Assign { place, value } => {
                place.projections.is_empty() && !loads_elements(func, *value)
            }
            _ => false,
        };
        let effects = Effects::of_stmt(func, stmt);
        let ends_well = !effects.traps && !effects.leaves && !effects.calls && !effects.host_calls;
        if !names.iter().all(is_name) || !ends_well || effects.unbounded {
            return None;
        }
        if !goes_both_ways(func, outer, inner, names, &effects)? {
            return None;
        }
        // Locals that an iteration has for itself.
        let pointed_to = exposed_locals(func);
        let from_before = exposed(func, &outer.body.stmts);
        let within = Effects::of_block(func, &inner.body).assigned;
        let carried = exposed(func, &inner.body.stmts);
        let private = |local: &LocalId| {
            let waits = within.contains(local) && carried.contains(local);
            func.locals[*local].ty.as_scalar().is_some()
                && !pointed_to.contains(local)
                && !from_before.contains(local)
                && !waits
                && !self.following.may_read(func, *local)
        };
        if !effects.assigned.iter().all(private) {
            return None;
        }
        interchange(func, outer, &effects)
    }
}

/// Whether a block is assignments and conditions alone.
fn is_straight(block: &Block) -> bool {
    block.stmts.iter().all(|stmt| match &stmt.kind {
        StmtKind::Assign { .. } => true,
        StmtKind::If {
            then, otherwise, ..
        } => is_straight(then) && is_straight(otherwise),
        _ => false,
    })
}

/// Whether some elements lie next to each other in the direction of the inner loop and far from each other in that of the outer one, and others the
/// other way round.
fn goes_both_ways(
    func: &Function,
    outer: &Loop,
    inner: &Loop,
    names: &[Stmt],
    effects: &Effects,
) -> Option<bool> {
    let mut scope = Scope::new(func, effects.clone());
    let vars = [scope.var(outer)?, scope.var(inner)?];
    for stmt in names {
        scope.assign(stmt);
    }
    let mut found = Directions::default();
    found.block(func, &mut scope, vars, &inner.body)?;
    Some(found.along && found.across && found.size <= MAX_SIZE)
}

#[derive(Default)]
struct Directions {
    /// There are elements next to each other in the direction of the inner loop.
    along: bool,
    /// There are some in that of the outer loop.
    across: bool,
    /// Expressions.
    size: usize,
}

impl Directions {
    fn block(
        &mut self,
        func: &Function,
        scope: &mut Scope<'_>,
        vars: [Symbol; 2],
        block: &Block,
    ) -> Option<()> {
        for stmt in &block.stmts {
            if let Some(place) = stmt.kind.place() {
                self.place(func, scope, vars, place)?;
            }
            let mut open = Vec::new();
            stmt.kind.for_each_expr(|expr| open.push(expr));
            while let Some(id) = open.pop() {
                let expr = func.exprs.get(id)?;
                self.size += 1;
                // Functions take longer than memory does.
                if let ExprKind::Call { intrinsic, .. } = &expr.kind
                    && !is_cheap(*intrinsic)
                {
                    return None;
                }
                if let Some(place) = expr.kind.place() {
                    self.place(func, scope, vars, place)?;
                }
                expr.kind.for_each_operand(|operand| open.push(operand));
            }
            scope.assign(stmt);
            for inner in stmt.kind.blocks() {
                self.block(func, scope, vars, inner)?;
            }
        }
        Some(())
    }

    fn place(
        &mut self,
        func: &Function,
        scope: &mut Scope<'_>,
        [i, j]: [Symbol; 2],
        place: &Place,
    ) -> Option<()> {
        let bytes = match (&func.locals[place.local].ty, place.projections.as_slice()) {
            (_, []) => return Some(()),
            (Ty::Slice { elem, .. }, [Projection::Index { .. }]) => {
                u64::from(elem.as_scalar()?.bits().div_ceil(8))
            }
            _ => return None,
        };
        let Some(Projection::Index { index, .. }) = place.projections.first() else {
            return None;
        };
        let poly = scope.poly(*index)?.poly;
        let distance = |var: Symbol| -> Option<Distance> {
            let (factor, _) = poly.linear_in(var)?;
            Some(match factor.as_constant() {
                _ if factor == Poly::default() => Distance::None,
                Some(factor) if factor.unsigned_abs() * u128::from(bytes) <= NEXT.into() => {
                    Distance::Next
                }
                _ => Distance::Far,
            })
        };
        match (distance(i)?, distance(j)?) {
            (Distance::Far, Distance::Next) => self.along = true,
            (Distance::Next, Distance::Far) => self.across = true,
            // In the direction of no row: blocks do not help.
            (Distance::Far, Distance::Far) => return None,
            _ => {}
        }
        Some(())
    }
}

fn is_cheap(intrinsic: Intrinsic) -> bool {
    matches!(
        intrinsic,
        Intrinsic::Min
            | Intrinsic::Max
            | Intrinsic::Abs
            | Intrinsic::WrappingAdd
            | Intrinsic::WrappingSub
            | Intrinsic::WrappingMul
            | Intrinsic::SaturatingAdd
            | Intrinsic::SaturatingSub
    )
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Distance {
    None,
    Next,
    Far,
}

fn write(func: &mut Function, original: Stmt, conditions: &[Condition]) -> Option<Vec<Stmt>> {
    let mut copier = Copier::new(func);
    let fallback = copier.copy_stmt(func, &original);
    let span = original.span;
    let StmtKind::For(outer) = original.kind else {
        return None;
    };
    let (last, names) = outer.body.stmts.split_last()?;
    let StmtKind::For(inner) = &last.kind else {
        return None;
    };
    let mut edit = Edit::with_labels(func, span, copier.next_label());
    let mut stmts = Vec::new();
    let [start, end, first, last_column, behind, fits] =
        ["start", "end", "first", "last", "behind", "fits"].map(|name| {
            let ty = match name {
                "fits" => Ty::BOOL,
                _ => Ty::USIZE,
            };
            edit.temporary(name, ty)
        });
    let bounds = [
        (start, outer.start),
        (end, outer.end),
        (first, inner.start),
        (last_column, inner.end),
    ];
    for (local, bound) in bounds {
        stmts.push(edit.set(local, bound));
    }
    // Enough rows and columns, none of which wraps.
    let mut all = Vec::new();
    for (from, to) in [(start, end), (first, last_column)] {
        let (a, b) = (edit.load(from), edit.load(to));
        all.push(edit.binary(BinaryOp::Lt, a, b));
        let (a, b) = (edit.load(from), edit.load(to));
        let (count, least) = (edit.sub(b, a), edit.usize(LEAST));
        all.push(edit.binary(BinaryOp::Ge, count, least));
    }
    if !conditions.is_empty() {
        all.push(write_conditions(conditions, &mut edit, end, &Ty::USIZE));
    }
    let cond = edit.all(all);
    stmts.push(edit.set(fits, cond));

    let mut tiled = Vec::new();
    // The columns of whole blocks end here.
    let value = {
        let (a, b) = (edit.load(last_column), edit.load(first));
        let (count, mask) = (edit.sub(a, b), edit.usize(COLUMNS - 1));
        let rest = edit.binary(BinaryOp::BitAnd, count, mask);
        let last = edit.load(last_column);
        edit.sub(last, rest)
    };
    tiled.push(edit.set(behind, value));
    let [rows, column] = ["rows", "column"].map(|name| edit.counter(name));
    let stop = edit.temporary("stop", Ty::USIZE);
    let value = {
        let (to, from) = (edit.load(end), edit.load(rows));
        let (left, most) = (edit.sub(to, from), edit.usize(ROWS));
        let count = edit.min(left, most);
        let from = edit.load(rows);
        edit.add(from, count)
    };
    let mut block = vec![edit.set(stop, value)];
    let mut columns = Vec::new();
    let mut body = Vec::new();
    let mut again = Copier::with_labels_from(u32::MAX / 2);
    let row = edit.counter("row");
    again.rename(outer.var, row);
    for stmt in names {
        body.push(again.copy_stmt(edit.func, stmt));
    }
    for number in 0..COLUMNS {
        let own = edit.temporary("column", Ty::USIZE);
        let value = edit.load(column);
        let value = edit.add_const(value, number);
        columns.push(edit.set(own, value));
        again.rename(inner.var, own);
        for stmt in &inner.body.stmts {
            body.push(again.copy_stmt(edit.func, stmt));
        }
    }
    let between = (edit.load(rows), edit.load(stop), 1);
    columns.push(edit.for_loop(row, between, LoopHints::default(), body));
    let between = (edit.load(first), edit.load(behind), COLUMNS);
    block.push(edit.for_loop(column, between, LoopHints::default(), columns));
    let between = (edit.load(start), edit.load(end), ROWS);
    tiled.push(edit.for_loop(rows, between, LoopHints::default(), block));
    // What is left of the columns.
    let mut left = Copier::with_labels_from(edit.next_label());
    let mut rest = left.copy_loop(edit.func, &outer);
    if let Some(Stmt {
        kind: StmtKind::For(inner),
        ..
    }) = rest.body.stmts.last_mut()
    {
        inner.start = edit.load(behind);
        inner.end = edit.load(last_column);
        inner.hints.cold = true;
    }
    rest.start = edit.load(start);
    rest.end = edit.load(end);
    rest.hints.cold = true;
    let (from, to) = (edit.load(behind), edit.load(last_column));
    let any = edit.binary(BinaryOp::Lt, from, to);
    let rest = edit.stmt(StmtKind::For(rest));
    tiled.push(edit.if_then(any, vec![rest], Vec::new()));
    let fits = edit.load(fits);
    stmts.push(edit.if_then(fits, tiled, vec![fallback]));
    Some(stmts)
}
