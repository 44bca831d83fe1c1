//! Loops over the same range, one behind the other, become one:
//!
//! ```text
//! for i in 0..n { t[i] = a[i] * b[i]; }
//! for i in 0..n { y[i] = t[i] + c[i]; }      →      for i in 0..n { t[i] = a[i] * b[i]; y[i] = t[i] + c[i]; }
//! ```
//!
//! What the first stored the second finds in a register, what both read is read once, and sums whose order is fixed wait for their additions
//! side by side. [`gain`] says whether it is worth it.
//!
//! It may be done if neither loop can panic or be left early, and no iteration of the second has to do with a *later* one of the first
//! ([`crate::analysis::iterations`]): then each store and each load still finds what it found. Values that are computed between the two
//! loops (`let mut sum = 0.0;`) move in front of the first, or behind the second.
//!
//! Loops that have a version without checks stay versioned: the one loop runs if both conditions hold, or else both run with their checks, one
//! after the other. The pass is the last one, so that it gets what no other pass had a better use for.

mod gain;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use self::gain::{is_worth, profile};
use super::nests::{Path, block_at};
use crate::analysis::affine::Scope;
use crate::analysis::effects::{Effects, exposed_locals, is_behind_pointer, may_trap};
use crate::analysis::iterations::{Access, Distance, Reader, Steps};
use crate::analysis::parallel::PointsTo;
use crate::expr::{BinaryOp, ExprId, ExprKind};
use crate::func::{Function, LocalId};
use crate::remark::{RemarkKind, Remarks};
use crate::stmt::{Block, Label, Loop, LoopRequest, Stmt, StmtKind};
use crate::ty::Ty;

/// How many statements may stand between two loops.
const MOST_BETWEEN: usize = 12;
/// How often loops of one function are fused.
const MOST_FUSIONS: usize = 32;

/// Fuses the loops of a function where that is legal and worth it.
pub(super) fn run(func: &mut Function, remarks: &mut Remarks<'_>) {
    run_with(func, false, remarks);
}

/// The same, also where nothing is gained.
fn run_with(func: &mut Function, always: bool, remarks: &mut Remarks<'_>) {
    let mut refused = HashSet::new();
    for _ in 0..MOST_FUSIONS {
        let Some(plan) = search(func, always, &mut refused) else {
            return;
        };
        let spans = apply(func, plan);
        if let Some([first, second]) = spans {
            remarks.add(first, RemarkKind::Fused { with: second });
            remarks.add(second, RemarkKind::FusedInto { first });
        }
    }
}

/// Two loops of one block, and what is between them.
struct Plan {
    path: Path,
    first: usize,
    second: usize,
    /// The statements between that go in front, by their positions; the others go behind.
    before: Vec<usize>,
}

/// A loop that may be fused: as it is, or the version without checks of one that has both.
struct Candidate<'b> {
    for_loop: &'b Loop,
    /// The condition of that version, and the one with checks.
    versions: Option<(ExprId, &'b Stmt)>,
}

fn candidate<'b>(func: &Function, stmt: &'b Stmt) -> Option<Candidate<'b>> {
    match &stmt.kind {
        StmtKind::For(for_loop) if is_plain(for_loop) => Some(Candidate {
            for_loop,
            versions: None,
        }),
        StmtKind::If {
            cond,
            then,
            otherwise,
        } => {
            let ([fast], [slow]) = (&then.stmts[..], &otherwise.stmts[..]) else {
                return None;
            };
            let (StmtKind::For(for_loop), StmtKind::For(cold)) = (&fast.kind, &slow.kind) else {
                return None;
            };
            (is_plain(for_loop) && cold.hints.cold && !may_trap(func, *cond)).then_some(Candidate {
                for_loop,
                versions: Some((*cond, slow)),
            })
        }
        _ => None,
    }
}

/// Whether a loop has nothing in it but assignments and conditions.
fn is_plain(for_loop: &Loop) -> bool {
    fn is_simple(block: &Block) -> bool {
        block.stmts.iter().all(|stmt| match &stmt.kind {
            StmtKind::Assign { .. } | StmtKind::Eval(_) => true,
            StmtKind::If {
                then, otherwise, ..
            } => is_simple(then) && is_simple(otherwise),
            _ => false,
        })
    }
    !for_loop.hints.cold
        && for_loop.hints.lanes == 0
        && for_loop.request == LoopRequest::Auto
        && !for_loop.body.stmts.is_empty()
        && is_simple(&for_loop.body)
}

