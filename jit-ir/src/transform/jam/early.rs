//! Functions with parallel loops: nests none of whose loops around is parallel are jammed before parallel loops become functions of their own.
//!
//! What is jammed has no checks, and those leave the loops only when the parallel ones are gone (each body is a function like others then). So where there is
//! something to jam, the checks leave the loops here already. Parallel loops are looked for in what comes out, as ever: those of an elimination have many times the
//! work that they had, and a loop that is not parallel keeps its sums instead of giving them to functions that are never worth it.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::run_where;
use crate::analysis::parallel::{Analysis, Verdict, visit_loops};
use crate::func::Program;
use crate::remark::{Remark, Remarks};
use crate::stmt::{Label, StmtKind};
use crate::transform::parallel::{asks, name_bounds};
use crate::transform::{Target, checks};

/// Jams what will not run in parallel in the functions of a program that have parallel loops. Which functions changed: nothing is left to jam in them.
pub(in crate::transform) fn run(
    program: &mut Program,
    target: &Target,
    all: &mut Vec<Remark>,
) -> Vec<usize> {
    let mut changed = Vec::new();
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
        let serial: OnceCell<HashSet<Label>> = OnceCell::new();
        let allowed = |label: Label| {
            let serial = serial.get_or_init(|| serial_loops(program, number));
            serial.contains(&label)
        };
        if run_where(&mut func, target, &allowed, &mut own) {
            program.functions[number] = func;
            all.extend(remarks);
            changed.push(number);
        }
    }
    changed
}

/// The loops that are not parallel and in none that is.
fn serial_loops(program: &Program, number: usize) -> HashSet<Label> {
    let mut program = program.clone();
    let mut labels = HashSet::new();
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
        let serial = matches!(analysis.of_loop(site).verdict, Verdict::Illegal(_));
        if serial {
            labels.insert(for_loop.label);
        }
        serial
    });
    labels
}
