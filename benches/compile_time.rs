//! What the attribute adds to the time of a debug build, as lines `metric,value,unit`.
//!
//! A library of functions of several shapes is generated, and built from nothing by `cargo build` with the attribute on each function and
//! without; hotloop itself is built before. Rounds of the two take turns, and the least time of each counts.
//!
//! `cargo bench --bench compile_time`; `HOTLOOP_BENCH_KEEP=1` keeps the library for a closer look.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, fs, io};

/// Functions in the library.
const FUNCTIONS: usize = 100;
/// Builds of each of the two.
const ROUNDS: usize = 7;

/// Shapes of functions, `@` stands for a number; the second is a call, for generic ones, so that rustc compiles them.
const SHAPES: [(&str, &str); 10] = [
    (
        "pub fn saxpy_@(a: f32, x: &[f32], y: &mut [f32]) {
    for i in 0..y.len() {
        y[i] = a * x[i] + y[i];
    }
}",
        "",
    ),
    (
        "pub fn dot_@<T: Float>(a: &[T], b: &[T]) -> T {
    let mut sum = T::zero();
    for i in 0..a.len() {
        sum = sum + a[i] * b[i];
    }
    sum
}",
        "dot_@::<f64>(&[1.0], &[2.0]);",
    ),
    (
        "pub fn clamp_@(x: f64, low: f64, high: f64) -> f64 {
    if x < low { low } else if x > high { high } else { x }
}",
        "",
    ),
    (
        "pub fn collatz_@(mut n: u64) -> u32 {
    let mut steps = 0u32;
    while n != 1 && steps < @ + 1000 {
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}",
        "",
    ),
    (
        "pub fn matmul_@(a: &[f64], b: &[f64], c: &mut [f64], n: usize) {
    for i in 0..n {
        for j in 0..n {
            let mut sum = 0.0;
            for k in 0..n {
                sum += a[i * n + k] * b[k * n + j];
            }
            c[i * n + j] = sum;
        }
    }
}",
        "",
    ),
    (
        "pub fn horner_@<T: Float>(x: T, c: &[T]) -> T {
    let mut value = T::zero();
    for i in (0..c.len()).rev() {
        value = value * x + c[i];
    }
    value.abs().sqrt()
}",
        "horner_@::<f32>(1.0, &[2.0]);",
    ),
    (
        "pub fn hash_@(data: &[u8]) -> u32 {
    let mut hash = 2166136261u32;
    for i in 0..data.len() {
        hash = (hash ^ data[i] as u32).wrapping_mul(16777619);
    }
    hash.rotate_left(@ % 31)
}",
        "",
    ),
    (
        "pub fn extremes_@(x: &[f64]) -> (f64, f64) {
    assert!(x.len() > 0, \"no numbers\");
    let mut least = x[0];
    let mut greatest = x[0];
    for i in 1..x.len() {
        least = least.min(x[i]);
        greatest = greatest.max(x[i]);
    }
    (least, greatest)
}",
        "",
    ),
    (
        "pub fn escape_@(re: f64, im: f64, limit: u32) -> u32 {
    let (mut x, mut y) = (0.0, 0.0);
    for step in 0..limit {
        if x * x + y * y > 4.0 {
            return step;
        }
        let next = x * x - y * y + re;
        y = 2.0 * x * y + im;
        x = next;
    }
    limit
}",
        "",
    ),
    (
        "pub fn midpoint_@(a: i32, b: i32) -> i32 {
    a + (b - a) / 2
}",
        "",
    ),
];

fn main() -> ExitCode {
    let build = env::temp_dir().join(format!("hotloop-compile-time-{}", std::process::id()));
    let measured = measure(&build);
    if env::var_os("HOTLOOP_BENCH_KEEP").is_some() {
        eprintln!("the library is in {}", build.display());
    } else if let Err(error) = fs::remove_dir_all(&build) {
        eprintln!("{}: {error}", build.display());
    }
    match measured {
        Ok([with, without]) => {
            let ms = |time: Duration| time.as_secs_f64() * 1e3;
            println!("build_with_ms,{:.0},ms", ms(with));
            println!("build_without_ms,{:.0},ms", ms(without));
            let each = (ms(with) - ms(without)) / FUNCTIONS as f64;
            println!("build_per_function_ms,{each:.2},ms");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The least time of a build with the attribute, and of one without.
fn measure(build: &Path) -> io::Result<[Duration; 2]> {
    let packages = [("with", "#[hotloop::jit]\n"), ("without", "")]
        .map(|(name, attribute)| write_package(build, name, attribute));
    let mut least = [Duration::MAX; 2];
    for round in 0..=ROUNDS {
        for (package, least) in packages.iter().zip(&mut least) {
            let package = package
                .as_ref()
                .map_err(|error| io::Error::other(error.to_string()))?;
            cargo(build, package, &["clean", "-p", "kernels"])?;
            let start = Instant::now();
            cargo(build, package, &["build"])?;
            // The first round builds hotloop.
            if round > 0 {
                *least = start.elapsed().min(*least);
            }
        }
    }
    Ok(least)
}

fn write_package(build: &Path, name: &str, attribute: &str) -> io::Result<PathBuf> {
    let package = build.join(name);
    let root = env!("CARGO_MANIFEST_DIR");
    fs::create_dir_all(package.join("src"))?;
    fs::write(
        package.join("Cargo.toml"),
        format!(
            "[package]\nname = \"kernels\"\nedition = \"2024\"\n[dependencies]\nhotloop = {{ path = {root:?} }}\nnum-traits = \"0.2\"\n[workspace]\n"
        ),
    )?;
    fs::copy(
        Path::new(root).join("Cargo.lock"),
        package.join("Cargo.lock"),
    )?;
    let mut text = String::from("#![allow(clippy::all)]\nuse num_traits::Float;\n\n");
    let mut calls = String::new();
    for (n, (shape, call)) in SHAPES.iter().cycle().take(FUNCTIONS).enumerate() {
        let n = n.to_string();
        text += &format!("{attribute}{}\n\n", shape.replace('@', &n));
        if !call.is_empty() {
            let _ = writeln!(calls, "    {}", call.replace('@', &n));
        }
    }
    text += &format!("pub fn generic() {{\n{calls}}}\n");
    fs::write(package.join("src/lib.rs"), text)?;
    Ok(package)
}

fn cargo(build: &Path, package: &Path, args: &[&str]) -> io::Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(args)
        .args(["--offline", "--quiet"])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", build.join("target"))
        .output()?;
    if output.status.success() {
        Ok(())
    } else {
        Err(io::Error::other(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    }
}
