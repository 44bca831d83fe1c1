//! What bounds checks cost: each kernel of the table as it is, and with `get_unchecked` in place of each index, both with the attribute alone.
//!
//! ```text
//! cargo bench --bench unchecked            all kernels, at their small sizes
//! cargo bench --bench unchecked -- spmv    those whose name has `spmv` in it
//! ```
//!
//! Lines `kernel,n,safe_us,unchecked_us,ratio`: the least times of calls that take turns, in microseconds, and what the first is of the second;
//! last the geometric mean of the ratios.

/// The functions of `kernels!` with the attribute alone.
macro_rules! plain_jit {
    ($($text:tt)*) => {
        instantiate! { () $($text)* }
    };
}

#[path = "kernels/suite.rs"]
#[allow(dead_code, reason = "two forms of the kernels are timed here")]
mod suite;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use suite::table::{KERNELS, Kernel, Variant};

/// How long the calls of a kernel take, both forms together.
const BUDGET: Duration = Duration::from_millis(500);
/// And how many there are at least.
const LEAST_CALLS: usize = 20;

fn main() -> ExitCode {
    let filter = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let mut logarithms = Vec::new();
    println!("kernel,n,safe_us,unchecked_us,ratio");
    for kernel in KERNELS {
        if filter
            .as_ref()
            .is_some_and(|filter| !kernel.name.contains(filter.as_str()))
        {
            continue;
        }
        match measure(kernel) {
            Ok([safe, unchecked]) => {
                let ratio = safe / unchecked;
                let (name, n) = (kernel.name, kernel.small);
                println!("{name},{n},{safe:.3},{unchecked:.3},{ratio:.3}");
                logarithms.push(ratio.ln());
            }
            Err(problem) => {
                eprintln!("{}: {problem}", kernel.name);
                return ExitCode::FAILURE;
            }
        }
    }
    let mean = logarithms.iter().sum::<f64>() / logarithms.len().max(1) as f64;
    println!("geometric_mean,,,,{:.3}", mean.exp());
    ExitCode::SUCCESS
}

/// The least times of both forms, in microseconds.
fn measure(kernel: &Kernel) -> Result<[f64; 2], &'static str> {
    let mut cases = Vec::new();
    for variant in [Variant::Jit, Variant::Unchecked] {
        let mut case = kernel.case(variant, kernel.small).ok_or("no such form")?;
        case.time();
        if !kernel.is_compiled(variant) {
            return Err("it was not compiled");
        }
        cases.push(case);
    }
    let [first, second] = [cases[0].checksum(), cases[1].checksum()];
    if first.to_bits() != second.to_bits() {
        return Err("the two forms disagree");
    }
    let mut least = [f64::MAX; 2];
    let start = Instant::now();
    let mut calls = 0;
    while calls < LEAST_CALLS || start.elapsed() < BUDGET {
        for (least, case) in least.iter_mut().zip(&mut cases) {
            *least = least.min(case.time().as_secs_f64() * 1e6);
        }
        calls += 1;
    }
    Ok(least)
}
