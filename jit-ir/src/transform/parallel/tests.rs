use super::*;
use crate::generate::{generate_loop_arguments, generate_loops};
use crate::{
    Argument, ChunkOrder, EvalError, Outcome, eval_program_in, parse_program,
    verify_specialized_program,
};

/// Runs the pass with loops that are worth it always, and in pieces of few iterations.
fn parallelized(program: &Program, chunk: u64) -> (Program, Vec<Remark>) {
    let mut after = program.clone();
    after.functions[0].parallel = Some(Parallelism {
        chunk: Some(chunk),
        ..Parallelism::AUTO
    });
    let mut remarks = Vec::new();
    run_with(&mut after, 0, &mut remarks);
    if let Err(errors) = verify_specialized_program(&after) {
        panic!("{errors:?}\n{}", crate::print_program(&after));
    }
    (after, remarks)
}

/// Some loops run for ever.
const FUEL: u64 = 100_000;

type Ran = Result<(Outcome, Vec<Argument>), EvalError>;

fn run_in(program: &Program, args: &[Argument], order: ChunkOrder) -> Ran {
    let mut args = args.to_vec();
    let outcome = eval_program_in(program, &mut args, FUEL, order, &mut |_, _| None)?;
    Ok((outcome, args))
}

/// The same result and the same memory in whatever order; if there is a trap, the same one.
fn agree(before: &Program, after: &Program, args: &[Argument], seed: u64) -> bool {
    let expected = run_in(before, args, ChunkOrder::InOrder);
    if matches!(expected, Err(EvalError::OutOfFuel)) {
        return false;
    }
    let mut traps = false;
    for order in [
        ChunkOrder::InOrder,
        ChunkOrder::Shuffled(seed),
        ChunkOrder::Single(seed),
        ChunkOrder::Single(seed.wrapping_add(77)),
    ] {
        let found = run_in(after, args, order);
        let text = || format!("{order:?}\n{}", crate::print_program(after));
        match (&expected, &found) {
            (Ok((trap @ Outcome::Trap { .. }, _)), Ok((other, _))) => {
                traps = true;
                assert_same_trap(before, trap, after, other, &text);
            }
            (Ok(expected), Ok(found)) => assert_eq!(expected, found, "{}", text()),
            (Err(EvalError::OutOfFuel), _) | (_, Err(EvalError::OutOfFuel)) => {}
            (expected, found) => panic!("{expected:?} {found:?}\n{}", text()),
        }
    }
    traps
}

/// Sites of functions that were made are copies of those of the source.
fn assert_same_trap(
    before: &Program,
    expected: &Outcome,
    after: &Program,
    found: &Outcome,
    text: &dyn Fn() -> String,
) {
    let site_of = |program: &Program, outcome: &Outcome| match outcome {
        Outcome::Trap {
            function,
            site,
            operands,
        } => {
            let site = program.functions[*function].sites[*site].clone();
            Some((site, operands.clone()))
        }
        _ => None,
    };
    let (left, right) = (site_of(before, expected), site_of(after, found));
    assert!(
        left.is_some() && left == right,
        "{left:?} {right:?} {found:?}\n{}",
        text()
    );
}

/// How many loops were accepted, accepted with a condition, refused.
#[derive(Debug, Default)]
struct Verdicts {
    legal: u32,
    conditional: u32,
    illegal: u32,
    parallel_runs: u32,
    traps: u32,
}

/// Random loops: whatever is accepted gives the same in any order.
#[test]
fn no_accepted_loop_races() {
    let count = std::env::var("HOTLOOP_FUZZ_LOOPS");
    let count = count.ok().and_then(|count| count.parse().ok());
    let count: u64 = count.unwrap_or(300);
    let first = std::env::var("HOTLOOP_FUZZ_FIRST");
    let first: u64 = first.ok().and_then(|first| first.parse().ok()).unwrap_or(0);
    let mut seen = Verdicts::default();
    for seed in first..first + count {
        let before = generate_loops(seed).expect("well-formed");
        if let Err(errors) = verify_specialized_program(&before) {
            panic!("{seed}: {errors:?}\n{}", crate::print_program(&before));
        }
        let (after, remarks) = parallelized(&before, 1 + seed % 3);
        for remark in &remarks {
            match &remark.kind {
                RemarkKind::Parallel(how) if how.conditions == 0 => seen.legal += 1,
                RemarkKind::Parallel(_) => seen.conditional += 1,
                RemarkKind::Serial { .. } => seen.illegal += 1,
                _ => {}
            }
        }
        if before.functions.len() == after.functions.len() {
            continue;
        }
        for arguments in 0..4 {
            let args = generate_loop_arguments(seed * 4 + arguments);
            seen.parallel_runs += 1;
            seen.traps += u32::from(agree(&before, &after, &args, seed));
        }
    }
    println!("{seen:?}");
    let all = seen.legal + seen.conditional + seen.illegal;
    assert!((seen.legal + seen.conditional) * 5 > all, "{seen:?}");
}
