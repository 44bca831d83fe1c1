use super::*;
use crate::generate::{ENOUGH_FUEL, generate_arguments};
use crate::{
    Argument, ChunkOrder, EvalError, Outcome, eval_program_in, parse_program,
    verify_specialized_program,
};

/// Runs the pass with loops that are worth it always, and in pieces of few iterations.
fn parallelized(program: &Program, chunk: u64) -> (Program, Vec<Remark>) {
    let mut after = program.clone();
    for func in &mut after.functions {
        func.parallel = Some(Parallelism {
            chunk: Some(chunk),
            ..Parallelism::AUTO
        });
    }
    let mut remarks = Vec::new();
    run_with(&mut after, 0, &mut remarks);
    if let Err(errors) = verify_specialized_program(&after) {
        panic!("{errors:?}\n{}", crate::print_program(&after));
    }
    (after, remarks)
}

type Ran = Result<(Outcome, Vec<Argument>), EvalError>;

fn run_in(program: &Program, args: &[Argument], order: ChunkOrder) -> Ran {
    let mut args = args.to_vec();
    let outcome = eval_program_in(program, &mut args, ENOUGH_FUEL, order, &mut |_, _| None)?;
    Ok((outcome, args))
}

/// The same result and the same memory in whatever order; if there is a trap, the same one.
fn agree(before: &Program, after: &Program, args: &[Argument], seed: u64) -> bool {
    let expected = run_in(before, args, ChunkOrder::InOrder);
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
