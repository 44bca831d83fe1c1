//! Reports as texts for people.

use std::fmt;

use hotloop_ir::FastMath;

use super::{CallReport, LoopKind, LoopReport, Report, SpecializationReport, Unrolled};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, specialization) in self.specializations.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{specialization}")?;
        }
        for declined in &self.declined {
            let types: Vec<_> = declined.type_args.iter().map(|ty| ty.name()).collect();
            let types = match types.is_empty() {
                true => String::new(),
                false => format!("<{}>", types.join(", ")),
            };
            writeln!(
                f,
                "{}{types} runs as rustc compiled it: {}",
                self.name, declined.reason
            )?;
        }
        if self.specializations.is_empty() && self.declined.is_empty() {
            writeln!(
                f,
                "`{0}` has not been compiled for any types yet: call it, or `{0}::compile::<..>()`",
                self.name
            )?;
        }
        if let (Some(cpu), Some(llvm)) = (&self.cpu, &self.llvm) {
            writeln!(f, "compiled for {cpu} by LLVM {llvm}")?;
        }
        Ok(())
    }
}

impl fmt::Display for SpecializationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.signature)?;
        if self.loops.is_empty() {
            writeln!(f, "  no loops")?;
        }
        for found in &self.loops {
            write!(f, "{found}")?;
        }
        write_calls(f, "calls that are not compiled", &self.host_calls)?;
        write_calls(f, "calls that are not inlined", &self.calls)?;
        if let Some(problem) = &self.problem {
            writeln!(f, "  what LLVM made of it is not known: {problem}")?;
        }
        let overflow = match self.overflow_checks {
            true => "panics",
            false => "wraps",
        };
        writeln!(
            f,
            "  floats {}, integer overflow {overflow}",
            floats(self.fastmath)
        )?;
        if self.from_cache {
            writeln!(
                f,
                "  from the cache, which does not know what hotloop's own passes did"
            )?;
        }
        let times = &self.times;
        writeln!(
            f,
            "  {} bytes of code, compiled in {:.1?} (specialize {:.1?}, lower {:.1?}, optimize {:.1?}, emit {:.1?}, load {:.1?})",
            self.code_size_bytes,
            times.total(),
            times.specialize,
            times.lower,
            times.optimize,
            times.emit,
            times.load
        )
    }
}

fn write_calls(f: &mut fmt::Formatter<'_>, what: &str, calls: &[CallReport]) -> fmt::Result {
    if calls.is_empty() {
        return Ok(());
    }
    writeln!(f, "  {what}:")?;
    for call in calls {
        write!(f, "    `{}`", call.name)?;
        if call.line > 0 {
            match call.file.is_empty() {
                true => write!(f, " at {}:{}", call.line, call.column)?,
                false => write!(f, " at {}:{}:{}", call.file, call.line, call.column)?,
            }
        }
        writeln!(f, "{}", if call.in_loop { ", in a loop" } else { "" })?;
    }
    Ok(())
}

impl fmt::Display for LoopReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indent = "  ".repeat(self.depth + 1);
        let kind = match self.kind {
            LoopKind::For => "for",
            LoopKind::While => "while",
            LoopKind::Forever => "loop",
        };
        write!(
            f,
            "{indent}{}:{}:{}: {kind}",
            self.file, self.line, self.column
        )?;
        if let Some(count) = self.trip_count {
            write!(f, ", {}", counted(count, "iteration"))?;
        }
        writeln!(f)?;
        let mut line = |text: fmt::Arguments<'_>| writeln!(f, "{indent}  {text}");
        match (self.vectorized, self.eliminated, self.innermost) {
            (Some(vectorized), ..) => {
                let width = vectorized.width;
                match vectorized.interleave {
                    Some(count) if count > 1 => {
                        line(format_args!(
                            "vectorized: {width} elements, {count} at a time"
                        ))?;
                    }
                    _ => line(format_args!("vectorized: {width} elements"))?,
                }
            }
            (None, false, true) => match self.reasons.split_first() {
                Some((first, others)) => {
                    line(format_args!("not vectorized: {first}"))?;
                    for other in others {
                        line(format_args!("  and {other}"))?;
                    }
                }
                None => line(format_args!("not vectorized"))?,
            },
            _ => {}
        }
        match self.unrolled {
            Some(Unrolled::Completely) => line(format_args!("unrolled completely"))?,
            Some(Unrolled::By(factor)) => {
                line(format_args!("unrolled: {factor} iterations at a time"))?
            }
            None if self.eliminated => {
                line(format_args!("no loop is left: LLVM replaced it"))?;
            }
            None => {}
        }
        if let Some(parallel) = &self.parallel {
            line(format_args!("{parallel}"))?;
        }
        let checks = &self.checks;
        if checks.total > 0 {
            let total = counted(checks.total as u128, "check");
            let removed = checks.removed();
            if checks.left.is_empty() {
                line(format_args!("{total}, none left in the loop"))?;
            } else {
                line(format_args!("{total}, {removed} removed; left:"))?;
                for check in &checks.left {
                    line(format_args!(
                        "  {} at {}:{}",
                        check.what, check.line, check.column
                    ))?;
                }
            }
        }
        if !self.vector_math.is_empty() {
            line(format_args!("vector math: {}", self.vector_math.join(", ")))?;
        }
        if !self.scalar_math.is_empty() {
            line(format_args!(
                "called for one value at a time: {}",
                self.scalar_math.join(", ")
            ))?;
        }
        for note in &self.notes {
            line(format_args!("{note}"))?;
        }
        Ok(())
    }
}

fn counted(count: u128, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

fn floats(granted: FastMath) -> String {
    let names = liberties(granted);
    match names.is_empty() {
        true => "are strict".to_owned(),
        false => format!("take liberties ({})", names.join(", ")),
    }
}

/// The names of the liberties that are granted.
pub(super) fn liberties(granted: FastMath) -> Vec<&'static str> {
    let FastMath {
        reassoc,
        contract,
        nsz,
        arcp,
        afn,
        nnan,
        ninf,
    } = granted;
    let all = [
        (reassoc, "reassoc"),
        (contract, "contract"),
        (nsz, "nsz"),
        (arcp, "arcp"),
        (afn, "afn"),
        (nnan, "nnan"),
        (ninf, "ninf"),
    ];
    all.iter()
        .filter(|(is_granted, _)| *is_granted)
        .map(|(_, name)| *name)
        .collect()
}
