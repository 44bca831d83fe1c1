//! Indices that are data: `x[columns[p]]`, `bins[(256.0 * v) as usize]`.
//!
//! Nothing before the loop says whether such an index is in bounds, but the loop's own data do, some iterations ahead. As long as the loop does not
//! change what the indices are computed from, the greatest of many can be found first, which vectors are good at, and compared once:
//!
//! ```text
//! for each block of iterations {
//!     for r in block { greatest = greatest.max(columns[r]); }
//!     if greatest < x.len() { for p in block { s += values[p] * x[columns[p]]; } }      // without checks
//!     else { the block as it was, which traps where it did }                             // cold
//! }
//! ```
//!
//! What is the same in all iterations may be added to such a number, `x[y * width + fx as usize]`: it is added to the greatest.
//!
//! Where an index takes float arithmetic, the first loop keeps the indices, and the second one reads them: the casts are done in vectors then.
//!
//! Inner loops are often too short for that, and their bounds are data as well: the rows of a sparse matrix,
//! `for i in 0..n { for p in rows[i]..rows[i + 1] { .. } }`. So for the nest, the blocks are of rows. Where each row begins at the end of the one
//! before it, the first start and the last end of a block's rows say which `p` there are, if no row ends before it begins: that is
//! looked at first, and if it is not so, the block runs as it was. There are also inner loops that are the same for each row. What is looked at only
//! to be compared would come from memory while nothing else happens, so each row asks for what will be looked at a block later.
//!
//! What may happen only sometimes, behind a condition, keeps its check; and a loop that may be left early is not rewritten, as what
//! comes after might not be there to be read.

mod find;
#[cfg(test)]
mod tests;
mod write;

use std::collections::HashMap;

use self::find::{Finder, Indirect};
use super::collect::{Check, collect};
use super::{MAX_CONDITIONS, remove_checks};
use crate::analysis::affine::Scope;
use crate::analysis::effects::{Effects, is_behind_pointer, may_trap};
use crate::analysis::poly::Symbol;
use crate::expr::{BinaryOp, ConstValue, Expr, ExprId, ExprKind, Place, Projection, SiteId};
use crate::func::{Function, LocalId};
use crate::span::Span;
use crate::stmt::{Block, Loop, LoopHints, Stmt, StmtKind};
use crate::transform::copy::Copier;
use crate::transform::edit::Edit;
use crate::transform::guard::GuardBuilder;
use crate::ty::Ty;

/// Iterations of a block: their data stay in the first-level cache.
pub(in crate::transform) const BLOCK: u64 = if cfg!(test) { 16 } else { 512 };
/// Loops of fewer iterations run as they were.
const LEAST: u64 = 96;
/// Iterations of inner loops that a block of rows should have, and the most rows. What is looked at is read again before other data take its place in the
/// first-level cache.
const BLOCK_OF_ROWS: u64 = 2048;
const MOST_ROWS: u64 = 1024;
/// Nests of fewer rows run as they were.
const LEAST_ROWS: u64 = 4;
/// Numbers of indices, and arrays that keep some, of a loop.
const MOST_ROOTS: usize = 4;

/// What becomes of a loop.
pub(in crate::transform) struct Plan {
    /// Without checks of indices that are data.
    pub(in crate::transform) fast: Loop,
    /// How many checks that are.
    pub(super) removed: usize,
    cold: Loop,
    span: Span,
    /// The bounds of the whole loop.
    pub(in crate::transform) start: LocalId,
    pub(in crate::transform) end: LocalId,
    /// The block's.
    pub(in crate::transform) first: LocalId,
    pub(in crate::transform) behind: LocalId,
    /// What must hold so that blocks can be looked at.
    pub(in crate::transform) conditions: Vec<ExprId>,
    look: Look,
    rows: Option<Rows>,
}

/// The loop that looks at indices.
struct Look {
    each: Loop,
    /// The greatest numbers.
    greatest: Vec<LocalId>,
    kept: Vec<LocalId>,
    /// What they say of the indices.
    tests: Vec<ExprId>,
}

/// What is to know of the bounds of inner loops.
struct Rows {
    /// The loop that looks whether the rows are in order.
    each: Loop,
    /// Whether they are not.
    disorder: LocalId,
    lo: LocalId,
    hi: LocalId,
    /// What must hold of `lo` and `hi`.
    conditions: Vec<ExprId>,
    /// The first start and the last end of a block.
    ends: (ExprId, ExprId),
    /// The same of all rows; `None`: all rows are the same.
    all: Option<(ExprId, ExprId)>,
}

