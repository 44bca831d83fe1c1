//! Parallel loops: what they compute, on any number of threads; traps; what is captured.

use hotloop_ir::{Argument, ChunkOrder, Outcome, Scalar, ScalarTy, Value, eval_program_in};

use super::{Loaded, optimized, parsed, slice_arg};
use crate::codegen::packed::{PackedArg, PackedOutcome};
use crate::pipeline::{CompileRequest, compile};

/// Runs something on pools of several sizes, and on the calling thread.
fn on_pools(mut run: impl FnMut() + Send) {
    run();
    #[cfg(feature = "parallel")]
    for threads in [1, 2, 7, 64] {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
        builder.build().expect("a pool").install(&mut run);
    }
}

fn returned(outcome: &PackedOutcome) -> &[u128] {
    match outcome {
        PackedOutcome::Returned(words) => words,
        PackedOutcome::Trapped(status, _) => panic!("it trapped: {status}"),
    }
}

const SUM: &str = "fn f(a: &[f64], n: usize, x: f64) -> f64 {
    let mut sum: f64;
    sum = parallel fn#1 count n work 100usize from (x) identities (-0.0f64) captures (a) combine fn#2 chunk 100;
    return sum;
}
fastmath reassoc contract;
fn body(first: usize, behind: usize, mut sum: f64, a: &[f64]) -> f64 {
    let i: usize;
    site @0 = index with usize, usize;
    '0: for i in first..behind {
        sum = (sum + a[i]@0);
    }
    return sum;
}
fn add(left: f64, right: f64) -> f64 {
    return (left + right);
}";

#[test]
fn a_sum_has_the_same_bits_on_all_pools() {
    let f = Loaded::from_text(SUM);
    let mut a: Vec<f64> = (1..=10_000).map(|i| 1.0 / f64::from(i)).collect();
    let mut all = Vec::new();
    on_pools(|| {
        for n in [0, 1, 99, 100, 101, 9_999, 10_000] {
            let args = [
                slice_arg(&mut a),
                PackedArg::Scalar(n),
                PackedArg::Scalar(0.5_f64.to_bits().into()),
            ];
            let bits = returned(&f.call(&args))[0];
            let expected = 0.5 + a[..n as usize].iter().sum::<f64>();
            let found = f64::from_bits(bits as u64);
            assert!((found - expected).abs() < 1e-11, "{found} {expected}");
            all.push((n, bits));
        }
    });
    let (first, others) = all.split_at(7);
    assert!(others.chunks(7).all(|other| other == first));
    // Stores nothing: the trap is that of the serial loop.
    on_pools(|| {
        let args = [
            slice_arg(&mut a[..4321]),
            PackedArg::Scalar(10_000),
            PackedArg::Scalar(0),
        ];
        let PackedOutcome::Trapped(1, payload) = f.call(&args) else {
            panic!("an index is out of bounds");
        };
        assert_eq!(payload.operands[..2], [4321, 4321]);
    });
}

/// Stores, traps in several chunks, accumulators of several types, and an array as one.
const MANY: &str = "fn f(a: &mut [u32], base: u32, flag: bool) -> (u64, bool, [u32; 12]) {
    let mut counts: [u32; 12];
    let zero: [u32; 12];
    let mut r: (u64, bool, [u32; 12]);
    counts = [1u32; 12];
    zero = [0u32; 12];
    r = parallel fn#1 count a.len() work 1usize from (3u64, flag, &counts) identities (0u64, true, &zero)
        captures (&mut a[..], base, &counts) combine fn#2 stores chunk 64 schedule dynamic;
    return r;
}
fn body(first: usize, behind: usize, mut sum: u64, mut all: bool, counts: &[u32; 12], a: &mut [u32], base: u32, others: &[u32; 12]) -> (u64, bool, [u32; 12]) {
    let mut own: [u32; 12];
    let i: usize;
    let mut slot: usize;
    site @0 = index with usize, usize;
    site @1 = panic with u32;
    site @2 = binary % with u32, u32;
    own = counts.*;
    '0: for i in first..behind {
        if (a[i] == 4000000000u32) {
            trap @1((i as u32));
        }
        a[i] = ((a[i] + base) + others.*[0usize]);
        sum = (sum + (a[i] as u64));
        all = (all && (a[i] < 1000000u32));
        slot = ((a[i] % 12u32)@2 as usize);
        own[slot]@0 = (own[slot]@0 + 1u32);
    }
    return (sum, all, own);
}
fn both(left: u64, left_all: bool, left_counts: &[u32; 12], right: u64, right_all: bool, right_counts: &[u32; 12]) -> (u64, bool, [u32; 12]) {
    let mut own: [u32; 12];
    let i: usize;
    own = left_counts.*;
    '0: for i in 0usize..12usize {
        own[i] = (own[i] + right_counts.*[i]);
    }
    return ((left + right), (left_all && right_all), own);
}";

fn scalar(ty: ScalarTy, bits: u128) -> Value {
    Value::Scalar(Scalar::from_bits(ty, bits))
}

