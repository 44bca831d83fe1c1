//! Puts a report together.

use std::collections::{BTreeMap, BTreeSet};

use hotloop_ir::analysis::LoopOutline;
use hotloop_ir::{Block, Program, Remark, RemarkKind, SiteId, SiteKind, Span, StmtKind};

use super::parallel::{Owners, parallel_of};
use super::reasons::{CALLS, Said, read};
use super::{
    CallReport, CheckReport, Checks, LoopReport, Report, SpecializationReport, Unrolled, Vectorized,
};
use crate::companion::Source;
use crate::compile::Specialization;
use crate::cpu;
use crate::dispatch::Registry;
use crate::error::Error;
use crate::llvm;
use crate::observe::Observed;

/// What is known of a compiled function.
pub(crate) struct Input<'a> {
    /// The program after our passes.
    pub(crate) program: &'a Program,
    /// Its loops before them.
    pub(crate) before: &'a [LoopOutline],
    /// What they said.
    pub(crate) remarks: &'a [Remark],
    /// Whose source a number in a span stands for.
    pub(crate) sources: &'a [&'static Source],
    /// What LLVM made of it.
    pub(crate) observed: Option<&'a Observed>,
}

/// The report of a function; `reason` is why nothing of it was compiled for this report, if so.
pub(crate) fn reports(registry: &'static Registry, reason: Option<Error>) -> Report {
    let source = registry.source();
    let specializations = registry.specializations();
    let mut declined = registry.declined();
    if let Some(reason) = reason
        && specializations.is_empty()
        && declined.is_empty()
        && !matches!(reason, Error::NotCompiled { .. })
    {
        declined.push(crate::dispatch::Declined {
            type_args: Vec::new(),
            reason,
        });
    }
    let version = llvm::load().ok().map(|llvm| llvm.version);
    Report {
        name: source.name.to_owned(),
        module: source.module.to_owned(),
        specializations: specializations.iter().map(Specialization::report).collect(),
        declined,
        cpu: cpu::llvm_host().ok().map(|host| host.name),
        llvm: version.map(|(major, minor, patch)| format!("{major}.{minor}.{patch}")),
    }
}

/// The report of a specialization.
pub(crate) fn report_of(
    input: &Input<'_>,
    specialization: &Specialization,
    problem: Option<String>,
) -> SpecializationReport {
    let names = Names::of(input.sources);
    let options = &specialization.source().options;
    SpecializationReport {
        signature: specialization.signature().to_owned(),
        loops: loops_of(input, &names)
            .into_iter()
            .map(|(_, report)| report)
            .collect(),
        host_calls: host_calls(input.program, &names),
        calls: calls(input, &names),
        fastmath: options.fastmath,
        overflow_checks: options.overflow_checks,
        code_size_bytes: specialization.code_size_bytes(),
        times: *specialization.times(),
        from_cache: specialization.is_from_cache(),
        problem,
    }
}