/// Says what becomes of a loop that has such indices, if anything.
pub(in crate::transform) fn plan(
    func: &mut Function,
    stmt: &Stmt,
    labels: &mut u32,
) -> Option<Plan> {
    let StmtKind::For(outer) = &stmt.kind else {
        return None;
    };
    let effects = Effects::of_stmt(func, stmt);
    let leaves = effects.leaves || effects.calls || effects.host_calls || effects.unbounded;
    if !is_plain(func, outer) || leaves || jumps(&outer.body) {
        return None;
    }
    let mut planner = Planner {
        func,
        span: stmt.span,
        labels,
        effects,
    };
    if planner.effects.vars.len() == 1 {
        return planner.plain(stmt, outer);
    }
    (0..outer.body.stmts.len()).find_map(|position| planner.nest(stmt, outer, position))
}

/// Whether a loop counts up by one.
fn is_plain(func: &Function, for_loop: &Loop) -> bool {
    let one = ExprKind::Const(ConstValue::Int(1));
    (func.exprs.get(for_loop.step)).is_some_and(|step| step.kind == one)
        && !for_loop.inclusive
        && !for_loop.reversed
        && !for_loop.hints.cold
        && for_loop.hints.lanes == 0
        && func.locals[for_loop.var].ty == Ty::USIZE
}

fn jumps(body: &Block) -> bool {
    let mut any = false;
    body.for_each_stmt(|stmt| {
        any |= matches!(stmt.kind, StmtKind::Break(_) | StmtKind::Continue(_));
    });
    any
}

struct Planner<'a> {
    func: &'a mut Function,
    span: Span,
    labels: &'a mut u32,
    /// Those of the whole loop.
    effects: Effects,
}

