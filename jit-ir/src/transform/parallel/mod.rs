//! Loops whose iterations are independent run in parallel.
//!
//! ```text
//! for i in 0..n { body }      →      if worth { parallel f::body } else { f::body(0, n) }
//! ```
//!
//! [`crate::analysis::parallel`] says which loops, [`cost`] when it is worth it, [`outline`] moves the body into a function of its own: the
//! loop exists once, and run serially it is what it was. The loops of a function are looked at from the outermost inwards; what is inside of
//! one that was moved stays serial.

mod combine;
mod cost;
mod histogram;
mod outline;
mod promote;
mod split;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use self::cost::{Cost, cost_of};
use self::outline::{Capture, Counting, Outlined, argument, outline, stores};
use super::checks;
use super::distribution;
use super::edit::Edit;
use super::guard::GuardBuilder;
use super::jam::Jammed;
use super::nests::block_at;
use crate::analysis::effects::{Effects, exposed_locals};
use crate::analysis::parallel::{Analysis, Finding, Reason, ReasonKind, Verdict, visit_loops};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place};
use crate::func::{Function, LocalId, Program, Site, SiteKind};
use crate::intrinsic::Intrinsic;
use crate::parallel::{MIN_WORK, Parallelism, SPARSE};
use crate::remark::{ParallelLoop, Remark, RemarkKind, Remarks};
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, LoopRequest, Parallel, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

/// Runs the loops of a program's functions in parallel where that was asked for and is legal.
pub(super) fn run(program: &mut Program, jammed: &[Jammed], all: &mut Vec<Remark>) {
    run_with(program, MIN_WORK, jammed, all);
}

/// The same, for loops with at least so much work.
pub(super) fn run_with(
    program: &mut Program,
    min_work: u64,
    jammed: &[Jammed],
    all: &mut Vec<Remark>,
) {
    for number in 0..program.functions.len() {
        let asked = asks(&program.functions[number]);
        if asked {
            let func = &mut program.functions[number];
            let body = func.body.clone();
            func.body = name_bounds(func, body);
            let jammed = jammed.iter().find(|jammed| jammed.function == number);
            // Copies of loops would have other labels.
            if jammed.is_none() {
                promote::run(program, number);
                distribution::parallel::run(program, number, all);
            }
            let mut serial = split::run(program, number, min_work);
            serial.extend(jammed.iter().flat_map(|jammed| &jammed.serial));
            run_function(program, number, min_work, &serial, all);
        }
    }
}

/// Bounds that are no polynomials, such as `a.len() / n`, become locals, so that conditions can speak of them.
pub(super) fn name_bounds(func: &mut Function, block: Block) -> Block {
    let mut stmts = Vec::with_capacity(block.stmts.len());
    for mut stmt in block.stmts {
        let span = stmt.span;
        let effects = Effects::of_stmt(func, &stmt);
        if let StmtKind::For(for_loop) = &mut stmt.kind {
            checks::fix_bounds(func, for_loop, &effects, span, &mut stmts);
        }
        for inner in stmt.kind.blocks_mut() {
            *inner = name_bounds(func, std::mem::take(inner));
        }
        stmts.push(stmt);
    }
    Block { stmts }
}

/// Whether anything in a function is to run in parallel.
pub(super) fn asks(func: &Function) -> bool {
    let mut asked = func.parallel.is_some();
    func.body.for_each_stmt(|stmt| {
        asked |= matches!(&stmt.kind, StmtKind::For(inner) if inner.request == LoopRequest::Parallel);
    });
    asked
}

