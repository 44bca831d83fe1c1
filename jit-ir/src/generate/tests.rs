use std::collections::HashSet;

use super::*;
use crate::expr::ExprKind;
use crate::{EvalError, Outcome, eval, verify_specialized};

const N_FUNCTIONS: u64 = 2000;

#[test]
fn generated_functions_are_verified_and_end() {
    let config = GenerateConfig::default();
    let (mut calls, mut traps, mut unit_work) = (0u32, 0u32, 0u32);
    for seed in 0..N_FUNCTIONS {
        let func = generate_function(seed, &config);
        if let Err(errors) = verify_specialized(&func) {
            panic!("seed {seed}: {errors:?}\n{func}");
        }
        for arg_seed in 0..4 {
            let mut args = generate_arguments(&func, arg_seed);
            calls += 1;
            match eval(&func, &mut args, ENOUGH_FUEL) {
                Ok(Outcome::Return(_)) => {}
                Ok(Outcome::HostPanicked) => panic!("no host functions"),
                Ok(Outcome::Trap { .. }) => traps += 1,
                Err(error) => panic!("seed {seed}, arguments {arg_seed}: {error}\n{func}"),
            }
            if eval(&func, &mut generate_arguments(&func, arg_seed), 100)
                == Err(EvalError::OutOfFuel)
            {
                unit_work += 1;
            }
        }
    }
    println!("{traps} of {calls} calls trap, {unit_work} take more than 100 steps");
    assert!(traps * 3 < calls, "{traps} of {calls} calls trap");
    assert!(traps * 30 > calls, "{traps} of {calls} calls trap");
}

#[test]
fn generated_functions_use_everything() {
    let config = GenerateConfig::default();
    let mut seen = HashSet::new();
    for seed in 0..N_FUNCTIONS {
        let func = generate_function(seed, &config);
        for (_, expr) in func.exprs.iter() {
            match &expr.kind {
                ExprKind::Call { intrinsic, .. } => {
                    seen.insert(intrinsic.name().to_owned());
                }
                ExprKind::Binary { op, lhs, .. } => {
                    seen.insert(format!("{:?} {}", func.exprs[*lhs].ty, op.symbol()));
                }
                _ => {}
            }
        }
    }
    for intrinsic in Intrinsic::ALL {
        assert!(seen.contains(intrinsic.name()), "no `{}`", intrinsic.name());
    }
    for op in crate::BinaryOp::ALL {
        for ty in ScalarTy::ALL.into_iter().filter(|&ty| op.applies_to(ty)) {
            let key = format!("{:?} {}", Ty::Scalar(ty), op.symbol());
            assert!(seen.contains(&key), "no {key}");
        }
    }
}

#[test]
fn same_seed_same_function() {
    let config = GenerateConfig::default();
    assert_eq!(generate_function(7, &config), generate_function(7, &config));
    assert_ne!(generate_function(7, &config), generate_function(8, &config));
}