impl Planner<'_> {
    fn edit(&mut self) -> Edit<'_> {
        Edit::with_labels(self.func, self.span, *self.labels)
    }

    fn temporary(&mut self, name: &str) -> LocalId {
        self.edit().temporary(name, Ty::USIZE)
    }

    fn load(&mut self, local: LocalId) -> ExprId {
        self.edit().load(local)
    }

    /// The checks of indices that are data in a part of the loop, and what its locals stand for.
    fn find(&self, var: LocalId, body: &Block) -> (Vec<Indirect>, HashMap<LocalId, ExprId>) {
        let scope = Scope::new(self.func, self.effects.clone());
        let mut finder = Finder::new(self.func, &scope, var, body);
        finder.walk(&body.stmts);
        (finder.found, finder.defs)
    }

    /// A loop of which nothing is a loop.
    fn plain(&mut self, stmt: &Stmt, outer: &Loop) -> Option<Plan> {
        let constant = |id: ExprId| match self.func.exprs.get(id)?.kind {
            ExprKind::Const(ConstValue::Int(value)) => Some(value),
            _ => None,
        };
        if let (Some(start), Some(end)) = (constant(outer.start), constant(outer.end))
            && end.saturating_sub(start) < LEAST.into()
        {
            return None;
        }
        if self.find(outer.var, &outer.body).0.is_empty() {
            return None;
        }
        let [start, end, first, behind] =
            ["start", "end", "first", "behind"].map(|name| self.temporary(name));
        let mut fast = self.copy(outer);
        let mut conditions = self.free_between(&mut fast, (start, end))?;
        let (look, more) = self.look(&mut fast, (start, end), Some(first))?;
        conditions.extend(more);
        let mut look = look;
        for each in [&mut fast, &mut look.each] {
            each.start = self.load(first);
            each.end = self.load(behind);
        }
        Some(Plan {
            fast,
            removed: look.tests.len(),
            cold: outer.clone(),
            span: stmt.span,
            start,
            end,
            first,
            behind,
            conditions,
            look,
            rows: None,
        })
    }

    /// A loop around a loop whose indices are data.
    fn nest(&mut self, stmt: &Stmt, outer: &Loop, position: usize) -> Option<Plan> {
        let inner = inner_loop(outer, position)?;
        if !is_plain(self.func, inner) || !Effects::of_block(self.func, &inner.body).vars.is_empty()
        {
            return None;
        }
        let (found, _) = self.find(inner.var, &inner.body);
        let site = found.iter().find(|check| !check.key.floats)?.site;
        // The bounds of a row can be told ahead.
        let (defs, same) = {
            let mut scope = Scope::new(self.func, self.effects.clone());
            let mut finder = Finder::new(self.func, &scope, outer.var, &outer.body);
            finder.walk(&outer.body.stmts[..position]);
            if !finder.is_fixed(inner.start) || !finder.is_fixed(inner.end) {
                return None;
            }
            let defs = finder.defs;
            let changing = self.effects.vars.iter().chain(&self.effects.assigned);
            let changing: Vec<LocalId> = changing.copied().collect();
            let same = ![inner.start, inner.end]
                .into_iter()
                .any(|bound| reads_any(self.func, bound, &changing));
            let var = scope.var(outer)?;
            let mut steps = Steps {
                func: self.func,
                scope: &mut scope,
                defs: &defs,
                var,
            };
            if !same && !steps.follows(inner.start, inner.end) {
                return None;
            }
            (defs, same)
        };
        let [start, end, first, behind, lo, hi] =
            ["start", "end", "first", "behind", "lo", "hi"].map(|name| self.temporary(name));
        let bounds = (inner.start, inner.end);
        let (each, disorder, conditions) =
            self.order_of_rows(&defs, (outer.var, site), bounds, (start, end))?;
        let ends = self.ends(&defs, outer.var, bounds, (first, behind));
        let all = (!same).then(|| self.ends(&defs, outer.var, bounds, (start, end)));

        let mut fast = self.copy(outer);
        let fast_stmt = Stmt {
            kind: StmtKind::For(fast.clone()),
            span: self.span,
        };
        self.effects = Effects::of_stmt(self.func, &fast_stmt);
        let Some(Stmt {
            kind: StmtKind::For(inner),
            ..
        }) = fast.body.stmts.get_mut(position)
        else {
            return None;
        };
        let bounds = (inner.start, inner.end);
        let mut row_conditions = self.free_between(inner, (lo, hi))?;
        let (look, more) = self.look(inner, (lo, hi), None)?;
        row_conditions.extend(more);
        (inner.start, inner.end) = bounds;
        if !same {
            let ahead = self.read_ahead(&look.each, bounds.0);
            fast.body.stmts.splice(position..position, ahead);
        }
        fast.start = self.load(first);
        fast.end = self.load(behind);
        Some(Plan {
            fast,
            removed: look.tests.len(),
            cold: outer.clone(),
            span: stmt.span,
            start,
            end,
            first,
            behind,
            conditions,
            look,
            rows: Some(Rows {
                each,
                disorder,
                lo,
                hi,
                conditions: row_conditions,
                ends,
                all,
            }),
        })
    }

    fn copy(&mut self, for_loop: &Loop) -> Loop {
        let mut copier = Copier::with_labels_from(*self.labels);
        let copy = copier.copy_loop(self.func, for_loop);
        *self.labels = copier.next_label();
        copy
    }

    /// Gives a loop these bounds, and frees it of the checks for which conditions before the whole loop can be told.
    fn free_between(
        &mut self,
        for_loop: &mut Loop,
        (start, end): (LocalId, LocalId),
    ) -> Option<Vec<ExprId>> {
        for_loop.start = self.load(start);
        for_loop.end = self.load(end);
        let stmt = Stmt {
            kind: StmtKind::For(for_loop.clone()),
            span: self.span,
        };
        let mut effects = Effects::of_stmt(self.func, &stmt);
        effects.assigned.extend(&self.effects.assigned);
        effects.vars.extend(&self.effects.vars);
        effects.stored_through.extend(&self.effects.stored_through);
        let mut scope = Scope::new(self.func, effects);
        let found = collect(&mut scope, for_loop, &[]);
        let symbols = std::mem::take(&mut scope.symbols);
        drop(scope);
        if found.conditions.len() > MAX_CONDITIONS {
            return None;
        }
        remove_checks(self.func, &mut for_loop.body, &found.proved);
        GuardBuilder::new(self.func, &symbols, self.span).build(&found.conditions)
    }

    /// Makes the loop that looks at the indices of a loop between these bounds, and takes their checks from it. Gives also what must hold so that
    /// the new loop may run.
    fn look(
        &mut self,
        fast: &mut Loop,
        bounds: (LocalId, LocalId),
        first: Option<LocalId>,
    ) -> Option<(Look, Vec<ExprId>)> {
        let (mut found, defs) = self.find(fast.var, &fast.body);
        // Indices can only be kept where their number is known.
        found.retain(|check| first.is_some() || !check.key.floats);
        let mut roots: Vec<&Indirect> = Vec::new();
        for check in &found {
            if !roots.iter().any(|other| other.root == check.root) && roots.len() < MOST_ROOTS {
                roots.push(check);
            }
        }
        let mut edit = self.edit();
        let var = edit.counter("r");
        let mut body = Vec::new();
        let (mut greatest, mut kept, mut tests) = (Vec::new(), Vec::new(), Vec::new());
        let mut proved = Vec::new();
        let mut replaced = Vec::new();
        for root in &roots {
            let key = root.key;
            let ty = Ty::Scalar(key.ty);
            let (number, most) = (
                edit.temporary("number", ty.clone()),
                edit.temporary("greatest", ty.clone()),
            );
            let operand = expand(&mut edit, &defs, key.operand, fast.var, &mut |edit| {
                edit.load(var)
            });
            set_sites(edit.func, operand, Some(root.site));
            let value = match *edit.ty(operand) == ty {
                true => operand,
                false => edit.expr(ExprKind::Cast { operand }, ty.clone()),
            };
            body.push(edit.set(number, value));
            let (a, b) = (edit.load(most), edit.load(number));
            let more = edit.max(a, b);
            body.push(edit.set(most, more));
            if key.floats {
                let array = Ty::Array {
                    elem: Box::new(ty),
                    len: BLOCK,
                };
                let array = edit.temporary("indices", array);
                let at = |edit: &mut Edit<'_>, var| {
                    let (var, first) = (edit.load(var), edit.load(first?));
                    let offset = edit.sub(var, first);
                    Some(Place::local(array).index(offset, None))
                };
                let place = at(&mut edit, var)?;
                let value = edit.load(number);
                body.push(edit.assign(place, value));
                let place = at(&mut edit, fast.var)?;
                let operand = edit.load_place(place);
                replaced.push((root.root, ExprKind::Cast { operand }));
                kept.push(array);
            }
            greatest.push(most);
            for check in found.iter().filter(|check| check.root == root.root) {
                let number = edit.load(most);
                let mut number = edit.expr(ExprKind::Cast { operand: number }, Ty::USIZE);
                // Sums of two numbers below this do not wrap.
                let mut small = Vec::new();
                if let Some(sum) = sum_of(&defs, fast.var, &check.addends) {
                    for part in [number, sum(&mut edit)] {
                        let limit = edit.usize(1 << 62);
                        small.push(edit.binary(BinaryOp::Lt, part, limit));
                    }
                    let (again, sum) = (edit.load(most), sum(&mut edit));
                    number = edit.expr(ExprKind::Cast { operand: again }, Ty::USIZE);
                    number = edit.add(number, sum);
                }
                let length = edit.expr(ExprKind::Len(check.base.clone()), Ty::USIZE);
                let mut test = edit.binary(BinaryOp::Lt, number, length);
                if !small.is_empty() {
                    small.push(test);
                    test = edit.all(small);
                }
                if let Some(limit) = key.limit {
                    let number = edit.load(most);
                    let number = edit.expr(ExprKind::Cast { operand: number }, Ty::USIZE);
                    let limit = edit.usize(limit);
                    let below = edit.binary(BinaryOp::Lt, number, limit);
                    test = edit.all(vec![test, below]);
                }
                tests.push(test);
                proved.push(Check::Index(check.index));
            }
        }
        if roots.is_empty() {
            return None;
        }
        let zero = edit.usize(0);
        let end = edit.usize(0);
        let each = edit.for_loop(var, (zero, end, 1), LoopHints::default(), body);
        *self.labels = edit.next_label();
        let StmtKind::For(mut each) = each.kind else {
            return None;
        };
        let conditions = self.free_between(&mut each, bounds)?;
        self.ends_well(&each)?;
        remove_checks(self.func, &mut fast.body, &proved.into_iter().collect());
        for (root, kind) in replaced {
            self.func.exprs[root].kind = kind;
        }
        let look = Look {
            each,
            greatest,
            kept,
            tests,
        };
        Some((look, conditions))
    }

    /// Says, before a row, which elements will be looked at when those of a block have been used: otherwise the loop that looks, which does nothing
    /// else, waits for each of them.
    fn read_ahead(&mut self, each: &Loop, row_start: ExprId) -> Vec<Stmt> {
        if may_trap(self.func, row_start) {
            return Vec::new();
        }
        let mut elements = Vec::new();
        each.body.for_each_stmt(|stmt| {
            stmt.kind
                .for_each_expr(|expr| elements_at(self.func, expr, each.var, &mut elements));
        });
        elements.truncate(MOST_ROOTS);
        let mut edit = self.edit();
        let mut stmts = Vec::new();
        for element in elements {
            let ty = edit.ty(element).clone();
            let moved = edit.copy(element, &mut |edit, id| match &edit.func.exprs[id].kind {
                ExprKind::Load(place) if *place == Place::local(each.var) => {
                    let first = edit.copy(row_start, &mut |_, _| None);
                    Some(edit.add_const(first, BLOCK_OF_ROWS))
                }
                _ => None,
            });
            let ExprKind::Load(place) = edit.func.exprs[moved].kind.clone() else {
                continue;
            };
            let address = Ty::Ref {
                to: Box::new(ty),
                mutable: false,
            };
            let kind = ExprKind::Borrow(place);
            edit.func.exprs[moved] = Expr { kind, ty: address };
            stmts.push(edit.stmt(StmtKind::Eval(moved)));
        }
        stmts
    }

    /// The loop that looks whether rows are in order, and what must hold so that it may run between these bounds.
    fn order_of_rows(
        &mut self,
        defs: &HashMap<LocalId, ExprId>,
        (var, site): (LocalId, SiteId),
        (row_start, row_end): (ExprId, ExprId),
        between: (LocalId, LocalId),
    ) -> Option<(Loop, LocalId, Vec<ExprId>)> {
        let mut edit = self.edit();
        let row = edit.counter("r");
        let disorder = edit.temporary("disorder", Ty::BOOL);
        let [from, to] = [row_start, row_end].map(|bound| {
            let value = expand(&mut edit, defs, bound, var, &mut |edit| edit.load(row));
            set_sites(edit.func, value, Some(site));
            value
        });
        let wrong = edit.binary(BinaryOp::Gt, from, to);
        let so_far = edit.load(disorder);
        let any = edit.binary(BinaryOp::BitOr, so_far, wrong);
        let body = vec![edit.set(disorder, any)];
        let (zero, none) = (edit.usize(0), edit.usize(0));
        let each = edit.for_loop(row, (zero, none, 1), LoopHints::default(), body);
        *self.labels = edit.next_label();
        let StmtKind::For(mut each) = each.kind else {
            return None;
        };
        let conditions = self.free_between(&mut each, between)?;
        self.ends_well(&each)?;
        Some((each, disorder, conditions))
    }

    /// The start of the first and the end of the last of these rows.
    fn ends(
        &mut self,
        defs: &HashMap<LocalId, ExprId>,
        var: LocalId,
        (row_start, row_end): (ExprId, ExprId),
        (first, behind): (LocalId, LocalId),
    ) -> (ExprId, ExprId) {
        let mut edit = self.edit();
        let from = expand(&mut edit, defs, row_start, var, &mut |edit| {
            edit.load(first)
        });
        let to = expand(&mut edit, defs, row_end, var, &mut |edit| {
            let (behind, one) = (edit.load(behind), edit.usize(1));
            edit.sub(behind, one)
        });
        for id in [from, to] {
            set_sites(edit.func, id, None);
        }
        (from, to)
    }

    /// `None` for a loop that may trap.
    fn ends_well(&self, for_loop: &Loop) -> Option<()> {
        let effects = Effects::of_block(self.func, &for_loop.body);
        (!effects.traps).then_some(())
    }
}

