//! The driver of a comparison with other implementations: it is asked by lines `kernel n budget_s`, and answers each with
//! `kernel,impl,n,seconds,checksum`, the least time of a call; `NA,NA` for what there is not.
//!
//! The first call of a kernel compiles it. It does not count; what it took over a later call is on a line
//! `#first,kernel,impl,seconds` before the answer.

use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

use super::suite::table::{KERNELS, Kernel, Variant};

/// More calls than this tell nothing more.
const MAX_CALLS: usize = 100_000;

/// Answers the questions on standard input until it ends.
///
/// # Errors
/// Says which line is not a question, or what was wrong with standard input or output.
pub(crate) fn run(variant: Variant) -> Result<(), String> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| format!("cannot read the questions: {error}"))?;
        if line.trim().is_empty() {
            continue;
        }
        let (name, n, budget) =
            parse(&line).ok_or_else(|| format!("not a line `kernel n budget_s`: {line:?}"))?;
        let answer = answer(name, n, budget, variant);
        out.write_all(answer.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|error| format!("cannot answer: {error}"))?;
    }
    Ok(())
}

/// Name, size and time budget; the budget is 0.1 s if left out.
fn parse(line: &str) -> Option<(&str, usize, Duration)> {
    let mut words = line.split_whitespace();
    let name = words.next()?;
    let n = words.next()?.parse().ok()?;
    let seconds = words.next().map_or(Ok(0.1), str::parse).ok()?;
    Some((name, n, Duration::try_from_secs_f64(seconds).ok()?))
}

/// The lines that answer one question.
fn answer(name: &str, n: usize, budget: Duration, variant: Variant) -> String {
    let implementation = variant.name();
    let measured = KERNELS
        .iter()
        .find(|kernel| kernel.name == name)
        .and_then(|kernel| measure(kernel, n, budget, variant));
    let Some(measured) = measured else {
        return format!("{name},{implementation},{n},NA,NA\n");
    };
    let Measured {
        compile,
        least,
        checksum,
    } = measured;
    let first = compile.map(|over| format!("#first,{name},{implementation},{over:.6}\n"));
    format!(
        "{}{name},{implementation},{n},{:.9},{checksum:.15e}\n",
        first.unwrap_or_default(),
        least.as_secs_f64()
    )
}

/// The answer to one question.
struct Measured {
    /// What the first call took over the least later one, in seconds, if it was the one that compiled the kernel.
    compile: Option<f64>,
    /// The least time of a later call.
    least: Duration,
    /// Of the last call's outputs.
    checksum: f64,
}

/// Calls the kernel until the budget is spent, and at least twice after the first call; once if that took over a second.
/// `None` if there is no such form of the kernel, or if the JIT declined it, so that rustc's body would be measured in its name.
fn measure(kernel: &Kernel, n: usize, budget: Duration, variant: Variant) -> Option<Measured> {
    let mut case = kernel.case(variant, n)?;
    let was_compiled = kernel.is_compiled(variant);
    let first = case.time();
    if !kernel.is_compiled(variant) {
        eprintln!(
            "{name}: `{}` was not compiled, rustc's body ran",
            variant.name(),
            name = kernel.name
        );
        return None;
    }

    let start = Instant::now();
    let mut least = Duration::MAX;
    for n_calls in 1..=MAX_CALLS {
        least = least.min(case.time());
        let spent = start.elapsed();
        if spent > budget && (n_calls >= 2 || spent > Duration::from_secs(1)) {
            break;
        }
    }
    let compile = (!was_compiled).then_some(first.as_secs_f64() - least.as_secs_f64());
    Some(Measured {
        compile,
        least,
        checksum: case.checksum(),
    })
}
