//! Random functions and programs, compiled and evaluated, must agree: results, traps with their operands, and stores. So must random loops that
//! run in parallel.
//!
//! `HOTLOOP_FUZZ_PROGRAMS` says how many (500 if it is not set), `HOTLOOP_FUZZ_SEED` which is the first. With
//! `HOTLOOP_FUZZ_TRACE` set, each seed is printed before its turn, for the case that the process dies.

mod oracle;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use hotloop_ir::{
    Argument, GenerateConfig, Parallelism, Program, Schedule, generate_arguments,
    generate_function, generate_loop_arguments, generate_loops, generate_nest,
    generate_nest_arguments, generate_program, print_program,
};
use oracle::{Checked, Compiled, Rng, random_args};

/// Calls per function: half with arguments that suit it, half with any.
const CALLS: u64 = 8;

fn number(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("`{variable}` is no number: {text}")),
        Err(_) => default,
    }
}

/// One in three is a function of scalars and slices of them, the others have everything.
fn generate(seed: u64, config: &GenerateConfig) -> Program {
    if seed.is_multiple_of(3) {
        Program {
            functions: vec![generate_function(seed, config)],
            hosts: Vec::new(),
        }
    } else {
        generate_program(seed, config)
    }
}

/// Loops of any length run in parallel, in chunks of different kinds.
fn settings(seed: u64) -> Parallelism {
    let schedules = [None, Some(Schedule::Dynamic), Some(Schedule::Guided)];
    Parallelism {
        threads: None,
        min_len: Some(1),
        chunk: [None, Some(1), Some(2), Some(7)][(seed / 5 % 4) as usize],
        schedule: schedules[(seed / 20 % 3) as usize],
    }
}

/// Compiles one program and calls it; the counts of what came of it, or how it differs.
fn run(seed: u64, config: &GenerateConfig) -> Result<BTreeMap<String, u64>, String> {
    let program = generate(seed, config);
    let func = &program.functions[0];
    let fail = |error: String| format!("seed {seed}: {error}\n{}", print_program(&program));
    let mut counts = BTreeMap::new();
    // As users get them, and some as they are, which is what our passes are compared with.
    let compiled = match seed % 5 {
        0 => Compiled::try_new(&program),
        1 | 2 => Compiled::try_optimized_with(&program, Some(settings(seed))),
        _ => Compiled::try_optimized(&program),
    };
    let Some(compiled) = compiled.map_err(fail)? else {
        return Ok(BTreeMap::from([("Declined".to_owned(), 1)]));
    };
    *counts.entry("Parallel".to_owned()).or_default() += compiled.parallel_loops();
    let mut rng = Rng(seed);
    for call in 0..CALLS {
        let args = match call % 2 {
            0 => generate_arguments(func, seed.wrapping_mul(CALLS).wrapping_add(call)),
            _ => random_args(&mut rng, func),
        };
        let checked: Checked = compiled
            .check(&args)
            .map_err(|error| fail(format!("{error}\n{args:?}")))?;
        *counts.entry(format!("{checked:?}")).or_default() += 1;
    }
    Ok(counts)
}

