//! Functions with parallel loops: nests none of whose loops around is parallel are jammed before parallel loops become functions of their own.
//!
//! What is jammed has no checks, and those leave the loops only when the parallel ones are gone (each body is a function like others then). So where there is
//! something to jam, the checks leave the loops here already. Parallel loops are looked for in what comes out, as ever: those of an elimination have many times the
//! work that they had, and a loop that is not parallel keeps its sums instead of giving them to functions that are never worth it.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::run_where;
use crate::analysis::parallel::{Analysis, Reason, Verdict, visit_loops};
use crate::func::Program;
use crate::remark::{Remark, RemarkKind, Remarks};
use crate::span::Span;
use crate::stmt::{Label, StmtKind};
use crate::transform::parallel::{asks, name_bounds};
use crate::transform::{Target, checks};

/// A function in which something was jammed: nothing more is to be.
pub(in crate::transform) struct Jammed {
    pub(in crate::transform) function: usize,
    /// Loops in which nothing is parallel.
    pub(in crate::transform) serial: Vec<Label>,
}

/// Jams what will not run in parallel in the functions of a program that have parallel loops.
pub(in crate::transform) fn run(
    program: &mut Program,
    target: &Target,
    all: &mut Vec<Remark>,
) -> Vec<Jammed> {
    let mut jammed = Vec::new();
    for number in 0..program.functions.len() {
        if !asks(&program.functions[number]) {
            continue;
        }
        let mut func = program.functions[number].clone();
        let body = func.body.clone();
        func.body = name_bounds(&mut func, body);
        let mut remarks = Vec::new();
        let mut own = Remarks::new(number, &mut remarks);
        checks::run(&mut func, None, &mut own);
        // Asked only if there is something to jam.
        let serial = OnceCell::new();
        let reasons = || serial.get_or_init(|| serial_loops(program, number));
        let allowed = |label: Label| reasons().contains_key(&label);
        let rewritten = run_where(&mut func, target, &allowed, &mut own);
        if rewritten.is_empty() {
            continue;
        }
        // Why those are not parallel is said here, where they are what they were.
        for label in rewritten.iter().flat_map(|nest| &nest.loops) {
            if let Some((span, reason)) = reasons().get(label) {
                let (reason, requested) = (reason.clone(), false);
                own.add(*span, RemarkKind::Serial { reason, requested });
            }
        }
        all.extend(remarks);
        program.functions[number] = func;
        jammed.push(Jammed {
            function: number,
            serial: rewritten.iter().map(|nest| nest.serial).collect(),
        });
    }
    jammed
}

/// The loops that are not parallel and in none that is.
fn serial_loops(program: &Program, number: usize) -> HashMap<Label, (Span, Reason)> {
    let mut program = program.clone();
    let mut labels = HashMap::new();
    if let Some(func) = program.functions.get_mut(number) {
        let body = func.body.clone();
        func.body = name_bounds(func, body);
    }
    let Some(analysis) = Analysis::new(&program, number) else {
        return labels;
    };
    visit_loops(&program.functions[number], &mut |site| {
        let StmtKind::For(for_loop) = &site.stmt.kind else {
            return true;
        };
        let Verdict::Illegal(reason) = analysis.of_loop(site).verdict else {
            return false;
        };
        labels.insert(for_loop.label, (site.stmt.span, reason));
        true
    });
    labels
}
