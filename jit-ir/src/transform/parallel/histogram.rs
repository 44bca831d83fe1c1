//! Loops that add to elements of an array: each chunk adds to a short array of its own, and all of them are added to the array behind the
//! loop. What the array is meanwhile nobody sees, so a chunk must not trap: it notes that an index is no element, and then the loop runs as it was,
//! from its start.
//!
//! ```text
//! for i { a[f(i)] += 1; }      →      if worth && a.len() <= 256 { failed, sums = parallel ..; if !failed { a += sums } }
//!                                     if failed { for i { a[f(i)] += 1; } }
//! ```
//!
//! Where indices can be looked at ahead ([`checks::indirect`]), chunks are of blocks of iterations, and a block whose indices are all in bounds adds without looking
//! at each.

use super::combine::combined;
use super::cost::cost_of;
use super::outline::{ArrayAccumulator, Outlined, outline, stores};
use super::{Counted, arguments, loads, worth};
use crate::analysis::effects::Effects;
use crate::analysis::parallel::{
    ArrayReduction, Finding, ReduceOp, Reduction, ReductionKind, Update, Verdict, elements_of,
    update_of,
};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place};
use crate::func::{Function, LocalId, Program};
use crate::layout::layout_of;
use crate::parallel::Parallelism;
use crate::stmt::{Block, Loop, LoopHints, LoopRequest, Parallel, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

use super::super::checks::{self, indirect};
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
    let mut labels = copier.next_label();
    let copied = Stmt {
        kind: StmtKind::For(copy.clone()),
        span,
    };
    let options = func.parallel.unwrap_or(Parallelism::AUTO);
    let plan = match options.min_len.is_none() && options.chunk.is_none() {
        true => indirect::plan(func, &copied, &mut labels),
        // These are numbers of iterations.
        false => None,
    };
    let mut plan = plan.filter(indirect::Plan::is_plain);
    let mut edit = Edit::with_labels(func, span, labels);
    let failed = edit.temporary("failed", Ty::BOOL);
    let mut arrays = Vec::new();
    let mut privates = finding.privates.clone();
    for array in &finding.arrays {
        let own = own_array(&mut edit, array)?;
        let len = edit.temporary("len", Ty::USIZE);
        let value = match elements_of(&edit.func.locals[array.local].ty)? {
            (_, Some(len)) => edit.usize(len),
            (_, None) => edit.expr(ExprKind::Len(Place::local(array.local)), Ty::USIZE),
        };
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
        if let Some(fast) = plan.as_mut().map(|plan| &mut plan.fast) {
            rewriter.block(&mut edit, &mut fast.body);
            // Indices that are kept apart, though they are the same, make no update.
            let stores = Effects::of_block(edit.func, &fast.body);
            if stores.stored_through.contains(&array.local)
                || stores.assigned.contains(&array.local)
            {
                plan = None;
            }
        }
        arrays.push((own, array.place(edit.func), len));
    }
    let (chunked, counted_chunks, chunk_len) = match plan {
        None => (copy, None, 1),
        Some(plan) => {
            privates.extend(plan.own());
            let blocks = in_blocks(&mut edit, plan, copy, &counted, &mut stmts, &mut guards);
            let labels = edit.next_label();
            let counted = Counted::new(edit.func, &blocks, ScalarTy::Usize, span, &mut stmts);
            edit = Edit::with_labels(edit.func, span, labels);
            (blocks, Some(counted), indirect::BLOCK)
        }
    };
    let counted_chunks = counted_chunks.as_ref().unwrap_or(&counted);
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
        &chunked,
        &of_chunks,
        &owns,
        &counted_chunks.counting,
    )?;

    // What it stores elsewhere it would store again.
    if stores(func, &chunked, &captures) {
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
        let each = cost.units(&mut edit);
        let number = ConstValue::F64((chunk_len as f64).to_bits());
        let number = edit.expr(ExprKind::Const(number), Ty::Scalar(ScalarTy::F64));
        let operand = edit.binary(BinaryOp::Mul, each, number);
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
        count: edit.load(counted_chunks.count),
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
    for (position, (own, (array, len))) in owns.iter().zip(places).enumerate() {
        let sums = Place::local(result).field((last + 1 + position) as u32);
        ended.push(add_to(&mut edit, &array, len, own.op, &sums));
    }
    let cond_failed = edit.load(failed);
    then.push(edit.if_then(cond_failed, Vec::new(), ended));

    // As it was.
    let yes = edit.expr(ExprKind::Const(ConstValue::Bool(true)), Ty::BOOL);
    let otherwise = vec![edit.set(failed, yes)];
    stmts.push(edit.if_then(cond, then, otherwise));
    let serial = counted.again(&mut edit, for_loop);
    let cond = edit.load(failed);
    stmts.push(edit.if_then(cond, vec![serial], Vec::new()));
    for &local in &accumulators {
        func.locals[local].mutable = true;
    }
    Some(stmts)
}

