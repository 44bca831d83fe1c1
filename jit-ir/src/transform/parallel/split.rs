//! Loops of which one iteration stores what all others read are split there:
//!
//! ```text
//! for k in 0..n { for i in 0..n { row i from row i and row k } }
//! ```
//!
//! Row `k` changes in iteration `k` alone. So the iterations before it may run in parallel, then that one runs, then those behind it.
//! All of them run in the order of the source.

use crate::analysis::parallel::{Analysis, LoopPath, ReasonKind, Verdict, visit_loops};
use crate::expr::{ConstValue, ExprId, ExprKind};
use crate::func::{Function, LocalId, Program};
use crate::stmt::{Loop, LoopRequest, Stmt, StmtKind};
use crate::ty::Ty;

use super::super::copy::Copier;
use super::super::edit::Edit;
use super::super::nests::block_at;

/// A function grows by two copies of each loop.
const MOST_SPLITS: usize = 3;

/// Splits loops of a function where that makes their parts parallel.
pub(super) fn run(program: &mut Program, number: usize) {
    let mut refused: Vec<LoopPath> = Vec::new();
    for _ in 0..MOST_SPLITS {
        let Some((path, at)) = candidate(program, number, &refused) else {
            return;
        };
        let before = program.functions[number].clone();
        let done = split(&mut program.functions[number], &path, at);
        if !done || !are_parallel(program, number, &path) {
            program.functions[number] = before;
            refused.push(path);
        }
    }
}

/// The next loop that may be worth it, and the variable of a loop around it that names the iteration.
fn candidate(
    program: &Program,
    number: usize,
    refused: &[LoopPath],
) -> Option<(LoopPath, LocalId)> {
    let func = &program.functions[number];
    let analysis = Analysis::new(program, number)?;
    let mut found = None;
    visit_loops(func, &mut |site| {
        let StmtKind::For(for_loop) = &site.stmt.kind else {
            return true;
        };
        if found.is_some() || for_loop.hints.cold {
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

/// Three loops in place of one: before the iteration, that one, and those behind it.
fn split(func: &mut Function, (path, position): &LoopPath, at: LocalId) -> bool {
    let Some(original) = block_at(&mut func.body, path)
        .and_then(|block| block.stmts.get(*position))
        .cloned()
    else {
        return false;
    };
    let StmtKind::For(for_loop) = &original.kind else {
        return false;
    };
    let span = original.span;
    let mut copier = Copier::new(func);
    let mut loops: Vec<Loop> = vec![for_loop.clone()];
    loops.push(copier.copy_loop(func, for_loop));
    loops.push(copier.copy_loop(func, for_loop));
    let mut edit = Edit::with_labels(func, span, copier.next_label());
    let mut stmts = Vec::new();
    let mut keep = |edit: &mut Edit<'_>, name: &str, value: ExprId| {
        let local = edit.temporary(name, Ty::USIZE);
        stmts.push(edit.set(local, value));
        local
    };
    let start = keep(&mut edit, "start", for_loop.start);
    let end = keep(&mut edit, "end", for_loop.end);
    let behind = |edit: &mut Edit<'_>| {
        let at = edit.load(at);
        edit.add_const(at, 1)
    };
    let [first, only, last] = &mut loops[..] else {
        return false;
    };
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
    for part in loops {
        let kind = StmtKind::For(part);
        stmts.push(Stmt { kind, span });
    }
    if let Some(block) = block_at(&mut func.body, path) {
        block.stmts.splice(*position..=*position, stmts);
    }
    true
}

/// Whether the first and the last of three loops may run in parallel.
fn are_parallel(program: &Program, number: usize, (path, position): &LoopPath) -> bool {
    let Some(analysis) = Analysis::new(program, number) else {
        return false;
    };
    let mut legal = 0;
    // Behind the assignments of both bounds.
    let parts = [position + 2, position + 4];
    visit_loops(&program.functions[number], &mut |site| {
        if site.path.0 == *path && parts.contains(&site.path.1) {
            let finding = analysis.of_loop(site);
            legal += usize::from(!matches!(finding.verdict, Verdict::Illegal(_)));
        }
        true
    });
    legal == parts.len()
}
