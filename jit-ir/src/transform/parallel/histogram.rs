//! Loops that add to elements of an array: each chunk adds to a short array of its own, and all of them are added to the array behind the
//! loop. What the array is meanwhile nobody sees, so a chunk must not trap: it notes that an index is no element, and then the loop runs as it was,
//! from its start.
//!
//! ```text
//! for i { a[f(i)] += 1; }      →      if worth && a.len() <= 256 { failed, sums = parallel ..; if !failed { a += sums } }
//!                                     if failed { for i { a[f(i)] += 1; } }
//! ```

use super::combine::combined;
use super::cost::cost_of;
use super::outline::{ArrayAccumulator, Outlined, outline, stores};
use super::{Counted, arguments, loads, worth};
use crate::analysis::effects::may_trap;
use crate::analysis::parallel::{
    ArrayReduction, Finding, ReduceOp, Reduction, ReductionKind, Update, Verdict, update_of,
};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place};
use crate::func::{Function, LocalId, Program};
use crate::layout::layout_of;
use crate::parallel::Parallelism;
use crate::stmt::{Block, Loop, LoopHints, LoopRequest, Parallel, Stmt, StmtKind};
use crate::ty::Ty;

use super::super::checks;
use super::super::copy::Copier;
use super::super::edit::Edit;
use super::super::guard::GuardBuilder;

/// The most elements that chunks have arrays for.
const MOST_ELEMENTS: u64 = 256;
/// The most bytes of such an array.
const MOST_BYTES: u64 = 2048;

