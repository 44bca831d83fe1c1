//! Loops whose iterations are independent run in parallel.
//!
//! ```text
//! for i in 0..n { body }      →      if worth { parallel f::body } else { f::body(0, n) }
//! ```
//!
//! [`crate::analysis::parallel`] says which loops, [`cost`] when it is worth it, [`outline`] moves the body into a function of its own: the
//! loop exists once, and run serially it is what it was. The loops of a function are looked at from the outermost inwards; what is inside of
//! one that was moved stays serial.

mod amount;
#[cfg(all(test, feature = "frontend"))]
mod attack_tests;
mod combine;
mod cost;
mod counted;
mod entry;
#[cfg(test)]
mod entry_tests;
mod histogram;
mod outline;
mod promote;
mod short;
mod split;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use self::amount::{Amount, Bounds};
use self::cost::{Cost, UNIT, cost_of};
use self::counted::Counted;
pub(super) use self::entry::{Entry, begin, originals};
use self::outline::{Capture, Outlined, argument, outline, stores};
use self::short::Short;
use self::split::Splits;
use super::checks;
use super::distribution;
use super::edit::Edit;
use super::guard::GuardBuilder;
use super::jam::Jammed;
use super::nests::block_at;
use crate::analysis::effects::Effects;
use crate::analysis::parallel::{Analysis, Finding, Reason, ReasonKind, Verdict, visit_loops};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place};
use crate::func::{Function, LocalId, Program};
use crate::parallel::{MIN_WORK, Parallelism, SPARSE};
use crate::remark::{ParallelLoop, Remark, RemarkKind, Remarks};
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, LoopRequest, Parallel, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

/// Runs the loops of a program's functions in parallel where that was asked for and is legal.
pub(super) fn run(
    program: &mut Program,
    originals: Vec<(usize, Function)>,
    jammed: &mut Vec<Jammed>,
    all: &mut Vec<Remark>,
) -> Vec<Entry> {
    let launched = run_with(program, MIN_WORK, jammed, all);
    entry::split(program, originals, launched, jammed, all)
}

/// The same, for loops with at least so much work.
pub(super) fn run_with(
    program: &mut Program,
    min_work: u64,
    jammed: &[Jammed],
    all: &mut Vec<Remark>,
) -> Vec<Launched> {
    let mut launched = Vec::new();
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
            let mut splits = split::run(program, number, min_work);
            (splits.whole).extend(jammed.iter().flat_map(|jammed| &jammed.serial));
            let short = short::run(program, number, &splits.whole, min_work);
            let worth = run_function(program, number, min_work, &splits, &short, all);
            launched.push(Launched { number, worth });
        }
    }
    launched
}

/// How much more the longest of several runs of a loop must have to do: most of them have less.
const VARIES: f64 = 2.0;

/// What [`run_function`] found in a function.
pub(super) struct Launched {
    number: usize,
    worth: Option<Vec<Worth>>,
}

