use std::collections::HashSet;

use super::*;
use crate::expr::ExprKind;
use crate::stmt::StmtKind;
use crate::{EvalError, Outcome, eval, verify_specialized};

/// Enough to see every operation; optimized builds, which are quick, generate more.
const N_FUNCTIONS: u64 = if cfg!(debug_assertions) { 500 } else { 2000 };

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

/// A host function that looks at its arguments and returns something of its type.
fn answer(host: &crate::Host, args: &[crate::Scalar]) -> Option<crate::Value> {
    let sum = args
        .iter()
        .fold(5u128, |sum, arg| sum.wrapping_mul(3) ^ (arg.bits & 0xf));
    Some(match host.result.and_then(crate::HostTy::as_scalar) {
        Some(ScalarTy::F32) => (sum as u16 as f32).into(),
        Some(ScalarTy::F64) => f64::from(sum as u16).into(),
        Some(ty) => crate::Value::Scalar(crate::Scalar::from_bits(ty, sum % 2)),
        None => crate::Value::Unit,
    })
}

#[test]
fn generated_programs_are_verified_and_end() {
    let config = GenerateConfig::with_memory();
    let (mut calls, mut traps) = (0u32, 0u32);
    for seed in 0..N_FUNCTIONS / 4 {
        let program = if seed % 4 == 0 {
            crate::Program {
                functions: vec![generate_function(seed, &config)],
                hosts: Vec::new(),
            }
        } else {
            generate_program(seed, &config)
        };
        if let Err(errors) = crate::verify_specialized_program(&program) {
            let text = crate::print_program(&program);
            panic!("seed {seed}: {errors:?}\n{text}");
        }
        for arg_seed in 0..4 {
            let mut args = generate_arguments(&program.functions[0], arg_seed);
            calls += 1;
            match crate::eval_program(&program, &mut args, ENOUGH_FUEL, &mut answer) {
                Ok(Outcome::Return(_)) => {}
                Ok(Outcome::HostPanicked) => panic!("the host functions do not panic"),
                Ok(Outcome::Trap { .. }) => traps += 1,
                Err(error) => {
                    let text = crate::print_program(&program);
                    panic!("seed {seed}, arguments {arg_seed}: {error}\n{text}");
                }
            }
        }
    }
    println!("{traps} of {calls} calls trap");
    assert!(traps * 3 < calls, "{traps} of {calls} calls trap");
    assert!(traps * 30 > calls, "{traps} of {calls} calls trap");
}

#[test]
fn generated_programs_use_everything() {
    let config = GenerateConfig::with_memory();
    let mut seen = HashSet::new();
    for seed in 0..N_FUNCTIONS / 4 {
        let program = generate_program(seed, &config);
        for (number, func) in program.functions.iter().enumerate() {
            for (_, expr) in func.exprs.iter() {
                seen.insert(match &expr.kind {
                    ExprKind::Borrow(_) => "borrow",
                    ExprKind::SubSlice { site: Some(_), .. } => "part",
                    ExprKind::SubSlice { site: None, .. } => "whole",
                    ExprKind::Table(_) => "table",
                    ExprKind::Array(_) => "array",
                    ExprKind::Repeat(_) => "repeat",
                    ExprKind::Struct(_) => "struct",
                    ExprKind::Load(place) if place.projections.len() > 2 => "deep place",
                    _ => continue,
                });
            }
            func.body.for_each_stmt(|stmt| {
                seen.insert(match &stmt.kind {
                    StmtKind::Call { function, .. } if *function as usize == number => "recursion",
                    StmtKind::Call {
                        result: Some(_), ..
                    } => "call with result",
                    StmtKind::Call { result: None, .. } => "call",
                    StmtKind::HostCall { .. } => "host call",
                    StmtKind::Trap { operands, .. } if !operands.is_empty() => "trap",
                    _ => return,
                });
            });
        }
    }
    for what in [
        "borrow",
        "part",
        "whole",
        "table",
        "array",
        "repeat",
        "struct",
        "deep place",
        "recursion",
        "call with result",
        "call",
        "host call",
        "trap",
    ] {
        assert!(seen.contains(what), "no {what}");
    }
}

#[test]
fn generated_programs_are_printed_and_encoded() {
    let config = GenerateConfig::with_memory();
    for seed in 0..200 {
        let program = generate_program(seed, &config);
        assert_eq!(program, generate_program(seed, &config));
        let text = crate::print_program(&program);
        let parsed = crate::parse_program(&text);
        assert_eq!(parsed.as_ref(), Ok(&program), "{text}");
        let bytes = crate::encode_program(&program).expect("not too deep");
        assert_eq!(crate::decode_program(&bytes), Ok(program));
    }
}

#[test]
fn same_seed_same_function() {
    let config = GenerateConfig::default();
    assert_eq!(generate_function(7, &config), generate_function(7, &config));
    assert_ne!(generate_function(7, &config), generate_function(8, &config));
}