/// What stands in place of a loop with accumulators in arrays. `None`: nothing can.
pub(super) fn replace(
    program: &mut Program,
    number: usize,
    original: &Stmt,
    finding: &Finding,
    min_work: u64,
) -> Option<Vec<Stmt>> {
    let StmtKind::For(for_loop) = &original.kind else {
        return None;
    };
    let span = original.span;
    let func = &mut program.functions[number];
    let scalar = func.locals[for_loop.var].ty.as_scalar()?;
    if !scalar.is_int() || scalar.bits() > 64 {
        return None;
    }
    let cost = cost_of(func, original, for_loop);

    // The copy that chunks run, in which nothing traps.
    let mut copier = Copier::new(func);
    let mut copy = copier.copy_stmt(func, original);
    let (conditions, symbols) = checks::free(func, &mut copy)?;
    let StmtKind::For(mut copy) = copy.kind else {
        return None;
    };
    if !traps_in_updates_only(func, &copy.body, &finding.arrays) {
        return None;
    }
    let mut guards: Vec<ExprId> = Vec::new();
    if !conditions.is_empty() {
        guards.extend(GuardBuilder::new(func, &symbols, span).build(&conditions)?);
    }
    match &finding.verdict {
        Verdict::Legal => {}
        Verdict::LegalIf(conditions) => {
            guards.extend(GuardBuilder::new(func, &finding.symbols, span).build(conditions)?);
        }
        Verdict::Illegal(_) => return None,
    }

    let mut stmts = Vec::new();
    let counted = Counted::new(func, for_loop, scalar, span, &mut stmts);
    let mut edit = Edit::with_labels(func, span, copier.next_label());
    let failed = edit.temporary("failed", Ty::BOOL);
    let mut arrays = Vec::new();
    let mut privates = finding.privates.clone();
    for array in &finding.arrays {
        let own = own_array(&mut edit, array)?;
        let len = edit.temporary("len", Ty::USIZE);
        let value = edit.expr(ExprKind::Len(Place::local(array.local)), Ty::USIZE);
        stmts.push(edit.set(len, value));
        let at = edit.temporary("at", Ty::USIZE);
        privates.push(at);
        let rewriter = Rewriter {
            array: array.local,
            own: own.own,
            len,
            at,
            failed,
        };
        rewriter.block(&mut edit, &mut copy.body);
        arrays.push((own, array.local, len));
    }
    let next_label = edit.next_label();
    let mut reductions = finding.reductions.clone();
    reductions.push(Reduction {
        local: failed,
        kind: ReductionKind::Op(ReduceOp::Or),
        site: None,
    });
    let of_chunks = Finding {
        privates,
        reductions,
        ..finding.clone()
    };
    let (owns, places): (Vec<_>, Vec<_>) = arrays
        .into_iter()
        .map(|(own, array, len)| (own, (array, len)))
        .unzip();
    let name = format!("{}::{}", func.name, span.line);
    let Outlined {
        body,
        accumulators,
        captures,
        combine,
        identities,
    } = outline(
        func,
        &name,
        span,
        &copy,
        &of_chunks,
        &owns,
        &counted.counting,
    )?;

    // What it stores elsewhere it would store again.
    if stores(func, &copy, &captures) {
        return None;
    }
    let plan = func.parallel.unwrap_or(Parallelism::AUTO);
    let function = program.functions.len() as u32;
    let result_ty = body.result.clone();
    program.functions.push(body);
    program.functions.push(combine?);
    let func = &mut program.functions[number];
    let mut edit = Edit::with_labels(func, span, next_label);
    let mut cond = worth(&mut edit, counted.count, &cost, &plan, min_work);
    for (own, (_, len)) in owns.iter().zip(&places) {
        let Ty::Array { len: most, .. } = edit.func.locals[own.own].ty.clone() else {
            return None;
        };
        let (len, most) = (edit.load(*len), edit.usize(most));
        guards.push(edit.binary(BinaryOp::Le, len, most));
    }
    for rhs in guards {
        let (lhs, or) = (cond, false);
        cond = edit.expr(ExprKind::ShortCircuit { or, lhs, rhs }, Ty::BOOL);
    }

    // In parallel.
    let mut then = Vec::new();
    let no = edit.expr(ExprKind::Const(ConstValue::Bool(false)), Ty::BOOL);
    then.push(edit.set(failed, no));
    for own in &owns {
        let (value, elem) = own.identity(edit.func)?;
        let value = edit.expr(ExprKind::Const(value), elem);
        let ty = edit.func.locals[own.own].ty.clone();
        let value = edit.expr(ExprKind::Repeat(value), ty);
        then.push(edit.set(own.own, value));
    }
    let starts = |edit: &mut Edit<'_>| -> Vec<ExprId> {
        let mut starts = Vec::new();
        for own in &owns {
            let to = Box::new(edit.func.locals[own.own].ty.clone());
            let kind = ExprKind::Borrow(Place::local(own.own));
            starts.push(edit.expr(kind, Ty::Ref { to, mutable: false }));
        }
        starts
    };
    let work = {
        let operand = cost.expr(&mut edit);
        edit.expr(ExprKind::Cast { operand }, Ty::USIZE)
    };
    let types: Vec<Ty> = accumulators
        .iter()
        .map(|&local| edit.func.locals[local].ty.clone())
        .collect();
    let mut from = loads(&mut edit, &accumulators);
    from.extend(starts(&mut edit));
    let mut identities: Vec<ExprId> = (identities.into_iter().zip(types))
        .map(|(value, ty)| edit.expr(ExprKind::Const(value), ty))
        .collect();
    identities.extend(starts(&mut edit));
    let result = edit.temporary("accumulators", result_ty);
    let parallel = Parallel {
        function,
        count: edit.load(counted.count),
        work,
        accumulators: from,
        identities,
        captures: arguments(&mut edit, &captures),
        combine: Some(function + 1),
        result: Some(Place::local(result)),
        stores: false,
        plan,
    };
    then.push(edit.stmt(StmtKind::Parallel(Box::new(parallel))));
    let part = |edit: &mut Edit<'_>, position: usize| {
        edit.load_place(Place::local(result).field(position as u32))
    };
    let last = accumulators.len() - 1;
    let value = part(&mut edit, last);
    then.push(edit.set(failed, value));
    let mut ended = Vec::new();
    for (position, &local) in accumulators[..last].iter().enumerate() {
        let value = part(&mut edit, position);
        ended.push(edit.set(local, value));
    }
    for (position, (own, (array, len))) in owns.iter().zip(&places).enumerate() {
        let sums = Place::local(result).field((last + 1 + position) as u32);
        ended.push(add_to(&mut edit, *array, *len, own.op, &sums));
    }
    let cond_failed = edit.load(failed);
    then.push(edit.if_then(cond_failed, Vec::new(), ended));

    // As it was.
    let yes = edit.expr(ExprKind::Const(ConstValue::Bool(true)), Ty::BOOL);
    let otherwise = vec![edit.set(failed, yes)];
    stmts.push(edit.if_then(cond, then, otherwise));
    let serial = Loop {
        start: edit.load(counted.start),
        end: edit.load(counted.end),
        step: match counted.counting.step {
            Some(step) => edit.load(step),
            None => for_loop.step,
        },
        request: LoopRequest::Auto,
        ..for_loop.clone()
    };
    let serial = edit.stmt(StmtKind::For(serial));
    let cond = edit.load(failed);
    stmts.push(edit.if_then(cond, vec![serial], Vec::new()));
    for &local in &accumulators {
        func.locals[local].mutable = true;
    }
    Some(stmts)
}