/// The next two loops to fuse. Pairs that cannot be are remembered, by their labels.
fn search(func: &Function, always: bool, refused: &mut HashSet<(Label, Label)>) -> Option<Plan> {
    let mut search = Search {
        func,
        always,
        refused,
        points_to: None,
        path: Vec::new(),
    };
    search.visit(&func.body)
}

struct Search<'f, 'r> {
    func: &'f Function,
    always: bool,
    refused: &'r mut HashSet<(Label, Label)>,
    points_to: Option<PointsTo>,
    path: Path,
}

impl<'f> Search<'f, '_> {
    fn visit(&mut self, block: &'f Block) -> Option<Plan> {
        for (position, stmt) in block.stmts.iter().enumerate() {
            if let Some(first) = candidate(self.func, stmt) {
                if let Some(plan) = self.pair(block, position, &first) {
                    return Some(plan);
                }
                continue;
            }
            if let StmtKind::For(for_loop) = &stmt.kind
                && (for_loop.hints.cold || for_loop.hints.lanes != 0)
            {
                continue;
            }
            for (number, inner) in stmt.kind.blocks().enumerate() {
                self.path.push((position, number));
                if let Some(plan) = self.visit(inner) {
                    return Some(plan);
                }
                self.path.pop();
            }
        }
        None
    }

    fn pair(&mut self, block: &'f Block, first: usize, one: &Candidate<'f>) -> Option<Plan> {
        let between = (block.stmts[first + 1..].iter())
            .take_while(|stmt| matches!(stmt.kind, StmtKind::Assign { .. }))
            .count();
        let second = first + 1 + between;
        let two = candidate(self.func, block.stmts.get(second)?)?;
        let labels = (one.for_loop.label, two.for_loop.label);
        if between > MOST_BETWEEN
            || one.versions.is_some() != two.versions.is_some()
            || !self.refused.insert(labels)
        {
            return None;
        }
        let before = self.judge(&block.stmts[first..=second], one, &two)?;
        Some(Plan {
            path: self.path.clone(),
            first,
            second,
            before: before.into_iter().map(|number| first + number).collect(),
        })
    }

    /// Whether two loops may become one and should. Which of the statements between them then go in front.
    fn judge(
        &mut self,
        stmts: &[Stmt],
        one: &Candidate<'f>,
        two: &Candidate<'f>,
    ) -> Option<Vec<usize>> {
        let func = self.func;
        let (last, rest) = stmts.split_last()?;
        let (first, between) = rest.split_first()?;
        let (for_first, for_second) = (one.for_loop, two.for_loop);
        let same_form = for_first.inclusive == for_second.inclusive
            && for_first.reversed == for_second.reversed
            && func.locals.get(for_first.var)?.ty == func.locals.get(for_second.var)?.ty;
        if !same_form || (is_short(func, for_first) && !self.always) {
            return None;
        }
        let parts = [for_first, for_second].map(|for_loop| loop_effects(func, for_loop));
        for effects in &parts {
            if effects.traps || effects.leaves || effects.calls || effects.host_calls {
                return None;
            }
        }
        let (before, may_move_cond) = match (between, &two.versions) {
            ([], None) => (Vec::new(), true),
            _ => {
                let exposed = exposed_locals(func);
                let before = sort_between(func, [first, last], between, &exposed)?;
                let over = Effects::of_stmt(func, first);
                let cond = two.versions.as_ref().map(|(cond, _)| *cond);
                let may = cond.is_none_or(|cond| may_move(func, cond, &over, &exposed));
                (before, may)
            }
        };
        if !may_move_cond {
            return None;
        }

        let points_to = (self.points_to).get_or_insert_with(|| PointsTo::of(func));
        let region = Block {
            stmts: stmts.to_vec(),
        };
        let scope = Scope::new(func, Effects::of_block(func, &region));
        let mut reader = Reader::new(points_to, scope);
        let bounds = |reader: &mut Reader<'_, '_>, for_loop: &Loop| {
            [for_loop.start, for_loop.end, for_loop.step].map(|bound| {
                let exact = reader.scope.poly(bound);
                exact.filter(|exact| exact.needs.is_empty() || for_loop.hints.exact)
            })
        };
        let range = bounds(&mut reader, for_first);
        let firsts = reader.read(for_first)?;
        for stmt in between {
            reader.scope.assign(stmt);
        }
        let other = bounds(&mut reader, for_second);
        let same = range.iter().zip(&other).all(|bounds| match bounds {
            (Some(one), Some(other)) => one.poly == other.poly,
            _ => false,
        });
        if !same {
            return None;
        }
        let seconds = reader.read(for_second)?;
        let steps = Steps::of(func, for_first);
        let profiles = [(for_first, &firsts), (for_second, &seconds)]
            .map(|(for_loop, accesses)| profile(func, for_loop, accesses, steps));
        let distances = meetings(&firsts, &seconds, steps)?;
        (self.always || is_worth(&profiles, &firsts, &seconds, &distances)).then_some(before)
    }
}