fn run_function(
    program: &mut Program,
    number: usize,
    min_work: u64,
    serial: &[Label],
    all: &mut Vec<Remark>,
) {
    let Some(analysis) = Analysis::new(program, number) else {
        return;
    };
    let func = &program.functions[number];
    let short = short_loops(func, &analysis);
    let mut found = Vec::new();
    let mut remarks = Remarks::new(number, all);
    visit_loops(func, &mut |site| {
        let StmtKind::For(for_loop) = &site.stmt.kind else {
            return true;
        };
        let requested = for_loop.request == LoopRequest::Parallel;
        if for_loop.hints.cold || serial.contains(&for_loop.label) {
            return false;
        }
        if func.parallel.is_none() && !requested {
            return true;
        }
        let mut finding = analysis.of_loop(site);
        if short.contains(&for_loop.label) && !requested {
            let text = "has few iterations, and loops in it run in parallel";
            finding.verdict = Verdict::Illegal(Reason {
                kind: ReasonKind::Form,
                text: text.to_owned(),
                first: site.stmt.span,
                second: site.stmt.span,
            });
        }
        if let Verdict::Illegal(reason) = finding.verdict {
            let kind = RemarkKind::Serial { reason, requested };
            remarks.add(site.stmt.span, kind);
            return true;
        }
        found.push((site.path.clone(), finding, requested));
        false
    });
    // From the back, so that positions stay right.
    for ((path, position), finding, requested) in found.into_iter().rev() {
        let func = &mut program.functions[number];
        let Some(original) = block_at(&mut func.body, &path)
            .and_then(|block| block.stmts.get(position))
            .cloned()
        else {
            continue;
        };
        let span = original.span;
        let min_work = least_work(min_work, is_repeated(func, &path));
        let replaced = match finding.arrays.is_empty() {
            true => replace(program, number, &original, &finding, min_work),
            false => histogram::replace(program, number, &original, &finding, min_work),
        };
        let kind = match replaced {
            Some(stmts) => {
                let func = &mut program.functions[number];
                if let Some(block) = block_at(&mut func.body, &path) {
                    block.stmts.splice(position..=position, stmts);
                }
                summary(&program.functions[number], span, &finding, requested)
            }
            None => {
                let text = "has bounds or conditions that cannot be computed before it starts";
                let reason = Reason {
                    kind: ReasonKind::Form,
                    text: text.to_owned(),
                    first: span,
                    second: span,
                };
                RemarkKind::Serial { reason, requested }
            }
        };
        Remarks::new(number, all).add(span, kind);
    }
}

/// Loops with fewer iterations leave threads idle.
const FEW: u128 = 8;

/// The loops of few iterations, as constants say, in which each iteration has loops that may run in parallel and have not.
fn short_loops(func: &Function, analysis: &Analysis<'_>) -> HashSet<Label> {
    let constant = |id: ExprId| match func.exprs.get(id)?.kind {
        ExprKind::Const(ConstValue::Int(value)) => Some(value),
        _ => None,
    };
    let is_short = |for_loop: &Loop| {
        let bounds = (constant(for_loop.start), constant(for_loop.end));
        matches!(bounds, (Some(start), Some(end)) if start <= end && end - start < FEW)
    };
    let mut any = false;
    func.body.for_each_stmt(|stmt| {
        any |= matches!(&stmt.kind, StmtKind::For(inner) if is_short(inner));
    });
    let mut short = HashSet::new();
    if !any {
        return short;
    }
    visit_loops(func, &mut |site| {
        let StmtKind::For(for_loop) = &site.stmt.kind else {
            return true;
        };
        let known = constant(for_loop.start).is_some() && constant(for_loop.end).is_some();
        if !known && !matches!(analysis.of_loop(site).verdict, Verdict::Illegal(_)) {
            for outer in site.around {
                if let StmtKind::For(outer) = &outer.kind
                    && is_short(outer)
                {
                    short.insert(outer.label);
                }
            }
        }
        true
    });
    short
}

/// Whether a statement is in a loop, so that it mostly runs again soon.
fn is_repeated(func: &Function, path: &[(usize, usize)]) -> bool {
    let mut block = &func.body;
    path.iter().any(|&(position, number)| {
        let Some(stmt) = block.stmts.get(position) else {
            return false;
        };
        if let Some(inner) = stmt.kind.blocks().nth(number) {
            block = inner;
        }
        matches!(
            stmt.kind,
            StmtKind::For(_) | StmtKind::While { .. } | StmtKind::Forever { .. }
        )
    })
}

/// What a loop must have to do: half of it where threads are mostly still awake.
fn least_work(min_work: u64, repeated: bool) -> u64 {
    if repeated { min_work / 2 } else { min_work }
}

fn summary(func: &Function, span: Span, finding: &Finding, requested: bool) -> RemarkKind {
    let plan = func.parallel.unwrap_or(Parallelism::AUTO);
    let declared_inside = |local: LocalId| {
        let at = func.locals[local].span;
        at.origin == span.origin && (at.line, at.column) >= (span.line, span.column)
    };
    let how = ParallelLoop::new(func, finding, requested, plan, declared_inside);
    RemarkKind::Parallel(Box::new(how))
}