/// The array that a chunk adds to.
fn own_array(edit: &mut Edit<'_>, array: &ArrayReduction) -> Option<ArrayAccumulator> {
    let (elem, len) = match &edit.func.locals[array.local].ty {
        Ty::Slice { elem, .. } => (elem.clone(), MOST_ELEMENTS),
        Ty::Array { elem, len } => (elem.clone(), *len),
        _ => return None,
    };
    let size = layout_of(&elem).ok()?.size;
    if len == 0 || len.checked_mul(size)? > MOST_BYTES {
        return None;
    }
    let own = edit.temporary("sums", Ty::Array { elem, len });
    let op = array.op;
    Some(ArrayAccumulator { own, op })
}

/// `for element in 0..len { array[element] = array[element] op sums[element]; }`
fn add_to(edit: &mut Edit<'_>, array: LocalId, len: LocalId, op: ReduceOp, sums: &Place) -> Stmt {
    let element = edit.counter("element");
    let at = |edit: &mut Edit<'_>, place: Place| {
        let index = edit.load(element);
        place.index(index, None)
    };
    let to = at(edit, Place::local(array));
    let left = at(edit, Place::local(array));
    let right = at(edit, sums.clone());
    let (left, right) = (edit.load_place(left), edit.load_place(right));
    let value = combined(edit, op, left, right, None);
    let update = edit.assign(to, value);
    let bounds = (edit.usize(0), edit.load(len), 1);
    edit.for_loop(element, bounds, LoopHints::default(), vec![update])
}

/// Whether nothing in a block can trap but that the index of an update is no element.
pub(super) fn traps_in_updates_only(
    func: &Function,
    block: &Block,
    arrays: &[ArrayReduction],
) -> bool {
    block.stmts.iter().all(|stmt| {
        let update = (arrays.iter()).find_map(|array| update_of(func, stmt, array.local));
        if let Some(Update { index, value, .. }) = update {
            return !may_trap(func, index) && !may_trap(func, value);
        }
        let mut traps = matches!(
            stmt.kind,
            StmtKind::Trap { .. }
                | StmtKind::Call { .. }
                | StmtKind::While { .. }
                | StmtKind::Forever { .. }
        );
        stmt.kind
            .for_each_expr(|expr| traps = traps || may_trap(func, expr));
        if let Some(place) = stmt.kind.place() {
            place.for_each_site(|_| traps = true);
        }
        !traps && (stmt.kind.blocks()).all(|inner| traps_in_updates_only(func, inner, arrays))
    })
}

/// Makes updates those of the chunk's own array.
struct Rewriter {
    array: LocalId,
    own: LocalId,
    len: LocalId,
    at: LocalId,
    failed: LocalId,
}

impl Rewriter {
    fn block(&self, edit: &mut Edit<'_>, block: &mut Block) {
        let mut stmts = Vec::with_capacity(block.stmts.len());
        for mut stmt in std::mem::take(&mut block.stmts) {
            match update_of(edit.func, &stmt, self.array) {
                Some(update) => self.update(edit, &update, &mut stmts),
                None => {
                    for inner in stmt.kind.blocks_mut() {
                        self.block(edit, inner);
                    }
                    stmts.push(stmt);
                }
            }
        }
        block.stmts = stmts;
    }

    fn update(&self, edit: &mut Edit<'_>, update: &Update, stmts: &mut Vec<Stmt>) {
        stmts.push(edit.set(self.at, update.index));
        let element = |edit: &mut Edit<'_>| {
            let index = edit.load(self.at);
            Place::local(self.own).index(index, None)
        };
        let to = element(edit);
        let from = element(edit);
        let from = edit.load_place(from);
        let value = update.operation;
        if let ExprKind::Binary { lhs, rhs, .. } = &mut edit.func.exprs[value].kind {
            *(if update.swapped { rhs } else { lhs }) = from;
        }
        let then = vec![edit.assign(to, value)];
        let yes = edit.expr(ExprKind::Const(ConstValue::Bool(true)), Ty::BOOL);
        let otherwise = vec![edit.set(self.failed, yes)];
        let (at, len) = (edit.load(self.at), edit.load(self.len));
        let cond = edit.binary(BinaryOp::Lt, at, len);
        stmts.push(edit.if_then(cond, then, otherwise));
    }
}
