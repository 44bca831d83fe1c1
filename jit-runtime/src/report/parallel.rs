//! Which loops run in parallel, and why the others do not.

use std::fmt;

use hotloop_ir::{ParallelLoop, Program, Remark, RemarkKind, Span, Stmt, StmtKind};

use super::build::{Input, Names};
use super::{LoopReport, ParallelReport};
use crate::companion::Source;

/// The functions of a program that the loops of others became, and whose they are.
pub(super) struct Owners(Vec<usize>);

impl Owners {
    pub(super) fn of_program(program: &Program) -> Self {
        let mut owners: Vec<usize> = (0..program.functions.len()).collect();
        // Parallel loops are started by functions that were made for them.
        let starts: Vec<bool> = (program.functions.iter())
            .map(|function| {
                let first = function.body.stmts.first();
                let starts = |first: &Stmt| matches!(first.kind, StmtKind::Parallel(_));
                function.is_parallel_part() || first.is_some_and(starts)
            })
            .collect();
        for (number, function) in program.functions.iter().enumerate() {
            function.body.for_each_stmt(|stmt| {
                let parts = match &stmt.kind {
                    StmtKind::Parallel(parallel) => [Some(parallel.function), parallel.combine],
                    StmtKind::Call { function, .. } => {
                        let is_start = starts.get(*function as usize) == Some(&true);
                        [is_start.then_some(*function), None]
                    }
                    _ => [None, None],
                };
                for part in parts.into_iter().flatten() {
                    if let Some(part) = owners.get_mut(part as usize) {
                        *part = number;
                    }
                }
            });
        }
        Owners(owners)
    }

    /// The function that a function of the program is a part of; itself, if it was written as one.
    pub(super) fn of(&self, function: usize) -> usize {
        let mut function = function;
        // Each is part of one at most, so that this ends; a damaged program may have a circle.
        for _ in 0..self.0.len() {
            match self.0.get(function) {
                Some(&owner) if owner != function => function = owner,
                _ => break,
            }
        }
        function
    }
}

/// What is known of a loop, by its function and place.
pub(super) fn parallel_of(
    input: &Input<'_>,
    owners: &Owners,
    (function, span): (usize, Span),
) -> Option<ParallelReport> {
    let said = (input.remarks.iter())
        .filter(|remark| owners.of(remark.function) == function && remark.span == span);
    let mut found = None;
    for remark in said {
        match &remark.kind {
            // A version of the loop that is parallel counts more than one that is not.
            RemarkKind::Parallel(how) => return Some(of_parallel(how)),
            RemarkKind::Serial { requested, reason } => {
                let places = match reason.first == reason.second {
                    true => &[reason.first][..],
                    false => &[reason.first, reason.second],
                };
                found.get_or_insert(ParallelReport {
                    requested: *requested,
                    reason: Some(reason.text.clone()),
                    conflict: (places.iter())
                        .filter(|place| !place.is_unknown())
                        .map(|place| (place.line, place.column))
                        .collect(),
                    ..ParallelReport::default()
                });
            }
            _ => {}
        }
    }
    // From the cache, there are no remarks.
    found.or_else(|| in_program(input.program, owners, (function, span)))
}

fn of_parallel(how: &ParallelLoop) -> ParallelReport {
    ParallelReport {
        is_parallel: true,
        requested: how.requested,
        conditions: how.conditions,
        reductions: how.reductions.clone(),
        privates: how.privates.clone(),
        settings: how.plan,
        ..ParallelReport::default()
    }
}

/// What the program itself says of a loop.
fn in_program(
    program: &Program,
    owners: &Owners,
    (function, span): (usize, Span),
) -> Option<ParallelReport> {
    let mut found = None;
    for (number, part) in program.functions.iter().enumerate() {
        if owners.of(number) != function {
            continue;
        }
        part.body.for_each_stmt(|stmt| {
            if let StmtKind::Parallel(parallel) = &stmt.kind
                && stmt.span == span
            {
                found = Some(ParallelReport {
                    is_parallel: true,
                    settings: parallel.plan,
                    ..ParallelReport::default()
                });
            }
        });
    }
    found
}

/// The loops of the first function over a `prange` that do not run in parallel, a sentence for each.
pub(crate) fn serial_pranges(
    program: &Program,
    remarks: &[Remark],
    sources: &[&'static Source],
) -> Vec<String> {
    let is_asked = |remark: &&Remark| {
        matches!(
            remark.kind,
            RemarkKind::Serial {
                requested: true,
                ..
            }
        )
    };
    if !remarks.iter().any(|remark| is_asked(&remark)) {
        return Vec::new();
    }
    let owners = Owners::of_program(program);
    let names = Names::of(sources);
    let own = |remark: &&Remark| owners.of(remark.function) == 0;
    let mut serial = Vec::new();
    for remark in remarks.iter().filter(own).filter(is_asked) {
        let is_parallel = remarks.iter().filter(own).any(|other| {
            other.span == remark.span && matches!(other.kind, RemarkKind::Parallel(_))
        });
        if is_parallel {
            continue;
        }
        let (_, file) = names.of_span(remark.span);
        let (line, column) = (remark.span.line, remark.span.column);
        let text = format!("the loop at {file}:{line}:{column} is {}", remark.kind);
        if !serial.contains(&text) {
            serial.push(text);
        }
    }
    serial
}

/// The loops, among those of one function, that `require(parallel)` finds serial: those over a `prange`, and outermost ones without a parallel loop
/// inside.
pub(super) fn serial_outermost(own: &[&LoopReport]) -> Vec<String> {
    let is_parallel = |report: &LoopReport| {
        (report.parallel.as_ref()).is_some_and(|parallel| parallel.is_parallel)
    };
    let mut violations = Vec::new();
    for (index, report) in own.iter().enumerate() {
        let Some(parallel) = report.parallel.as_ref().filter(|it| !it.is_parallel) else {
            continue;
        };
        let inside = own[index + 1..].iter();
        let has_parallel =
            (inside.take_while(|inner| inner.depth > report.depth)).any(|inner| is_parallel(inner));
        if parallel.requested || report.depth == 0 && !has_parallel && !report.eliminated {
            violations.push(format!(
                "the loop at {}:{}:{} is {parallel}",
                report.file, report.line, report.column
            ));
        }
    }
    violations
}

/// `parallel: ..` or `not parallel: ..`.
impl fmt::Display for ParallelReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_parallel {
            let how = ParallelLoop {
                requested: self.requested,
                conditions: self.conditions,
                reductions: self.reductions.clone(),
                privates: self.privates.clone(),
                plan: self.settings,
            };
            return how.fmt(f);
        }
        f.write_str("not parallel")?;
        if let Some(reason) = &self.reason {
            write!(f, ": it {reason}")?;
        }
        for (index, (line, column)) in self.conflict.iter().enumerate() {
            let before = if index == 0 { " (" } else { " and " };
            write!(f, "{before}{line}:{column}")?;
        }
        f.write_str(if self.conflict.is_empty() { "" } else { ")" })
    }
}
