//! The loops of `tests/threads/attack/functions.rs`, which look more independent than they are: run by the evaluator, iterations in random order, with
//! what each of them reads and stores compared with all others.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::tests::{agree, parallelized};
use super::*;
use crate::eval::{Argument, ChunkOrder, EvalError, Outcome, Value};
use crate::frontend::capture;
use crate::instance::Instance;
use crate::lower::lower_program;
use crate::specialize::{BuildOptions, specialize};
use crate::transform::{Target, optimize};

/// The functions with the attribute; none where this crate is alone.
fn functions() -> Vec<syn::ItemFn> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/threads/attack/functions.rs");
    let Ok(text) = std::fs::read_to_string(path) else {
        return Vec::new();
    };
    let items = syn::parse_file(&text).expect("the source parses").items;
    let function = |item| match item {
        syn::Item::Fn(item) if !item.attrs.is_empty() => Some(item),
        _ => None,
    };
    items.into_iter().filter_map(function).collect()
}

fn program(item: &syn::ItemFn, overflow_checks: bool) -> Program {
    let mut item = item.clone();
    item.attrs.clear();
    let captured = capture(&item).unwrap_or_else(|problems| panic!("{:?}", problems[0].message));
    let build = BuildOptions {
        overflow_checks,
        ..BuildOptions::default()
    };
    let instance = Instance {
        function: Arc::new(captured.function),
        module: String::new(),
        type_args: Vec::new(),
        const_args: Vec::new(),
        externs: BTreeMap::new(),
        // Lowering may choose other forms for functions with parallel loops.
        build: BuildOptions {
            parallel: Some(Parallelism::AUTO),
            ..build
        },
    };
    let mut program = lower_program(&[instance]).expect("lowered").program;
    for func in &mut program.functions {
        *func = specialize(func, &[], &build).expect("specialized");
    }
    program
}

struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = (self.0)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(n)) as u32
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }
}

/// Numbers that fit a function of this file.
fn arguments(func: &Function, seed: u64) -> Vec<Argument> {
    let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9) ^ 0x6174_7461);
    let integer = |rng: &mut Rng, ty: ScalarTy| -> Value {
        match ty {
            ScalarTy::Bool => Value::from(rng.one_in(2)),
            ScalarTy::Usize => Value::from(match rng.below(30) {
                0 => 1_usize << 62,
                1 => 1 << 63,
                2 => usize::MAX - rng.below(3) as usize,
                _ => rng.below(9) as usize,
            }),
            ScalarTy::Isize => Value::from(rng.below(60) as isize - 20),
            ScalarTy::I64 => Value::from(i64::from(rng.below(40)) - 12),
            ScalarTy::U64 => Value::from(u64::from(rng.below(50))),
            ScalarTy::F64 => Value::from(f64::from(rng.below(40)) - 20.0),
            other => panic!("{other:?}"),
        }
    };
    let len = |rng: &mut Rng| match rng.below(6) {
        0 => rng.below(12),
        _ => 20 + rng.below(40),
    };
    let of = |rng: &mut Rng, ty: &Ty| match ty {
        Ty::Scalar(ty) => Argument::Scalar(integer(rng, *ty)),
        Ty::Ref { to, .. } => Argument::Ref(integer(rng, to.as_scalar().expect("a scalar"))),
        Ty::Slice { elem, .. } if **elem == Ty::USIZE => {
            let most = [6, 12, 24, 40][rng.below(4) as usize];
            let ascending = rng.one_in(2);
            let mut values: Vec<usize> = (0..len(rng)).map(|_| rng.below(most) as usize).collect();
            if ascending {
                values.sort_unstable();
            }
            Argument::Slice(values.into_iter().map(Value::from).collect())
        }
        Ty::Slice { elem, .. } => {
            let ty = elem.as_scalar().expect("a scalar");
            Argument::Slice((0..len(rng)).map(|_| integer(rng, ty)).collect())
        }
        other => panic!("{other:?}"),
    };
    let params = func.params.iter();
    params
        .map(|&param| of(&mut rng, &func.locals[param].ty))
        .collect()
}

#[test]
fn nothing_that_is_accepted_races() {
    let functions = functions();
    let runs: u64 = std::env::var("HOTLOOP_ATTACKS")
        .ok()
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(2);
    for item in &functions {
        let (mut returned, mut trapped, mut n_parallel) = (0, 0, 0);
        for overflow_checks in [true, false] {
            let before = program(item, overflow_checks);
            let mut prepared = before.clone();
            crate::transform::prepare(&mut prepared.functions[0]);
            let mut all: Vec<Program> = (0..3)
                .map(|chunk| parallelized(&prepared, chunk).0)
                .collect();
            let mut optimized = before.clone();
            optimized.functions[0].parallel = Some(Parallelism {
                min_len: Some(2),
                chunk: Some(1),
                ..Parallelism::AUTO
            });
            optimize(&mut optimized, &Target::default());
            all.push(optimized);
            n_parallel += (all.iter())
                .filter(|after| after.functions.len() > before.functions.len())
                .count();
            for seed in 0..runs {
                let args = arguments(&before.functions[0], seed);
                let outcome = super::tests::run_in(&before, &args, ChunkOrder::InOrder);
                match outcome {
                    Ok((Outcome::Return(_), _)) => returned += 1,
                    Ok(_) => trapped += 1,
                    Err(EvalError::OutOfFuel) => {}
                    Err(error) => panic!("{}: {error:?}", item.sig.ident),
                }
                for after in &all {
                    agree(&before, after, &args, seed);
                }
            }
        }
        println!(
            "{}: {returned} returned, {trapped} panicked, {n_parallel} of 8 parallel",
            item.sig.ident
        );
        assert!(returned + trapped > 0, "{} is vacuous", item.sig.ident);
    }
}
