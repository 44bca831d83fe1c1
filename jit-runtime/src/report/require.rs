//! `#[jit(require(..))]`: what the user requires of the code.

use super::LoopReport;
use super::build::{Input, loops};
use super::parallel::serial_outermost;
use hotloop_ir::StmtKind;

/// What `#[jit(require(..))]` names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Requirements {
    /// `vectorized`: every innermost loop of the function is vectorized. A loop of which nothing is left is none.
    pub vectorized: bool,
    /// `no_checks`: no iteration of a loop of the function makes a check that could panic.
    pub no_checks: bool,
    /// `no_host_calls`: neither the function nor one that it calls calls a function that is not compiled.
    pub no_host_calls: bool,
    /// `parallel`: the loops of the function that may run in parallel, its outermost ones and those over a `prange`, do.
    pub parallel: bool,
}

impl Requirements {
    /// No requirements.
    pub const NONE: Requirements = Requirements {
        vectorized: false,
        no_checks: false,
        no_host_calls: false,
        parallel: false,
    };

    /// Whether there is one.
    pub(crate) fn any(self) -> bool {
        self != Requirements::NONE
    }

    /// What is violated, a sentence for each; empty if nothing is. The loops that count are those of the function, with the closures and
    /// functions that are contained in it; functions that it calls have requirements of their own.
    pub(crate) fn violations(self, input: &Input<'_>) -> Vec<String> {
        let mut violations = Vec::new();
        let own = loops(input);
        let own: Vec<&LoopReport> = (own.iter())
            .filter(|(function, _)| *function == 0)
            .map(|(_, report)| report)
            .collect();
        for report in &own {
            let at = format!(
                "the loop at {}:{}:{}",
                report.file, report.line, report.column
            );
            let counts = report.innermost && !report.eliminated;
            if self.vectorized && counts {
                let scalar = report.scalar_math.join(", ");
                match (report.vectorized, reasons_of(report)) {
                    (Some(_), _) if scalar.is_empty() => {}
                    (None, Some(reasons)) => {
                        violations.push(format!("{at} is not vectorized: {reasons}"));
                    }
                    (None, None) if scalar.is_empty() => {
                        violations.push(format!("{at} is not vectorized"));
                    }
                    (_, _) => violations.push(format!(
                        "{at} is not vectorized: it calls {scalar} for one value at a time"
                    )),
                }
            }
            if self.no_checks && !report.checks.left.is_empty() {
                let left = (report.checks.left.iter())
                    .map(|check| format!("{} at {}:{}", check.what, check.line, check.column));
                let left: Vec<_> = left.collect();
                let notes = match report.notes.is_empty() {
                    true => String::new(),
                    false => format!(" ({})", report.notes.join("; ")),
                };
                violations.push(format!("{at} makes checks: {}{notes}", left.join(", ")));
            }
        }
        if self.parallel {
            violations.extend(serial_outermost(&own));
        }
        if self.no_host_calls {
            let functions = input.program.functions.iter();
            for function in functions.filter(|function| function.deferred.is_none()) {
                function.body.for_each_stmt(|stmt| {
                    if let StmtKind::HostCall { host, .. } = stmt.kind {
                        let host = input.program.hosts.get(host as usize);
                        let name = host.map_or("", |host| &host.name);
                        violations.push(format!(
                            "`{name}` is called at {}:{}, which is not compiled",
                            stmt.span.line, stmt.span.column
                        ));
                    }
                });
            }
        }
        violations.dedup();
        violations
    }
}

fn reasons_of(report: &LoopReport) -> Option<String> {
    (!report.reasons.is_empty()).then(|| report.reasons.join("; "))
}