/// When a loop may be worth it, in terms of its function's arguments.
#[derive(Clone, Debug, PartialEq)]
struct Worth {
    /// What it has to do, at most, and what it must have.
    amount: Amount,
    least: f64,
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

/// Gives loops of a function locals for what they add to behind references.
#[cfg(feature = "frontend")]
pub(super) fn promote(program: &mut Program, number: usize) {
    let func = &mut program.functions[number];
    let body = std::mem::take(&mut func.body);
    func.body = name_bounds(func, body);
    promote::run(program, number);
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
    splits: &Splits,
    versions: &Short,
    all: &mut Vec<Remark>,
) -> Option<Vec<Worth>> {
    let serial = &splits.whole;
    let Some(analysis) = Analysis::new(program, number) else {
        return Some(Vec::new());
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
        if func.parallel.is_none() && !requested || versions.whole.contains(&for_loop.label) {
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
    let bounds = Bounds::new(func);
    let places = found.iter().map(|(place, ..)| place);
    let worth: Option<Vec<Worth>> = places
        .map(|(path, position)| {
            let stmt = &stmt_at(func, path, *position)?;
            let launch = (min_work, is_repeated(func, path));
            may_be_worth(func, &bounds, stmt, launch, splits)
        })
        .collect();
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
        let repeated = is_repeated(func, &path);
        let is_part = matches!(&original.kind, StmtKind::For(part)
            if [&splits.parts, &versions.inside].iter().any(|all| all.contains(&part.label)));
        // Where the function is known to have much to do, this loop mostly has, but for loops that run often.
        let otherwise = match worth.is_none() || repeated && !is_part {
            true => Otherwise::Loop,
            false => Otherwise::Body,
        };
        let replaced = match finding.arrays.is_empty() {
            true => {
                let launch = (min_work, repeated);
                replace(program, number, &original, &finding, launch, otherwise)
            }
            false => {
                let min_work = least_work(min_work, repeated, false);
                histogram::replace(program, number, &original, &finding, min_work)
            }
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
    worth
}

fn stmt_at<'f>(func: &'f Function, path: &[(usize, usize)], position: usize) -> Option<&'f Stmt> {
    let mut block = &func.body;
    for &(position, number) in path {
        block = block.stmts.get(position)?.kind.blocks().nth(number)?;
    }
    block.stmts.get(position)
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

/// What a loop must have to do: half of it where threads are mostly still awake. Between the dense loops of a factorization there is work enough for
/// them to fall asleep.
fn least_work(min_work: u64, repeated: bool, dense: bool) -> u64 {
    if repeated && !dense {
        min_work / 2
    } else {
        min_work
    }
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

/// What runs a loop that is not worth it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Otherwise {
    /// The function that its body became.
    Body,
    /// The loop as it was, where it was.
    Loop,
}

/// What stands in place of a loop. `None`: nothing can; the program is as it was, but for expressions that nothing uses.
fn replace(
    program: &mut Program,
    number: usize,
    original: &Stmt,
    finding: &Finding,
    (min_work, repeated): (u64, bool),
    otherwise: Otherwise,
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
    let min_work = least_work(min_work, repeated, cost.dense);
    // Nests like products of matrices are computed in blocks in functions of their own, and are long enough for a call.
    let otherwise = if cost.dense {
        Otherwise::Body
    } else {
        otherwise
    };
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
    let mut unpacked = Vec::new();
    if let Some(result) = result
        && accumulators.len() > 1
    {
        for (position, &local) in accumulators.iter().enumerate() {
            let value = edit.load_place(Place::local(result).field(position as u32));
            unpacked.push(edit.set(local, value));
        }
    }
    match otherwise {
        Otherwise::Body => {
            let mut args = vec![edit.usize(0), edit.load(counted.count)];
            args.extend(loads(&mut edit, &accumulators));
            args.extend(arguments(&mut edit, &captures));
            let serial = edit.stmt(StmtKind::Call {
                function,
                args,
                result: place(result),
            });
            stmts.push(edit.if_then(cond, vec![parallel], vec![serial]));
            stmts.extend(unpacked);
        }
        Otherwise::Loop => {
            let mut then = vec![parallel];
            then.extend(unpacked);
            let serial = counted.again(&mut edit, for_loop);
            stmts.push(edit.if_then(cond, then, vec![serial]));
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

/// What a loop must have to do, in units.
fn least_amount(min_work: u64, cost: &Cost) -> f64 {
    match cost.dense {
        true => min_work as f64,
        false => min_work as f64 / SPARSE,
    }
}

/// When the loop that is this statement may be worth it. `None`: that is not known where the function begins.
fn may_be_worth(
    func: &Function,
    bounds: &Bounds<'_>,
    stmt: &Stmt,
    (min_work, repeated): (u64, bool),
    splits: &Splits,
) -> Option<Worth> {
    let StmtKind::For(for_loop) = &stmt.kind else {
        return None;
    };
    let factor = match for_loop.label {
        // All of them together are one loop, which does not vary.
        label if splits.parts.contains(&label) => 1.0,
        _ => VARIES,
    };
    let cost = cost_of(func, stmt, for_loop);
    let min_work = least_work(min_work, repeated, cost.dense);
    let plan = func.parallel.unwrap_or(Parallelism::AUTO);
    let (each, least) = match plan.min_len {
        Some(least) => (None, least as f64),
        None => (
            Some(&cost.poly),
            least_amount(min_work, &cost) * UNIT as f64,
        ),
    };
    let (amount, varies) = bounds.amount(for_loop, cost.count.as_ref(), each, &cost.symbols)?;
    let least = if varies { least * factor } else { least };
    Some(Worth { amount, least })
}

/// Whether a loop has so much to do that threads are worth it; in `f64`, where nothing overflows.
fn worth(
    edit: &mut Edit<'_>,
    count: LocalId,
    cost: &Cost,
    plan: &Parallelism,
    min_work: u64,
) -> ExprId {
    let least = least_amount(min_work, cost);
    if let (None, Some(each)) = (plan.min_len, cost.poly.as_constant()) {
        let number = (least * UNIT as f64 / (each.max(1) as f64)).ceil();
        let number = edit.usize(2.max(number as u64));
        let count = edit.load(count);
        return edit.binary(BinaryOp::Ge, count, number);
    }
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
            let least = ConstValue::F64(least.to_bits());
            let least = edit.expr(ExprKind::Const(least), f64);
            edit.binary(BinaryOp::Ge, all, least)
        }
    };
    edit.all(vec![several, enough])
}
