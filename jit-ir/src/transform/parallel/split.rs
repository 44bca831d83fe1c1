//! Loops of which one iteration stores what all others read are split there:
//!
//! ```text
//! for k in 0..n { for i in 0..n { row i from row i and row k } }
//! ```
//!
//! Row `k` changes in iteration `k` alone. So the iterations before it may run in parallel, then that one runs, then those behind it.
//! All of them run in the order of the source. Where there is not enough to do, the loop runs as it was.

use crate::analysis::parallel::{Analysis, LoopPath, ReasonKind, Verdict, visit_loops};
use crate::expr::{ConstValue, ExprId, ExprKind};
use crate::func::{Function, LocalId, Program};
use crate::parallel::Parallelism;
use crate::stmt::{Label, LoopRequest, StmtKind};
use crate::ty::Ty;

use super::super::copy::Copier;
use super::super::edit::Edit;
use super::super::nests::block_at;
use super::cost::cost_of;
use super::{is_repeated, least_work, worth};

/// A function grows by two copies of each loop.
const MOST_SPLITS: usize = 3;

/// The loops that were split.
#[derive(Debug, Default)]
pub(super) struct Splits {
    /// What they were, which stays serial.
    pub(super) whole: Vec<Label>,
    /// What they became, where that is worth it.
    pub(super) parts: Vec<Label>,
}

/// Splits loops of a function where that makes their parts parallel.
pub(super) fn run(program: &mut Program, number: usize, min_work: u64) -> Splits {
    let mut refused: Vec<LoopPath> = Vec::new();
    let mut splits = Splits::default();
    for _ in 0..MOST_SPLITS {
        let Some((path, at)) = candidate(program, number, &refused, &splits.whole) else {
            break;
        };
        let before = program.functions[number].clone();
        match split(&mut program.functions[number], &path, at, min_work) {
            Some((whole, parts)) if are_parallel(program, number, &path) => {
                splits.whole.push(whole);
                splits.parts.extend(parts);
            }
            _ => {
                program.functions[number] = before;
                refused.push(path);
            }
        }
    }
    splits
}

/// The next loop that may be worth it, and the variable of a loop around it that names the iteration.
fn candidate(
    program: &Program,
    number: usize,
    refused: &[LoopPath],
    serial: &[Label],
) -> Option<(LoopPath, LocalId)> {
    let func = &program.functions[number];
    let analysis = Analysis::new(program, number)?;
    let mut found = None;
    visit_loops(func, &mut |site| {
        let StmtKind::For(for_loop) = &site.stmt.kind else {
            return true;
        };
        if found.is_some() || for_loop.hints.cold || serial.contains(&for_loop.label) {
            return false;
        }
        let requested = func.parallel.is_some() || for_loop.request == LoopRequest::Parallel;
        let is_usize = |local: LocalId| func.locals[local].ty == Ty::USIZE;
        let plain = is_usize(for_loop.var)
            && !for_loop.inclusive
            && !for_loop.reversed
            && matches!(
                func.exprs[for_loop.step].kind,
                ExprKind::Const(ConstValue::Int(1))
            );
        let Verdict::Illegal(reason) = analysis.of_loop(site).verdict else {
            return false;
        };
        let around = site
            .around
            .iter()
            .rev()
            .find_map(|outer| match &outer.kind {
                // Behind the last number there is no other one to begin with.
                StmtKind::For(outer) if is_usize(outer.var) && !outer.inclusive => Some(outer.var),
                _ => None,
            });
        if let Some(at) = around
            && plain
            && requested
            && reason.kind == ReasonKind::Dependence
            && !refused.contains(site.path)
        {
            found = Some((site.path.clone(), at));
        }
        true
    });
    found
}

/// Statements in front of the three loops.
const BEFORE: usize = 3;

/// Three loops in place of one: before the iteration, that one, and those behind it; and the loop as it was, whose label is returned.
fn split(
    func: &mut Function,
    (path, position): &LoopPath,
    at: LocalId,
    min_work: u64,
) -> Option<(Label, [Label; 3])> {
    let original = block_at(&mut func.body, path)?
        .stmts
        .get(*position)?
        .clone();
    let StmtKind::For(for_loop) = &original.kind else {
        return None;
    };
    let span = original.span;
    let cost = cost_of(func, &original, for_loop);
    let mut copier = Copier::new(func);
    let mut loops = [(); 3].map(|()| copier.copy_loop(func, for_loop));
    let parts = [0, 1, 2].map(|part: usize| loops[part].label);
    let hot = is_repeated(func, path);
    let plan = func.parallel.unwrap_or(Parallelism::AUTO);
    let mut edit = Edit::with_labels(func, span, copier.next_label());
    let mut stmts = Vec::with_capacity(BEFORE + 1);
    let mut keep = |edit: &mut Edit<'_>, name: &str, value: ExprId| {
        let local = edit.temporary(name, Ty::USIZE);
        stmts.push(edit.set(local, value));
        local
    };
    let start = keep(&mut edit, "start", for_loop.start);
    let end = keep(&mut edit, "end", for_loop.end);
    let count = {
        let (a, b) = (edit.load(end), edit.load(start));
        let least = edit.max(a, b);
        let start = edit.load(start);
        edit.sub(least, start)
    };
    let count = keep(&mut edit, "count", count);
    let behind = |edit: &mut Edit<'_>| {
        let at = edit.load(at);
        edit.add_const(at, 1)
    };
    let [first, only, last] = &mut loops;
    first.start = edit.load(start);
    first.end = {
        let (at, end) = (edit.load(at), edit.load(end));
        edit.min(at, end)
    };
    only.start = {
        let (at, start) = (edit.load(at), edit.load(start));
        edit.max(at, start)
    };
    only.end = {
        let (behind, end) = (behind(&mut edit), edit.load(end));
        edit.min(behind, end)
    };
    only.hints.cold = true;
    only.request = LoopRequest::Auto;
    last.start = {
        let (behind, start) = (behind(&mut edit), edit.load(start));
        edit.max(behind, start)
    };
    last.end = edit.load(end);
    let in_order = loops.map(|part| edit.stmt(StmtKind::For(part)));
    let mut whole = for_loop.clone();
    whole.start = edit.load(start);
    whole.end = edit.load(end);
    whole.request = LoopRequest::Auto;
    let label = whole.label;
    let whole = edit.stmt(StmtKind::For(whole));
    let cond = worth(
        &mut edit,
        count,
        &cost,
        &plan,
        least_work(min_work, hot, cost.dense),
    );
    stmts.push(edit.if_then(cond, in_order.into(), vec![whole]));
    let block = block_at(&mut func.body, path)?;
    block.stmts.splice(*position..=*position, stmts);
    Some((label, parts))
}

/// Whether the first and the last of three loops may run in parallel.
fn are_parallel(program: &Program, number: usize, (path, position): &LoopPath) -> bool {
    let Some(analysis) = Analysis::new(program, number) else {
        return false;
    };
    let mut legal = 0;
    let mut inside = path.clone();
    inside.push((position + BEFORE, 0));
    visit_loops(&program.functions[number], &mut |site| {
        if site.path.0 == inside && site.path.1 != 1 {
            let finding = analysis.of_loop(site);
            legal += usize::from(!matches!(finding.verdict, Verdict::Illegal(_)));
        }
        true
    });
    legal == 2
}