/// What stands in place of a loop. `None`: nothing can; the program is as it was, but for expressions that nothing uses.
fn replace(
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
    let legal = match &finding.verdict {
        Verdict::Legal => None,
        Verdict::LegalIf(conditions) => {
            let guard = GuardBuilder::new(func, &finding.symbols, span).build(conditions);
            Some(guard?)
        }
        Verdict::Illegal(_) => return None,
    };
    let mut stmts = Vec::new();
    let counted = Counted::new(func, for_loop, scalar, span, &mut stmts);
    let name = format!("{}::{}", func.name, span.line);
    let outlined = outline(func, &name, span, for_loop, finding, &[], &counted.counting)?;
    let Outlined {
        body,
        accumulators,
        captures,
        combine,
        identities,
    } = outlined;
    let stores = stores(func, for_loop, &captures);
    let plan = func.parallel.unwrap_or(Parallelism::AUTO);

    let function = program.functions.len() as u32;
    let result_ty = body.result.clone();
    program.functions.push(body);
    let combine = combine.map(|combine| {
        program.functions.push(combine);
        function + 1
    });
    let func = &mut program.functions[number];
    let mut edit = Edit::new(func, span);
    let work = {
        let operand = cost.units(&mut edit);
        edit.expr(ExprKind::Cast { operand }, Ty::USIZE)
    };
    let mut cond = worth(&mut edit, counted.count, &cost, &plan, min_work);
    for rhs in legal.into_iter().flatten() {
        let (lhs, or) = (cond, false);
        cond = edit.expr(ExprKind::ShortCircuit { or, lhs, rhs }, Ty::BOOL);
    }
    let result = match accumulators[..] {
        [] => None,
        [only] => Some(only),
        _ => Some(edit.temporary("accumulators", result_ty)),
    };
    let place = |local: Option<LocalId>| local.map(Place::local);
    let types: Vec<Ty> = accumulators
        .iter()
        .map(|&local| edit.func.locals[local].ty.clone())
        .collect();
    let parallel = Parallel {
        function,
        count: edit.load(counted.count),
        work,
        accumulators: loads(&mut edit, &accumulators),
        identities: (identities.into_iter().zip(types))
            .map(|(value, ty)| edit.expr(ExprKind::Const(value), ty))
            .collect(),
        captures: arguments(&mut edit, &captures),
        combine,
        result: place(result),
        stores,
        plan,
    };
    let parallel = edit.stmt(StmtKind::Parallel(Box::new(parallel)));
    let mut args = vec![edit.usize(0), edit.load(counted.count)];
    args.extend(loads(&mut edit, &accumulators));
    args.extend(arguments(&mut edit, &captures));
    let serial = edit.stmt(StmtKind::Call {
        function,
        args,
        result: place(result),
    });
    stmts.push(edit.if_then(cond, vec![parallel], vec![serial]));
    if let Some(result) = result
        && accumulators.len() > 1
    {
        for (position, &local) in accumulators.iter().enumerate() {
            let value = edit.load_place(Place::local(result).field(position as u32));
            stmts.push(edit.set(local, value));
        }
    }
    // They are assigned in more places than before.
    for local in accumulators {
        func.locals[local].mutable = true;
    }
    Some(stmts)
}

fn loads(edit: &mut Edit<'_>, locals: &[LocalId]) -> Vec<ExprId> {
    locals.iter().map(|&local| edit.load(local)).collect()
}

fn arguments(edit: &mut Edit<'_>, captures: &[Capture]) -> Vec<ExprId> {
    let captures = captures.iter();
    captures.map(|capture| argument(edit, capture)).collect()
}

/// Whether a loop has so much to do that threads are worth it; in `f64`, where nothing overflows.
fn worth(
    edit: &mut Edit<'_>,
    count: LocalId,
    cost: &Cost,
    plan: &Parallelism,
    min_work: u64,
) -> ExprId {
    let several = {
        let (count, one) = (edit.load(count), edit.usize(1));
        edit.binary(BinaryOp::Gt, count, one)
    };
    let enough = match plan.min_len {
        Some(len) => {
            let (count, len) = (edit.load(count), edit.usize(len));
            edit.binary(BinaryOp::Ge, count, len)
        }
        None => {
            let each = cost.units(edit);
            let operand = edit.load(count);
            let f64 = Ty::Scalar(ScalarTy::F64);
            let count = edit.expr(ExprKind::Cast { operand }, f64.clone());
            let all = edit.binary(BinaryOp::Mul, count, each);
            let least = match cost.dense {
                true => min_work as f64,
                false => min_work as f64 / SPARSE,
            };
            let least = ConstValue::F64(least.to_bits());
            let least = edit.expr(ExprKind::Const(least), f64);
            edit.binary(BinaryOp::Ge, all, least)
        }
    };
    edit.all(vec![several, enough])
}

/// The iterations of a loop as numbers.
struct Counted {
    /// How many there are, a `usize`. A loop of 2⁶⁴ iterations, which never ends but by a trap long before, has one less.
    count: LocalId,
    start: LocalId,
    end: LocalId,
    counting: Counting,
}