/// By how many iterations the accesses of two loops that meet are apart. `None`: an iteration of the second meets a later one of the first.
fn meetings(firsts: &[Access], seconds: &[Access], steps: Steps) -> Option<Vec<i128>> {
    let mut distances = Vec::new();
    for first in firsts {
        for second in seconds {
            if !first.conflicts(second) {
                continue;
            }
            match first.distance(second, steps) {
                Distance::Never => {}
                Distance::Exactly(distance) if distance <= 0 => distances.push(distance),
                Distance::Exactly(_) | Distance::Any => return None,
            }
        }
    }
    Some(distances)
}

/// What a loop does, its bounds included.
fn loop_effects(func: &Function, for_loop: &Loop) -> Effects {
    let mut effects = Effects::of_block(func, &for_loop.body);
    for bound in [for_loop.start, for_loop.end, for_loop.step] {
        effects.traps |= may_trap(func, bound);
    }
    effects
}

/// Whether a loop is so short that LLVM unrolls all of it.
fn is_short(func: &Function, for_loop: &Loop) -> bool {
    let constant = |expr: ExprId| match func.exprs.get(expr).map(|expr| &expr.kind) {
        Some(ExprKind::Const(crate::expr::ConstValue::Int(value))) => Some(*value),
        _ => None,
    };
    match (constant(for_loop.start), constant(for_loop.end)) {
        (Some(start), Some(end)) => end.saturating_sub(start) < 32,
        _ => false,
    }
}

/// Which statements between two loops go in front of the first, by their numbers, counted from 1. The others go behind the second. `None`: one
/// of them can go nowhere.
fn sort_between(
    func: &Function,
    [first, last]: [&Stmt; 2],
    between: &[Stmt],
    exposed: &HashSet<LocalId>,
) -> Option<Vec<usize>> {
    let used = |stmt: &Stmt| {
        let mut used = HashSet::new();
        for_each_local(func, stmt, &mut |local| {
            used.insert(local);
        });
        used
    };
    let (in_first, in_second) = (used(first), used(last));
    let (of_first, of_second) = (Effects::of_stmt(func, first), Effects::of_stmt(func, last));
    let mut before = Vec::new();
    // What goes behind: what it assigns, and what it reads.
    let (mut assigned_behind, mut read_behind) = (HashSet::new(), HashSet::new());
    for (number, stmt) in between.iter().enumerate() {
        let StmtKind::Assign { place, value } = &stmt.kind else {
            return None;
        };
        let target = place.local;
        if !place.projections.is_empty()
            || is_behind_pointer(func, place)
            || exposed.contains(&target)
            || may_trap(func, *value)
        {
            return None;
        }
        let mut reads = HashSet::new();
        for_each_local_of(func, *value, &mut |local| {
            reads.insert(local);
        });
        let goes_before = !in_first.contains(&target)
            && may_move(func, *value, &of_first, exposed)
            && reads.is_disjoint(&assigned_behind)
            && !assigned_behind.contains(&target)
            && !read_behind.contains(&target);
        if goes_before {
            before.push(number + 1);
            continue;
        }
        if in_second.contains(&target) || !may_move(func, *value, &of_second, exposed) {
            return None;
        }
        assigned_behind.insert(target);
        read_behind.extend(reads);
    }
    Some(before)
}