#[test]
fn code_agrees_with_the_evaluator() {
    let f = Loaded::from_text(MANY);
    let program = parsed(MANY);
    for (len, big, bad) in [
        (0, None, vec![]),
        (1, None, vec![]),
        (1000, None, vec![]),
        (1000, Some(700), vec![]),
        (1000, None, vec![300, 301, 650, 999]),
    ] {
        let mut a: Vec<u32> = (0..len as u32).map(|i| i * 7).collect();
        if let Some(at) = big {
            a[at] = 5_000_000;
        }
        for &at in &bad {
            a[at] = 4_000_000_000;
        }
        let elements = a.iter().map(|&x| scalar(ScalarTy::U32, x.into()));
        let mut args = [
            Argument::Slice(elements.collect()),
            Argument::Scalar(scalar(ScalarTy::U32, 9)),
            Argument::Scalar(scalar(ScalarTy::Bool, 1)),
        ];
        let order = ChunkOrder::InOrder;
        let expected =
            eval_program_in(&program, &mut args, 1 << 20, order, &mut |_, _| None).unwrap();
        let Argument::Slice(stored) = &args[0] else {
            panic!("it was a slice");
        };
        on_pools(|| {
            let mut a = a.clone();
            let args = [
                slice_arg(&mut a),
                PackedArg::Scalar(9),
                PackedArg::Scalar(1),
            ];
            let outcome = f.call(&args);
            // What is behind a trap may or may not have run.
            let sure = bad.first().copied().unwrap_or(len);
            for (i, &found) in a[..sure].iter().enumerate() {
                assert_eq!(scalar(ScalarTy::U32, found.into()), stored[i], "{i}");
            }
            match (&expected, &outcome) {
                (Outcome::Trap { operands, .. }, PackedOutcome::Trapped(2, payload)) => {
                    assert_eq!(payload.operands[..1], operands[..]);
                    assert_eq!(operands[0], sure as u128);
                }
                (Outcome::Return(Value::Tuple(parts)), outcome) => {
                    let words = returned(outcome);
                    assert_eq!(scalar(ScalarTy::U64, words[0]), parts[0]);
                    assert_eq!(scalar(ScalarTy::Bool, words[1]), parts[1]);
                    let Value::Array { values, .. } = &parts[2] else {
                        panic!("an array");
                    };
                    for (i, expected) in values.iter().enumerate() {
                        let word = words[2 + i / 4] >> (32 * (i % 4));
                        let found = scalar(ScalarTy::U32, u128::from(word as u32));
                        assert_eq!(found, *expected);
                    }
                }
                other => panic!("{other:?}"),
            }
        });
    }
}

/// A sum whose parts overflow where the whole does not: serial execution decides.
#[test]
fn traps_of_chunks_and_of_the_combiner_are_asked_again() {
    let text = |combiner: &str| {
        format!(
            "fn f(a: &[i8]) -> i8 {{
    let mut sum: i8;
    sum = parallel fn#1 count a.len() work 1usize from (0i8) identities (0i8) captures (a) combine fn#2 chunk 10;
    return sum;
}}
fn body(first: usize, behind: usize, mut sum: i8, a: &[i8]) -> i8 {{
    let i: usize;
    site @0 = binary + with i8, i8;
    '0: for i in first..behind {{
        sum = (sum + a[i])@0;
    }}
    return sum;
}}
fn add(left: i8, right: i8) -> i8 {{
    site @0 = binary + with i8, i8;
    return ({combiner})@0;
}}"
        )
    };
    let f = Loaded::from_text(&text("left + right"));
    let other = Loaded::from_text(&text("right + 100i8"));
    let sum = |f: &Loaded, a: &[i8]| f.call(&[slice_arg(&mut a.to_vec())]);
    // The second chunk alone would overflow, behind the first it does not.
    let mut a = vec![-10_i8; 10];
    a.extend([13; 10]);
    on_pools(|| assert_eq!(returned(&sum(&f, &a)), [30]));
    // All of it does.
    let a = [2_i8; 100];
    on_pools(|| {
        let PackedOutcome::Trapped(1, payload) = sum(&f, &a) else {
            panic!("the sum overflows in the body function");
        };
        assert_eq!(payload.operands[..2], [126, 2]);
    });
    // This combiner always traps.
    on_pools(|| assert_eq!(returned(&sum(&other, &[3; 30])), [90]));
}

/// Many threads at once, inside of the pool and outside, with traps among them.
#[cfg(feature = "parallel")]
#[test]
fn many_callers_at_once() {
    use rayon::prelude::*;

    let f = Loaded::from_text(MANY);
    let call = |bad: Option<usize>| {
        let mut a: Vec<u32> = (0..2000).collect();
        if let Some(at) = bad {
            a[at] = 4_000_000_000;
        }
        let args = [
            slice_arg(&mut a),
            PackedArg::Scalar(1),
            PackedArg::Scalar(1),
        ];
        match (bad, f.call(&args)) {
            (None, PackedOutcome::Returned(words)) => {
                assert_eq!(words[0], 3 + (0..2000_u128).map(|i| i + 2).sum::<u128>());
            }
            (Some(at), PackedOutcome::Trapped(2, payload)) => {
                assert_eq!(payload.operands[0], at as u128);
            }
            other => panic!("{other:?}"),
        }
    };
    let bad = |n: usize| n.is_multiple_of(3).then_some(n * 37 % 2000);
    std::thread::scope(|scope| {
        for thread in 0..16 {
            scope.spawn(move || match thread % 2 {
                0 => (0..50).for_each(|n| call(bad(n + thread))),
                _ => (0..50_usize)
                    .into_par_iter()
                    .for_each(|n| call(bad(n + thread))),
            });
        }
    });
}

/// The body is part of the chunk function or called by it, with vectors.
#[test]
fn chunks_are_vectorized() {
    let text = optimized(&parsed(SUM));
    assert!(text.contains("call i64 @hotloop_parallel("), "{text}");
    assert!(text.contains("x double>"), "{text}");
}

/// With debug locations, too, which LLVM's verifier looks at.
#[test]
fn loops_of_chunks_are_observed() {
    let request = CompileRequest {
        observe: true,
        ..CompileRequest::default()
    };
    for text in [SUM, MANY] {
        let object = compile(&parsed(text), &request).unwrap_or_else(|error| panic!("{error}"));
        let observed = object.observed.expect("it was asked for");
        assert!(observed.loops.iter().any(|found| found.number == 0));
    }
}
