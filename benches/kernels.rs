//! Numeric kernels, as rustc compiles them and as the JIT does.
//!
//! ```text
//! cargo bench --bench kernels                          all under criterion, small sizes
//! cargo bench --bench kernels -- matmul                those whose name has `matmul` in it
//! cargo bench --bench kernels -- --driver jit-fast     a driver for comparisons with other implementations
//! ```
//!
//! The driver reads lines `kernel n budget_s` and answers each with a line `kernel,impl,n,seconds,checksum`; `impl` is one of
//! `plain` (rustc's body), `jit` (the attribute alone), `jit-fast` (`fastmath`) and `jit-par` (`fastmath, parallel`).

#[path = "kernels/driver.rs"]
mod driver;
#[path = "kernels/statistics.rs"]
mod statistics;
/// The attribute alone.
macro_rules! plain_jit {
    ($($text:tt)*) => {
        instantiate! { () $($text)* }
    };
}

#[path = "kernels/suite.rs"]
mod suite;

use std::process::ExitCode;

use suite::table::Variant;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().position(|argument| argument == "--driver") {
        Some(at) => variant(arguments.get(at + 1)).and_then(driver::run),
        None => statistics::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("kernels: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The form of the kernels that `--driver` names.
fn variant(name: Option<&String>) -> Result<Variant, String> {
    let names = Variant::ALL.map(Variant::name).join(", ");
    let name = name.ok_or_else(|| format!("`--driver` takes one of {names}"))?;
    let found = Variant::ALL
        .into_iter()
        .find(|variant| variant.name() == name);
    found.ok_or_else(|| format!("no implementation `{name}`: there are {names}"))
}