/// Runs all of them on several threads, and adds up what came of it.
fn run_all(
    first: u64,
    programs: u64,
    run: &(dyn Fn(u64) -> Result<BTreeMap<String, u64>, String> + Sync),
) -> BTreeMap<String, u64> {
    let trace = std::env::var_os("HOTLOOP_FUZZ_TRACE").is_some();
    let next = AtomicU64::new(first);
    let counts = Mutex::new(BTreeMap::new());
    let failures = Mutex::new(Vec::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first.saturating_add(programs) {
                break;
            }
            if trace {
                eprintln!("seed {seed}");
            }
            match run(seed) {
                Ok(found) => {
                    let mut counts = counts.lock().unwrap();
                    for (what, n) in found {
                        *counts.entry(what).or_insert(0) += n;
                    }
                }
                Err(failure) => failures.lock().unwrap().push(failure),
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let failures = failures.into_inner().unwrap();
    for failure in failures.iter().take(12) {
        eprintln!("{failure}\n");
    }
    assert!(failures.is_empty(), "{} programs differ", failures.len());
    counts.into_inner().unwrap()
}

/// Compiles random loops, parallel wherever they may be.
fn run_loops(seed: u64) -> Result<BTreeMap<String, u64>, String> {
    let program = generate_loops(seed).ok_or("no text")?;
    let fail = |error: String| format!("seed {seed}: {error}\n{}", print_program(&program));
    let compiled = Compiled::try_optimized_with(&program, Some(settings(seed))).map_err(fail)?;
    let Some(compiled) = compiled else {
        return Ok(BTreeMap::from([("Declined".to_owned(), 1)]));
    };
    let mut counts = BTreeMap::from([("Parallel".to_owned(), compiled.parallel_loops())]);
    for call in 0..4 {
        let args = generate_loop_arguments(seed.wrapping_mul(4).wrapping_add(call));
        // What iterations behind a trap would do to their end, though nobody waits for it in order.
        let is_long = |arg: &Argument| {
            let scalar = match arg {
                Argument::Scalar(value) => value.as_scalar(),
                _ => None,
            };
            scalar.is_some_and(|scalar| scalar.bits > 1000)
        };
        if args.iter().any(is_long) {
            continue;
        }
        let checked = compiled
            .check(&args)
            .map_err(|error| fail(format!("{error}\n{args:?}")))?;
        *counts.entry(format!("{checked:?}")).or_default() += 1;
    }
    Ok(counts)
}

/// Compiles random nests over a matrix, half of them parallel wherever they may be.
fn run_nests(seed: u64) -> Result<BTreeMap<String, u64>, String> {
    let program = Program {
        functions: vec![generate_nest(seed).ok_or("no text")?],
        hosts: Vec::new(),
    };
    let fail = |error: String| format!("seed {seed}: {error}\n{}", print_program(&program));
    let compiled = match seed / 2 % 2 {
        0 => Compiled::try_optimized(&program),
        _ => Compiled::try_optimized_with(&program, Some(settings(seed))),
    };
    let Some(compiled) = compiled.map_err(fail)? else {
        return Ok(BTreeMap::from([("Declined".to_owned(), 1)]));
    };
    let mut counts = BTreeMap::from([("Parallel".to_owned(), compiled.parallel_loops())]);
    for arguments in 0..8 {
        let args = generate_nest_arguments(arguments);
        let checked =
            (compiled.check(&args)).map_err(|error| fail(format!("{error}\n{args:?}")))?;
        *counts.entry(format!("{checked:?}")).or_default() += 1;
    }
    Ok(counts)
}

#[test]
fn random_nests_agree() {
    let first = number("HOTLOOP_FUZZ_SEED", 0);
    let programs = number("HOTLOOP_FUZZ_PROGRAMS", 300) / 3;
    let counts = run_all(first, programs, &run_nests);
    println!("{programs} programs: {counts:?}");
    let count = |what: &str| counts.get(what).copied().unwrap_or(0);
    assert!(count("Returned") > programs);
    assert!(count("Parallel") > programs / 50);
}

#[test]
fn random_loops_agree() {
    let first = number("HOTLOOP_FUZZ_SEED", 0);
    let programs = number("HOTLOOP_FUZZ_PROGRAMS", 300);
    let counts = run_all(first, programs, &run_loops);
    println!("{programs} programs: {counts:?}");
    let count = |what: &str| counts.get(what).copied().unwrap_or(0);
    assert!(count("Returned") > programs);
    assert!(count("Trapped") > programs / 4);
    assert!(count("Parallel") > programs / 4);
}

#[test]
fn random_programs_agree() {
    let first = number("HOTLOOP_FUZZ_SEED", 0);
    let programs = number("HOTLOOP_FUZZ_PROGRAMS", 500);
    let config = GenerateConfig::default();
    let large = GenerateConfig {
        max_stmts: 60,
        max_block_depth: 6,
        max_iterations: 4000,
        ..GenerateConfig::default()
    };
    let counts = run_all(first, programs, &|seed| {
        run(seed, if seed % 4 == 3 { &large } else { &config })
    });
    println!("{programs} programs: {counts:?}");
    let count = |what: &str| counts.get(what).copied().unwrap_or(0);
    // If most calls said nothing, the test would say little.
    assert!(count("Returned") + count("Trapped") > programs * CALLS / 2);
    assert!(count("Parallel") > programs / 50);
}