/// The functions whose source is part of a program.
pub(super) struct Names {
    /// Name and file of each.
    all: Vec<(&'static str, String)>,
}

impl Names {
    pub(super) fn of(sources: &[&'static Source]) -> Self {
        let file_of = |source: &Source| source.decode().map(|function| function.file);
        Names {
            all: (sources.iter())
                .map(|source| (source.name, file_of(source).unwrap_or_default()))
                .collect(),
        }
    }

    pub(super) fn of_span(&self, span: Span) -> (&'static str, &str) {
        match self.all.get(span.origin as usize) {
            Some((name, file)) => (name, file),
            None => ("", ""),
        }
    }
}

/// A loop of the source: all loops of the program that come from it.
struct SourceLoop<'a> {
    /// Before our passes.
    before: Vec<&'a LoopOutline>,
    /// After them, with their numbers.
    after: Vec<(usize, &'a LoopOutline)>,
    depth: usize,
    /// The loop around it, by its place in the list.
    parent: Option<usize>,
}

/// Where a loop is: the function of the program, and the place in the source.
type Key = (usize, Span);

fn source_loops<'a>(
    input: &Input<'a>,
    after: &'a [LoopOutline],
    owners: &Owners,
) -> Vec<(Key, SourceLoop<'a>)> {
    let before = input.before;
    // A loop that became a function of its own is one of the function that it was written in.
    let key = |found: &LoopOutline| (owners.of(found.function), found.span);
    let mut found: Vec<(Key, SourceLoop<'a>)> = Vec::new();
    let mut places: BTreeMap<Key, usize> = BTreeMap::new();
    for outline in before {
        if outline.span.is_unknown() {
            continue;
        }
        let place = *places.entry(key(outline)).or_insert(found.len());
        if place == found.len() {
            let mut around = outline.parent.and_then(|parent| before.get(parent));
            let parent = loop {
                match around {
                    None => break None,
                    Some(outline) => match places.get(&key(outline)) {
                        Some(&parent) if parent != place => break Some(parent),
                        _ => around = outline.parent.and_then(|parent| before.get(parent)),
                    },
                }
            };
            let depth = parent.map_or(0, |parent| found[parent].1.depth + 1);
            let source_loop = SourceLoop {
                before: Vec::new(),
                after: Vec::new(),
                depth,
                parent,
            };
            found.push((key(outline), source_loop));
        }
        found[place].1.before.push(outline);
    }
    for (number, outline) in after.iter().enumerate() {
        if let Some(&place) = places.get(&key(outline)) {
            found[place].1.after.push((number, outline));
        }
    }
    // A loop that became part of another one is what that one is, beside a version with checks.
    for remark in input.remarks {
        let function = owners.of(remark.function);
        if let RemarkKind::FusedInto { first } = remark.kind
            && let Some(&place) = places.get(&(function, remark.span))
            && let Some(&first) = places.get(&(function, first))
        {
            let host = found[first].1.after.iter();
            let host: Vec<_> = host.filter(|(_, outline)| !outline.cold).copied().collect();
            found[place].1.after.extend(host);
        }
    }
    found
}

/// The loops of a program, each with the number of the function of the program that it is in.
pub(super) fn loops(input: &Input<'_>) -> Vec<(usize, LoopReport)> {
    loops_of(input, &Names::of(input.sources))
}

fn loops_of(input: &Input<'_>, names: &Names) -> Vec<(usize, LoopReport)> {
    let after = hotloop_ir::analysis::outline(input.program);
    let owners = Owners::of_program(input.program);
    let found = source_loops(input, &after, &owners);
    let mut reports: Vec<(usize, LoopReport)> = (found.iter())
        .map(|((function, span), source_loop)| {
            let (name, file) = names.of_span(*span);
            let notes = (input.remarks.iter())
                .filter(|remark| owners.of(remark.function) == *function && remark.span == *span)
                .filter(|remark| !is_about_threads(&remark.kind))
                .map(|remark| remark.kind.to_string());
            let mut trip_counts = source_loop.before.iter().map(|outline| outline.trip_count);
            let trip_count = trip_counts.next().flatten();
            let mut report = LoopReport {
                function: name.to_owned(),
                file: file.to_owned(),
                line: span.line,
                column: span.column,
                depth: source_loop.depth,
                innermost: true,
                kind: source_loop.before[0].kind,
                trip_count: trip_count
                    .filter(|&count| trip_counts.all(|other| other == Some(count))),
                vectorized: None,
                unrolled: None,
                eliminated: false,
                parallel: parallel_of(input, &owners, (*function, *span)),
                checks: Checks::default(),
                reasons: Vec::new(),
                vector_math: Vec::new(),
                scalar_math: Vec::new(),
                notes: distinct(notes),
                llvm_remarks: Vec::new(),
            };
            add_checks(&mut report, input, source_loop);
            add_observed(&mut report, input.observed, source_loop);
            (*function, report)
        })
        .collect();
    for (place, (_, source_loop)) in found.iter().enumerate() {
        if !reports[place].1.eliminated {
            let mut around = source_loop.parent;
            while let Some(parent) = around {
                reports[parent].1.innermost = false;
                around = found[parent].1.parent;
            }
        }
    }
    for (place, (_, source_loop)) in found.iter().enumerate() {
        let mut around = source_loop.parent;
        while let Some(parent) = around {
            let is_parallel =
                (reports[parent].1.parallel.as_ref()).is_some_and(|it| it.is_parallel);
            let report = &mut reports[place].1;
            if is_parallel && report.parallel.is_none() && !report.eliminated {
                report.notes.insert(0, IN_ORDER.to_owned());
                break;
            }
            around = found[parent].1.parent;
        }
    }
    for (_, report) in &mut reports {
        if !report.innermost || report.vectorized.is_some() || report.eliminated {
            report.reasons.clear();
        } else if !report.checks.left.is_empty() {
            // A check is an exit; and one of overflow is a call for LLVM.
            if report.scalar_math.is_empty() {
                report.reasons.retain(|reason| reason != CALLS);
            }
            report.reasons.insert(0, "checks are left in it".to_owned());
        }
    }
    reports
}

/// What is said of loops in parallel loops.
const IN_ORDER: &str = "runs in order, in each iteration of the parallel loop around it";

/// Whether a remark is in [`LoopReport::parallel`].
fn is_about_threads(kind: &RemarkKind) -> bool {
    matches!(kind, RemarkKind::Parallel(_) | RemarkKind::Serial { .. })
}

/// The numbers of the loops that ordinarily run.
fn ordinary(source_loop: &SourceLoop<'_>) -> BTreeSet<usize> {
    let ordinary: BTreeSet<usize> = (source_loop.after.iter())
        .filter(|(_, outline)| !outline.cold)
        .map(|(number, _)| *number)
        .collect();
    match ordinary.is_empty() {
        true => source_loop
            .after
            .iter()
            .map(|(number, _)| *number)
            .collect(),
        false => ordinary,
    }
}

fn add_checks(report: &mut LoopReport, input: &Input<'_>, source_loop: &SourceLoop<'_>) {
    let program = input.program;
    let check_at = |function: usize, site: SiteId| -> Option<(Span, &'static str)> {
        let site = program.functions.get(function)?.sites.get(site)?;
        Some((site.span, what_is_checked(&site.kind)?))
    };
    // Several copies of a loop have the same checks, under other numbers; and nobody can tell two of one kind at one place apart.
    let all: BTreeSet<_> = (source_loop.before.iter())
        .flat_map(|outline| outline.sites.iter().map(|&site| (outline.function, site)))
        .filter_map(|(function, site)| check_at(function, site))
        .collect();
    let ordinary = ordinary(source_loop);
    let left: BTreeSet<_> = match input.observed {
        Some(observed) => (observed.loops.iter())
            .filter(|found| ordinary.contains(&found.number))
            .flat_map(|found| &found.statuses)
            .filter_map(|&status| {
                let (function, site) = program.site_of_status(status)?;
                check_at(function, site)
            })
            .collect(),
        None => (source_loop.after.iter())
            .filter(|(number, _)| ordinary.contains(number))
            .flat_map(|(_, outline)| outline.sites.iter().map(|&site| (outline.function, site)))
            .filter_map(|(function, site)| check_at(function, site))
            .collect(),
    };
    // What a pass or LLVM moved here from a loop inside is a check of this loop now.
    report.checks.total = all.union(&left).count();
    report.checks.left = (left.into_iter())
        .map(|(span, what)| CheckReport {
            what,
            line: span.line,
            column: span.column,
        })
        .collect();
}

/// What a site checks; `None` where the user wrote the panic.
fn what_is_checked(kind: &SiteKind) -> Option<&'static str> {
    use hotloop_ir::BinaryOp;
    Some(match kind {
        SiteKind::Binary(BinaryOp::Div | BinaryOp::Rem) => "divisor",
        SiteKind::Binary(_) | SiteKind::Neg => "overflow",
        SiteKind::Index | SiteKind::SubSlice(_) | SiteKind::Array(_) => "bounds",
        SiteKind::Length(_) => "length",
        SiteKind::Intrinsic(_) => "argument",
        SiteKind::NumCast | SiteKind::TryFrom | SiteKind::TryFromSlice => "conversion",
        SiteKind::StepBy => "step",
        SiteKind::Panic => return None,
    })
}

fn add_observed(
    report: &mut LoopReport,
    observed: Option<&Observed>,
    source_loop: &SourceLoop<'_>,
) {
    let Some(observed) = observed else {
        return;
    };
    let ordinary = ordinary(source_loop);
    let any: BTreeSet<usize> = source_loop
        .after
        .iter()
        .map(|(number, _)| *number)
        .collect();
    report.eliminated = observed.unnumbered == 0
        && !(observed.loops.iter()).any(|found| any.contains(&found.number));

    let mut best: Option<Vectorized> = None;
    let mut reasons = Vec::new();
    for remark in &observed.remarks {
        if !ordinary.contains(&remark.number) {
            continue;
        }
        report.llvm_remarks.push(remark.text.clone());
        match read(&remark.text) {
            Said::Vectorized(vectorized) => {
                let at_once = |it: Vectorized| it.width * it.interleave.unwrap_or(1);
                if best.is_none_or(|best| at_once(best) < at_once(vectorized)) {
                    best = Some(vectorized);
                }
            }
            Said::Unrolled(Unrolled::Completely) => report.unrolled = Some(Unrolled::Completely),
            Said::Unrolled(unrolled) => {
                report.unrolled.get_or_insert(unrolled);
            }
            Said::Not(reason) => reasons.push(reason),
            Said::Other => {}
        }
    }
    let widths = (observed.loops.iter())
        .filter(|found| ordinary.contains(&found.number))
        .map(|found| found.width);
    let width = widths.max().unwrap_or(1);
    // The module has the last word, but for loops that are gone: a vectorized loop may be unrolled completely.
    report.vectorized = match best {
        Some(best) if width > 1 || report.eliminated => Some(best),
        _ if width > 1 => Some(Vectorized {
            width,
            interleave: None,
        }),
        _ => None,
    };
    report.llvm_remarks = distinct(report.llvm_remarks.drain(..));
    report.reasons = distinct(reasons.into_iter());

    let calls = (observed.calls.iter())
        .filter(|call| call.number.is_some_and(|number| ordinary.contains(&number)));
    let (mut vector, mut scalar) = (Vec::new(), Vec::new());
    for call in calls {
        match math_function(&call.symbol) {
            Some(Math::Vector(name)) => vector.push(name),
            // What is left over by a vectorized loop is done one by one.
            Some(Math::Scalar(name)) if width == 1 || call.width > 1 => scalar.push(name),
            Some(Math::Scalar(_)) | None => {}
        }
    }
    report.vector_math = distinct(vector.into_iter());
    report.scalar_math = distinct(scalar.into_iter());
}

enum Math {
    Vector(String),
    Scalar(String),
}

/// The math function that a symbol is, if it is one that takes a call.
fn math_function(symbol: &str) -> Option<Math> {
    /// The intrinsics of LLVM that become calls of libm.
    const CALLS: [&str; 21] = [
        "sin", "cos", "sincos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh",
        "exp", "exp2", "exp10", "log", "log2", "log10", "pow", "powi", "ldexp", "frexp",
    ];
    if symbol.starts_with("_ZGV") {
        return Some(Math::Vector(symbol.to_owned()));
    }
    if let Some(intrinsic) = symbol.strip_prefix("llvm.") {
        let (name, _) = intrinsic.split_once('.')?;
        return CALLS.contains(&name).then(|| Math::Scalar(name.to_owned()));
    }
    let is_ours = symbol.starts_with("hotloop");
    let is_memory = symbol.starts_with("mem");
    (!is_ours && !is_memory).then(|| Math::Scalar(symbol.to_owned()))
}

/// The calls of functions that are not compiled.
fn host_calls(program: &Program, names: &Names) -> Vec<CallReport> {
    fn walk(block: &Block, in_loop: bool, found: &mut Vec<(u32, Span, bool)>) {
        for stmt in &block.stmts {
            if let StmtKind::HostCall { host, .. } = stmt.kind {
                found.push((host, stmt.span, in_loop));
            }
            let loops = matches!(
                stmt.kind,
                StmtKind::For(_) | StmtKind::While { .. } | StmtKind::Forever { .. }
            );
            for inner in stmt.kind.blocks() {
                walk(inner, in_loop || loops, found);
            }
        }
    }
    let mut found = Vec::new();
    for function in &program.functions {
        walk(&function.body, false, &mut found);
    }
    let mut reports: Vec<CallReport> = Vec::new();
    for (host, span, in_loop) in found {
        let host = program.hosts.get(host as usize);
        // Of several functions with one path, all but the first have numbers behind it.
        let name = host.map_or("", |host| host.name.split('#').next().unwrap_or_default());
        let (_, file) = names.of_span(span);
        let report = CallReport {
            name: name.to_owned(),
            file: file.to_owned(),
            line: span.line,
            column: span.column,
            in_loop,
        };
        if !reports.contains(&report) {
            reports.push(report);
        }
    }
    reports
}

/// The calls of functions of the program that are left.
fn calls(input: &Input<'_>, names: &Names) -> Vec<CallReport> {
    let Some(observed) = input.observed else {
        return Vec::new();
    };
    let after = hotloop_ir::analysis::outline(input.program);
    let owners = Owners::of_program(input.program);
    let mut reports: Vec<CallReport> = Vec::new();
    for call in &observed.calls {
        // `hotloop.entry.3.callee`
        let mut parts = call.symbol.rsplitn(3, '.');
        let (Some(name), Some(number), Some(entry)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        // A function that was a loop is no call of the user's.
        let is_ours = entry.starts_with("hotloop.")
            && (number.parse().ok()).is_some_and(|number| owners.of(number) == number);
        let (line, column) = call.position;
        // The entry point calls the function itself where the function is recursive.
        if !is_ours || line == 0 {
            continue;
        }
        let around = call.number.and_then(|number| after.get(number));
        let file = around.map_or("", |around| names.of_span(around.span).1);
        let report = CallReport {
            name: name.to_owned(),
            file: file.to_owned(),
            line,
            column,
            in_loop: around.is_some(),
        };
        if !reports.contains(&report) {
            reports.push(report);
        }
    }
    reports
}

/// Each text once, in order of the first.
fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}