/// The elements of slices that an expression loads, whose indices are found without other loads and follow a variable.
fn elements_at(func: &Function, id: ExprId, var: LocalId, elements: &mut Vec<ExprId>) {
    let kind = &func.exprs[id].kind;
    if let ExprKind::Load(place) = kind
        && let [.., Projection::Index { index, .. }] = place.projections[..]
        && is_behind_pointer(func, place)
        && reads_any(func, index, &[var])
        && !loads_elements(func, index)
        && !elements
            .iter()
            .any(|&other| func.exprs[other].kind == *kind)
    {
        elements.push(id);
    }
    kind.for_each_operand(|operand| elements_at(func, operand, var, elements));
}

fn loads_elements(func: &Function, id: ExprId) -> bool {
    let kind = &func.exprs[id].kind;
    let mut any = kind
        .place()
        .is_some_and(|place| !place.projections.is_empty());
    kind.for_each_operand(|operand| any = any || loads_elements(func, operand));
    any
}

fn inner_loop(outer: &Loop, position: usize) -> Option<&Loop> {
    match &outer.body.stmts.get(position)?.kind {
        StmtKind::For(inner) => Some(inner),
        _ => None,
    }
}

/// Compares expressions of neighbouring iterations.
struct Steps<'a, 'f> {
    func: &'f Function,
    scope: &'a mut Scope<'f>,
    defs: &'a HashMap<LocalId, ExprId>,
    var: Symbol,
}

