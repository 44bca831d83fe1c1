//! The same kernels under criterion, at their small sizes, each checked before it is timed.

use std::time::Duration;

use criterion::Criterion;

use super::suite::case::Case;
use super::suite::table::{KERNELS, Kernel, Variant};

/// Checks and times every kernel that the command line asks for.
///
/// # Errors
/// Says what is wrong with the first kernel whose outputs are not what they should be.
pub(crate) fn run() -> Result<(), String> {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(300))
        .nresamples(2000)
        .without_plots()
        .configure_from_args();
    for kernel in KERNELS {
        let mut group = criterion.benchmark_group(kernel.name);
        for (variant, mut case) in checked_cases(kernel)? {
            group.bench_function(variant.name(), |bencher| {
                bencher.iter_custom(|n_calls| (0..n_calls).map(|_| case.time()).sum());
            });
        }
    }
    criterion.final_summary();
    Ok(())
}

/// A form of a kernel that may be timed.
type Ready = (Variant, Box<dyn Case>);

/// Each form of the kernel that there is and that was compiled, called once. The checksum has to be the known one, and the
/// attribute alone has to agree with rustc's body to the bit.
fn checked_cases(kernel: &Kernel) -> Result<Vec<Ready>, String> {
    let mut cases: Vec<Ready> = Vec::new();
    for variant in Variant::ALL {
        let Some(mut case) = kernel.case(variant, kernel.small) else {
            continue;
        };
        case.time();
        let name = format!("{}/{}", kernel.name, variant.name());
        if !kernel.is_compiled(variant) {
            eprintln!("{name} was not compiled and is left out");
            continue;
        }
        let (checksum, expected) = (case.checksum(), kernel.expected);
        // A NaN is not close to anything.
        let is_close = (checksum - expected).abs() <= kernel.tolerance * expected.abs();
        if !is_close {
            return Err(format!(
                "{name}: the checksum is {checksum:e} instead of {expected:e}"
            ));
        }
        if variant == Variant::Jit && !same_bits(&*cases[0].1, &*case) {
            return Err(format!(
                "{name} does not agree with rustc's body to the bit"
            ));
        }
        cases.push((variant, case));
    }
    Ok(cases)
}

/// Whether two calls wrote the same bits, any NaN for any NaN.
fn same_bits(a: &dyn Case, b: &dyn Case) -> bool {
    let same = |(x, y): (&f64, &f64)| x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan());
    let (a, b) = (a.outputs(), b.outputs());
    a.len() == b.len()
        && a.iter()
            .zip(&b)
            .all(|(a, b)| a.len() == b.len() && a.iter().zip(b).all(same))
}