impl Counted {
    /// Evaluates the bounds, in their order, and counts.
    fn new(
        func: &mut Function,
        for_loop: &Loop,
        scalar: ScalarTy,
        span: Span,
        stmts: &mut Vec<Stmt>,
    ) -> Counted {
        let unit = matches!(
            func.exprs[for_loop.step].kind,
            ExprKind::Const(ConstValue::Int(1))
        );
        let mut edit = Edit::new(func, span);
        let mut keep = |edit: &mut Edit<'_>, name: &str, value: ExprId| {
            let local = edit.temporary(name, edit.ty(value).clone());
            stmts.push(edit.set(local, value));
            local
        };
        let start = keep(&mut edit, "start", for_loop.start);
        let end = keep(&mut edit, "end", for_loop.end);
        let step = (!unit).then(|| keep(&mut edit, "step", for_loop.step));
        let wide = |edit: &mut Edit<'_>, local: LocalId| {
            let operand = edit.load(local);
            match scalar {
                ScalarTy::Usize => operand,
                _ => edit.expr(ExprKind::Cast { operand }, Ty::USIZE),
            }
        };
        let distance = {
            let (end, start) = (wide(&mut edit, end), wide(&mut edit, start));
            edit.sub(end, start)
        };
        let last = match for_loop.inclusive {
            true => distance,
            false => {
                let one = edit.usize(1);
                edit.sub(distance, one)
            }
        };
        let steps = match step {
            Some(step) => {
                let step = edit.load(step);
                let site = division_site(edit.func, span);
                let kind = ExprKind::Binary {
                    op: BinaryOp::Div,
                    lhs: last,
                    rhs: step,
                    site: Some(site),
                };
                edit.expr(kind, Ty::USIZE)
            }
            None => last,
        };
        let steps = keep(&mut edit, "steps", steps);
        let args = vec![edit.load(steps), edit.usize(1)];
        let kind = ExprKind::Call {
            intrinsic: Intrinsic::SaturatingAdd,
            args,
            site: None,
        };
        let some = edit.expr(kind, Ty::USIZE);
        let cond = {
            let (start, end) = (edit.load(start), edit.load(end));
            let op = if for_loop.inclusive {
                BinaryOp::Le
            } else {
                BinaryOp::Lt
            };
            edit.binary(op, start, end)
        };
        let otherwise = edit.usize(0);
        let kind = ExprKind::Select {
            cond,
            then: some,
            otherwise,
        };
        let count = edit.expr(kind, Ty::USIZE);
        let count = keep(&mut edit, "count", count);
        let from = match for_loop.reversed {
            false => start,
            // The last value comes first; if there is none, whatever this is.
            true => {
                let mut number = edit.load(steps);
                if let Some(step) = step {
                    let step = edit.load(step);
                    number = edit.binary(BinaryOp::Mul, number, step);
                }
                if scalar != ScalarTy::Usize {
                    let operand = number;
                    number = edit.expr(ExprKind::Cast { operand }, Ty::Scalar(scalar));
                }
                let start = edit.load(start);
                let from = edit.add(start, number);
                keep(&mut edit, "from", from)
            }
        };
        let plain = unit && !for_loop.inclusive && !for_loop.reversed;
        let anchor = match plain && scalar == ScalarTy::Usize {
            true => anchor(func, for_loop),
            false => None,
        };
        let (from, plus) = anchor.unwrap_or((from, 0));
        let mut constants = Vec::new();
        for (local, expr) in [(Some(start), for_loop.start), (step, for_loop.step)] {
            if let (Some(local), ExprKind::Const(value)) = (local, &func.exprs[expr].kind) {
                constants.push((local, *value));
            }
        }
        let counting = Counting {
            from,
            plus,
            step,
            plain,
            constants,
        };
        Counted {
            count,
            start,
            end,
            counting,
        }
    }
}

/// Where a loop starts as a local that it leaves alone and a number: passes that work on the body function compare it with other bounds.
fn anchor(func: &Function, for_loop: &Loop) -> Option<(LocalId, u64)> {
    let local_of = |id: ExprId| match &func.exprs.get(id)?.kind {
        ExprKind::Load(place) if place.projections.is_empty() => Some(place.local),
        _ => None,
    };
    let (local, plus) = match func.exprs.get(for_loop.start)?.kind {
        ExprKind::Binary {
            op: BinaryOp::Add,
            lhs,
            rhs,
            ..
        } => match func.exprs.get(rhs)?.kind {
            ExprKind::Const(ConstValue::Int(number)) => {
                (local_of(lhs)?, u64::try_from(number).ok()?)
            }
            _ => return None,
        },
        _ => (local_of(for_loop.start)?, 0),
    };
    let effects = Effects::of_block(func, &for_loop.body);
    let changes = effects.assigned.contains(&local)
        || effects.vars.contains(&local)
        || exposed_locals(func).contains(&local);
    (!changes && local != for_loop.var && func.locals[local].ty == Ty::USIZE)
        .then_some((local, plus))
}

/// A site for the division by a step, which is never 0.
fn division_site(func: &mut Function, span: Span) -> crate::SiteId {
    func.sites.push(Site {
        kind: SiteKind::Binary(BinaryOp::Div),
        span,
        origin: 0,
        node: 0,
        operands: vec![Ty::USIZE; 2],
    })
}