impl Steps<'_, '_> {
    /// Whether the second expression is what the first is in the next iteration.
    fn follows(&mut self, first: ExprId, second: ExprId) -> bool {
        let (first, second) = (self.resolve(first), self.resolve(second));
        let func = self.func;
        let (Some(a), Some(b)) = (func.exprs.get(first), func.exprs.get(second)) else {
            return false;
        };
        if a.ty != b.ty {
            return false;
        }
        match (&a.kind, &b.kind) {
            (ExprKind::Cast { operand: a }, ExprKind::Cast { operand: b }) => self.follows(*a, *b),
            (ExprKind::Load(a), ExprKind::Load(b)) => {
                if let (
                    [.., Projection::Index { index: i, .. }],
                    [.., Projection::Index { index: j, .. }],
                ) = (&a.projections[..], &b.projections[..])
                {
                    let (a_base, b_base) = (&a.projections, &b.projections);
                    return a.local == b.local
                        && a_base[..a_base.len() - 1] == b_base[..b_base.len() - 1]
                        && self.is_next(*i, *j);
                }
                false
            }
            _ => false,
        }
    }

    fn resolve(&self, mut id: ExprId) -> ExprId {
        while let Some(ExprKind::Load(place)) = self.func.exprs.get(id).map(|expr| &expr.kind)
            && place.projections.is_empty()
            && let Some(&def) = self.defs.get(&place.local)
        {
            id = def;
        }
        id
    }

