use super::*;
use crate::func::Host;
use crate::generate::{ENOUGH_FUEL, GenerateConfig, generate_arguments, generate_program};
use crate::{BinaryOp, FunctionBuilder, eval_program, verify_specialized_program};

const F64: Ty = Ty::Scalar(ScalarTy::F64);

fn with_host(func: Function) -> Program {
    let keep = Host {
        name: "keep".to_owned(),
        params: vec![HostTy::Ref { mutable: false }],
        result: None,
    };
    Program {
        functions: vec![func],
        hosts: vec![keep],
    }
}

/// A function that gives a reference to a variable away, and returns its value.
fn gives_away(name: &str, value: impl FnOnce(&mut FunctionBuilder) -> ExprId) -> Program {
    let mut builder = FunctionBuilder::new("f");
    builder.set_result(F64);
    let local = builder.immutable_local(name, F64);
    let value = value(&mut builder);
    builder.assign(local, value);
    let borrowed = builder.borrow(Place::local(local), false);
    builder.call_host(0, vec![borrowed], None);
    let found = builder.load(local);
    builder.ret(Some(found));
    with_host(builder.finish())
}

#[test]
fn constants_are_moved() {
    let mut after = gives_away("$0", |builder| {
        let (two, three) = (
            builder.float(ScalarTy::F64, 2.0),
            builder.float(ScalarTy::F64, 3.5),
        );
        builder.binary(BinaryOp::Mul, two, three)
    });
    keep_constants(&mut after).expect("a constant");
    verify_specialized_program(&after).expect("well-formed");
    assert_eq!(after.functions[0].tables[0].bytes, 7.0_f64.to_le_bytes());
    // What is read, and given away, is the table.
    let ty = &after.functions[0]
        .locals
        .iter()
        .next()
        .expect("a local")
        .1
        .ty;
    assert!(matches!(ty, Ty::Ref { mutable: false, .. }));
}

#[test]
fn what_is_a_constant_without_a_value_is_refused() {
    let unknown = |builder: &mut FunctionBuilder| {
        let two = builder.float(ScalarTy::F64, 2.0);
        builder.call(crate::Intrinsic::Sqrt, vec![two])
    };
    assert!(keep_constants(&mut gives_away("$0", unknown)).is_err());
    // A variable of the user's is no constant for rustc.
    assert_eq!(keep_constants(&mut gives_away("x", unknown)), Ok(()));
}

#[test]
fn copies_are_seen_where_they_get_out() {
    let constant = |builder: &mut FunctionBuilder| builder.float(ScalarTy::F64, 2.0);
    assert!(lets_copies_out(&gives_away("$copy 0", constant)));
    assert!(!lets_copies_out(&gives_away("$0", constant)));
}

#[test]
fn random_programs_mean_the_same() {
    let config = GenerateConfig::with_memory();
    let mut moved = 0;
    for seed in 0..150 {
        let before = generate_program(seed, &config);
        let mut after = before.clone();
        // Those of the source that no reference leaves, too.
        for func in &mut after.functions {
            let found = Constants::of(func).borrowed().unwrap_or_default();
            for (local, bytes) in found {
                moved += 1;
                move_to_table(func, local, bytes);
            }
        }
        if let Err(errors) = verify_specialized_program(&after) {
            panic!("seed {seed}: {errors:?}\n{}", crate::print_program(&after));
        }
        for arg_seed in 0..3 {
            let args = generate_arguments(&before.functions[0], arg_seed);
            let run = |program: &Program| {
                let mut args = args.clone();
                let found = eval_program(program, &mut args, ENOUGH_FUEL, &mut |_, _| None);
                (found, args)
            };
            let (expected, found) = (run(&before), run(&after));
            assert_eq!(format!("{expected:?}"), format!("{found:?}"), "seed {seed}");
        }
    }
    assert!(moved > 0);
}