/// Whether an expression has the same value before and behind something with these effects.
fn may_move(func: &Function, value: ExprId, effects: &Effects, exposed: &HashSet<LocalId>) -> bool {
    let Some(expr) = func.exprs.get(value) else {
        return false;
    };
    let mut may = true;
    if let Some(place) = expr.kind.place() {
        may &= !effects.assigned.contains(&place.local) && !effects.vars.contains(&place.local);
        // The length of a slice is not in memory.
        let is_len = matches!(expr.kind, ExprKind::Len(_)) && place.projections.is_empty();
        let reads_memory = is_behind_pointer(func, place) || exposed.contains(&place.local);
        may &= is_len || !reads_memory || !effects.stores();
        // What points to memory that changes stays where it is.
        may &= !matches!(expr.kind, ExprKind::Borrow(_) | ExprKind::SubSlice { .. });
    }
    may &= !effects.calls && !effects.host_calls;
    expr.kind
        .for_each_operand(|operand| may = may && may_move(func, operand, effects, exposed));
    may
}

/// Calls `visit` with all locals that a statement names.
fn for_each_local(func: &Function, stmt: &Stmt, visit: &mut impl FnMut(LocalId)) {
    stmt.kind
        .for_each_expr(|expr| for_each_local_of(func, expr, visit));
    if let Some(place) = stmt.kind.place() {
        visit(place.local);
    }
    if let StmtKind::For(for_loop) = &stmt.kind {
        visit(for_loop.var);
    }
    for block in stmt.kind.blocks() {
        for inner in &block.stmts {
            for_each_local(func, inner, visit);
        }
    }
}

fn for_each_local_of(func: &Function, expr: ExprId, visit: &mut impl FnMut(LocalId)) {
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        let Some(expr) = func.exprs.get(expr) else {
            continue;
        };
        if let Some(place) = expr.kind.place() {
            visit(place.local);
        }
        expr.kind.for_each_operand(|operand| open.push(operand));
    }
}

/// Makes two loops one. Returns where both were.
fn apply(func: &mut Function, plan: Plan) -> Option<[crate::Span; 2]> {
    let mut body = std::mem::take(&mut func.body);
    let spans = block_at(&mut body, &plan.path).and_then(|block| {
        let mut stmts: Vec<Stmt> = block.stmts.splice(plan.first..=plan.second, []).collect();
        let (last, first) = (stmts.pop()?, stmts.remove(0));
        let (mut before, mut behind) = (Vec::new(), Vec::new());
        for (number, stmt) in stmts.into_iter().enumerate() {
            match plan.before.contains(&(plan.first + 1 + number)) {
                true => before.push(stmt),
                false => behind.push(stmt),
            }
        }
        let spans = [first.span, last.span];
        before.push(join(func, first, last)?);
        before.extend(behind);
        block.stmts.splice(plan.first..plan.first, before);
        Some(spans)
    });
    func.body = body;
    spans
}

fn join(func: &mut Function, first: Stmt, last: Stmt) -> Option<Stmt> {
    let span = first.span;
    let kind = match (first.kind, last.kind) {
        (StmtKind::For(first), StmtKind::For(last)) => StmtKind::For(join_loops(func, first, last)),
        (
            StmtKind::If {
                cond: lhs,
                then: mut first,
                otherwise: mut cold,
            },
            StmtKind::If {
                cond: rhs,
                then: mut last,
                otherwise: colder,
            },
        ) => {
            let (first, last) = (first.stmts.pop()?, last.stmts.pop()?);
            let kind = ExprKind::Binary {
                op: BinaryOp::BitAnd,
                lhs,
                rhs,
                site: None,
            };
            let cond = super::guard::push_expr(func, kind, Ty::BOOL, span);
            cold.stmts.extend(colder.stmts);
            let fused = join(func, first, last)?;
            StmtKind::If {
                cond,
                then: Block { stmts: vec![fused] },
                otherwise: cold,
            }
        }
        _ => return None,
    };
    Some(Stmt { kind, span })
}

fn join_loops(func: &mut Function, mut first: Loop, last: Loop) -> Loop {
    let mut body = last.body;
    rename(func, &mut body, last.var, first.var);
    first.hints.exact &= last.hints.exact;
    first.body.stmts.extend(body.stmts);
    first
}

/// Has a block name another local.
fn rename(func: &mut Function, block: &mut Block, from: LocalId, to: LocalId) {
    for stmt in &mut block.stmts {
        let mut open = Vec::new();
        stmt.kind.for_each_expr(|expr| open.push(expr));
        while let Some(expr) = open.pop() {
            let kind = &mut func.exprs[expr].kind;
            if let Some(place) = kind.place_mut()
                && place.local == from
            {
                place.local = to;
            }
            kind.for_each_operand(|operand| open.push(operand));
        }
        for inner in stmt.kind.blocks_mut() {
            rename(func, inner, from, to);
        }
    }
}