/// A loop over the blocks of a loop: `for block in 0..blocks { first = start + block * BLOCK; behind = ..; the block }`.
fn in_blocks(
    edit: &mut Edit<'_>,
    mut plan: indirect::Plan,
    cold: Loop,
    counted: &Counted,
    stmts: &mut Vec<Stmt>,
    guards: &mut Vec<ExprId>,
) -> Loop {
    for (to, from) in [(plan.start, counted.start), (plan.end, counted.end)] {
        let value = edit.load(from);
        stmts.push(edit.set(to, value));
    }
    guards.append(&mut plan.conditions);
    let blocks = edit.temporary("blocks", Ty::USIZE);
    let value = {
        let shift = edit.usize(indirect::BLOCK.ilog2().into());
        let (count, one) = (edit.load(counted.count), edit.usize(1));
        let last = edit.sub(count, one);
        let last = edit.binary(BinaryOp::Shr, last, shift);
        let (one, none) = (edit.usize(1), edit.usize(0));
        let some = edit.add(last, one);
        let (count, zero) = (edit.load(counted.count), edit.usize(0));
        let cond = edit.binary(BinaryOp::Gt, count, zero);
        let (then, otherwise) = (some, none);
        let kind = ExprKind::Select {
            cond,
            then,
            otherwise,
        };
        edit.expr(kind, Ty::USIZE)
    };
    stmts.push(edit.set(blocks, value));
    let block = edit.counter("block");
    let first = {
        let (number, size) = (edit.load(block), edit.usize(indirect::BLOCK));
        let offset = edit.binary(BinaryOp::Mul, number, size);
        let start = edit.load(counted.start);
        edit.add(start, offset)
    };
    let mut body = vec![edit.set(plan.first, first)];
    let behind = {
        let (end, first) = (edit.load(counted.end), edit.load(plan.first));
        let rest = edit.sub(end, first);
        let most = edit.usize(indirect::BLOCK);
        let length = edit.min(rest, most);
        let first = edit.load(plan.first);
        edit.add(first, length)
    };
    body.push(edit.set(plan.behind, behind));
    body.extend(plan.write_block(edit, cold));
    let (start, end) = (edit.usize(0), edit.load(blocks));
    Loop {
        label: edit.label(),
        var: block,
        start,
        end,
        step: edit.usize(1),
        inclusive: false,
        reversed: false,
        request: LoopRequest::Auto,
        hints: LoopHints::default(),
        body: Block { stmts: body },
    }
}

/// The array that a chunk adds to.
fn own_array(edit: &mut Edit<'_>, array: &ArrayReduction) -> Option<ArrayAccumulator> {
    let (elem, len) = elements_of(&edit.func.locals[array.local].ty)?;
    let (elem, len) = (Box::new(elem.clone()), len.unwrap_or(MOST_ELEMENTS));
    let size = layout_of(&elem).ok()?.size;
    if len == 0 || len.checked_mul(size)? > MOST_BYTES {
        return None;
    }
    let own = edit.temporary("sums", Ty::Array { elem, len });
    let op = array.op;
    Some(ArrayAccumulator { own, op })
}

/// `for element in 0..len { array[element] = array[element] op sums[element]; }`
fn add_to(edit: &mut Edit<'_>, array: &Place, len: LocalId, op: ReduceOp, sums: &Place) -> Stmt {
    let element = edit.counter("element");
    let at = |edit: &mut Edit<'_>, place: Place| {
        let index = edit.load(element);
        place.index(index, None)
    };
    let to = at(edit, array.clone());
    let left = at(edit, array.clone());
    let right = at(edit, sums.clone());
    let (left, right) = (edit.load_place(left), edit.load_place(right));
    let value = combined(edit, op, left, right, None);
    let update = edit.assign(to, value);
    let bounds = (edit.usize(0), edit.load(len), 1);
    edit.for_loop(element, bounds, LoopHints::default(), vec![update])
}

/// Whether an expression may trap; divisions by constants do not.
fn traps(func: &Function, expr: ExprId) -> bool {
    let unsigned = |expr: ExprId| {
        let ty = func.exprs[expr].ty.as_scalar();
        ty.is_some_and(ScalarTy::is_unsigned_int)
    };
    match func.exprs[expr].kind {
        ExprKind::Binary {
            op: BinaryOp::Div | BinaryOp::Rem,
            lhs,
            rhs,
            ..
        } if unsigned(lhs) => match func.exprs[rhs].kind {
            ExprKind::Const(ConstValue::Int(0)) => true,
            ExprKind::Const(_) => traps(func, lhs),
            _ => true,
        },
        ref kind => {
            let mut any = kind.site().is_some();
            if let Some(place) = kind.place() {
                place.for_each_site(|_| any = true);
            }
            kind.for_each_operand(|operand| any = any || traps(func, operand));
            any
        }
    }
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
            return !traps(func, index) && !traps(func, value);
        }
        let mut traps = matches!(
            stmt.kind,
            StmtKind::Trap { .. }
                | StmtKind::Call { .. }
                | StmtKind::While { .. }
                | StmtKind::Forever { .. }
        );
        stmt.kind
            .for_each_expr(|expr| traps = traps || self::traps(func, expr));
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
        match &mut edit.func.exprs[value].kind {
            ExprKind::Binary { lhs, rhs, .. } => {
                *(if update.swapped { rhs } else { lhs }) = from;
            }
            ExprKind::Call { args, .. } => {
                if let Some(element) = args.get_mut(usize::from(update.swapped)) {
                    *element = from;
                }
            }
            _ => {}
        }
        let then = vec![edit.assign(to, value)];
        if !update.checked {
            // The array has more elements than are used.
            stmts.extend(then);
            return;
        }
        let yes = edit.expr(ExprKind::Const(ConstValue::Bool(true)), Ty::BOOL);
        let otherwise = vec![edit.set(self.failed, yes)];
        let (at, len) = (edit.load(self.at), edit.load(self.len));
        let cond = edit.binary(BinaryOp::Lt, at, len);
        stmts.push(edit.if_then(cond, then, otherwise));
    }
}