    /// Whether one index is the other in the next iteration.
    fn is_next(&mut self, first: ExprId, second: ExprId) -> bool {
        let (Some(a), Some(b)) = (self.scope.poly(first), self.scope.poly(second)) else {
            return false;
        };
        match (a.poly.linear_in(self.var), b.poly.sub(&a.poly)) {
            (Some((factor, _)), Some(distance)) => factor == distance,
            _ => false,
        }
    }
}

/// Whether an expression depends on any of these locals.
fn reads_any(func: &Function, id: ExprId, locals: &[LocalId]) -> bool {
    let kind = &func.exprs[id].kind;
    let mut any = kind
        .place()
        .is_some_and(|place| locals.contains(&place.local));
    kind.for_each_operand(|operand| any = any || reads_any(func, operand, locals));
    any
}

/// A copy of an expression with the definitions of locals in their places, for another value of the variable.
fn expand(
    edit: &mut Edit<'_>,
    defs: &HashMap<LocalId, ExprId>,
    id: ExprId,
    var: LocalId,
    value: &mut dyn FnMut(&mut Edit<'_>) -> ExprId,
) -> ExprId {
    edit.copy(id, &mut |edit, id| match &edit.func.exprs[id].kind {
        ExprKind::Load(place) if place.projections.is_empty() => {
            let local = place.local;
            if local == var {
                return Some(value(edit));
            }
            let def = *defs.get(&local)?;
            Some(expand(edit, defs, def, var, value))
        }
        _ => None,
    })
}

/// Writes the sum of these, if there are any, as often as it is wanted.
fn sum_of<'a>(
    defs: &'a HashMap<LocalId, ExprId>,
    var: LocalId,
    addends: &'a [ExprId],
) -> Option<impl Fn(&mut Edit<'_>) -> ExprId + 'a> {
    let (&first, more) = addends.split_first()?;
    Some(move |edit: &mut Edit<'_>| {
        let write =
            |edit: &mut Edit<'_>, id| expand(edit, defs, id, var, &mut |edit| edit.load(var));
        let mut sum = write(edit, first);
        for &addend in more {
            let addend = write(edit, addend);
            sum = edit.add(sum, addend);
        }
        sum
    })
}

/// Gives the indices in an expression this site, so that they are proved to be in bounds; or none, if they are.
fn set_sites(func: &mut Function, id: ExprId, site: Option<SiteId>) {
    let kind = &mut func.exprs[id].kind;
    if let Some(place) = kind.place_mut() {
        for step in &mut place.projections {
            if let Projection::Index { site: old, .. } = step {
                *old = site;
            }
        }
    }
    let mut operands = Vec::new();
    kind.for_each_operand(|operand| operands.push(operand));
    for operand in operands {
        set_sites(func, operand, site);
    }
}
