//! Where a function begins, it is decided whether any of its loops may be worth threads:
//!
//! ```text
//! fn f(n, a) { for i in 0..n { .. } }   →   fn f(n, a) { if n * work >= least { return f.parallel(n, a); } for i in 0..n { .. } }
//! ```
//!
//! So small calls run what they would run without the option, to the instruction, and ask once: what a loop becomes by itself depends on what
//! is around it, and so do the checks that leave it.

use super::super::checks::call_instead;
use super::super::edit::Edit;
use super::super::jam::Jammed;
use super::{Launched, Worth, asks};
use crate::expr::ExprKind;
use crate::func::{Function, PARALLEL, Program};
use crate::remark::{Remark, RemarkKind};
use crate::span::Span;
use crate::stmt::{LoopRequest, StmtKind};
use crate::ty::Ty;

/// Functions with more loops that may run in parallel decide at each of them.
const MOST_CONDITIONS: usize = 12;

/// A function whose loops run in parallel in a version of it.
pub(in crate::transform) struct Entry {
    /// The function, and that version.
    pub(in crate::transform) function: usize,
    parallel: u32,
    /// When to call it: if one of them holds.
    worth: Vec<Worth>,
}

/// The functions of a program that have parallel loops, as they are without.
pub(in crate::transform) fn originals(program: &Program) -> Vec<(usize, Function)> {
    let functions = program.functions.iter().enumerate();
    functions
        .filter(|(_, func)| asks(func))
        .map(|(number, func)| (number, func.clone()))
        .collect()
}

/// Gives functions that can be decided on where they begin back what they were, and makes their parallel versions functions beside them.
pub(super) fn split(
    program: &mut Program,
    originals: Vec<(usize, Function)>,
    launched: Vec<Launched>,
    jammed: &mut Vec<Jammed>,
    all: &mut Vec<Remark>,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (number, original) in originals {
        let Some(worth) = (launched.iter())
            .find(|launched| launched.number == number)
            .and_then(|launched| launched.worth.as_deref())
        else {
            continue;
        };
        if !has_parallel(&program.functions[number]) {
            // Nothing of what was done for them is of use.
            program.functions[number] = original;
            jammed.retain(|jammed| jammed.function != number);
            let is_about_threads = |kind: &RemarkKind| matches!(kind, RemarkKind::Serial { .. });
            all.retain(|remark| remark.function != number || is_about_threads(&remark.kind));
            continue;
        }
        let mut distinct: Vec<Worth> = Vec::new();
        for worth in worth {
            let known = (distinct.iter_mut()).find(|known| known.amount == worth.amount);
            match known {
                Some(known) => known.least = known.least.min(worth.least),
                None => distinct.push(worth.clone()),
            }
        }
        if distinct.len() > MOST_CONDITIONS {
            continue;
        }
        let Ok(parallel) = u32::try_from(program.functions.len()) else {
            continue;
        };
        let mut version = std::mem::replace(&mut program.functions[number], serial(original));
        version.name.push_str(PARALLEL);
        for jammed in jammed.iter_mut().filter(|jammed| jammed.function == number) {
            jammed.function = parallel as usize;
        }
        program.functions.push(version);
        entries.push(Entry {
            function: number,
            parallel,
            worth: distinct,
        });
    }
    entries
}

fn has_parallel(func: &Function) -> bool {
    let mut found = false;
    (func.body).for_each_stmt(|stmt| found |= matches!(stmt.kind, StmtKind::Parallel(_)));
    found
}

/// The function as it is if nobody asks for threads.
fn serial(mut func: Function) -> Function {
    func.parallel = None;
    let mut open = vec![&mut func.body];
    while let Some(block) = open.pop() {
        for stmt in &mut block.stmts {
            if let StmtKind::For(for_loop) = &mut stmt.kind {
                for_loop.request = LoopRequest::Auto;
            }
            open.extend(stmt.kind.blocks_mut());
        }
    }
    func
}

/// Puts the decision where the function begins. All passes have seen the function without.
pub(in crate::transform) fn begin(program: &mut Program, entry: Entry) {
    let Some(func) = program.functions.get_mut(entry.function) else {
        return;
    };
    let span = func
        .body
        .stmts
        .first()
        .map_or(Span::UNKNOWN, |first| first.span);
    let mut edit = Edit::new(func, span);
    let mut conditions = entry.worth.iter();
    let Some(first) = conditions.next() else {
        return;
    };
    let mut cond = first.amount.is_at_least(first.least, &mut edit);
    for worth in conditions {
        let (or, lhs) = (true, cond);
        let rhs = worth.amount.is_at_least(worth.least, &mut edit);
        cond = edit.expr(ExprKind::ShortCircuit { or, lhs, rhs }, Ty::BOOL);
    }
    let then = call_instead(edit.func, entry.parallel, span);
    let stmt = Edit::new(func, span).if_then(cond, then, Vec::new());
    func.body.stmts.insert(0, stmt);
}
