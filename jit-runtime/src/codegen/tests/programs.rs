//! Programs of several functions: calls, recursion, statuses, host functions.

use hotloop_ir::func::HOST_PANICKED;

use super::{Loaded, optimized, parsed, slice_arg};
use crate::codegen::packed::{PackedArg, PackedOutcome};

fn returned<const N: usize>(words: [u128; N]) -> PackedOutcome {
    PackedOutcome::Returned(words.to_vec())
}

#[test]
fn results_of_calls_are_taken_apart() {
    let f = Loaded::from_text(
        "fn f(a: &mut [f64], x: i32, flag: bool) -> (i32, (bool, f64)) {
            let mut pair: (i32, (bool, f64));
            let mut triple: [i32; 3];
            site @0 = index with usize, usize;
            fn#2(a);
            pair = fn#1(x, (!flag), &a[..]);
            a[1usize]@0 = fn#3(&a[0usize]);
            triple = [1i32, 2i32, x];
            triple = fn#4(&triple);
            return ((pair.0 + triple[0usize]), pair.1);
        }
        fn pair(x: i32, flag: bool, a: &[f64]) -> (i32, (bool, f64)) {
            site @0 = index with usize, usize;
            return ((x + 1i32), (flag, a[0usize]@0));
        }
        fn double(a: &mut [f64]) {
            let i: usize;
            '0: for i in 0usize..a.len() {
                a[i] = (a[i] * 2.0f64);
            }
        }
        fn get(x: &f64) -> f64 {
            return (x.* + 0.5f64);
        }
        fn reverse(a: &[i32; 3]) -> [i32; 3] {
            return [a.*[2usize], a.*[1usize], a.*[0usize]];
        }",
    );
    let mut a = [1.5, 0.0];
    let args = [
        slice_arg(&mut a),
        PackedArg::Scalar(7),
        PackedArg::Scalar(0),
    ];
    let expected = returned([15, 1, 3.0_f64.to_bits().into()]);
    assert_eq!(f.call(&args), expected);
    assert_eq!(a, [3.0, 3.5]);
    let args = [
        slice_arg(&mut a[..0]),
        PackedArg::Scalar(7),
        PackedArg::Scalar(0),
    ];
    let PackedOutcome::Trapped(2, payload) = f.call(&args) else {
        panic!("the callee's only site, behind the caller's");
    };
    assert_eq!(payload.operands[..2], [0, 0]);
}

/// The callee builds its result where it goes, which is not where it reads from.
#[test]
fn a_result_may_replace_what_it_is_made_of() {
    let f = Loaded::from_text(
        "fn f() -> i64 {
            let mut x: [i64; 20];
            let i: usize;
            x = [1i64; 20];
            '0: for i in 0usize..20usize {
                x[i] = (i as i64);
            }
            x = fn#1(&x);
            x = fn#1(&x);
            x = fn#1(&x);
            return (x[3usize] + (x[16usize] * 100i64));
        }
        fn reverse(a: &[i64; 20]) -> [i64; 20] {
            let mut r: [i64; 20];
            let i: usize;
            r = [0i64; 20];
            '0: for i in 0usize..20usize {
                r[i] = a.*[(19usize - i)];
            }
            return r;
        }",
    );
    assert_eq!(f.call(&[]), returned([316]));
}

#[test]
fn functions_recur() {
    let text = "fn fib(n: u64) -> u64 {
            let mut a: u64;
            let mut b: u64;
            site @0 = binary + with u64, u64;
            site @1 = panic with u64, bool;
            if (n == 13u64) {
                trap @1(n, true);
            }
            if (n < 2u64) {
                return n;
            }
            a = fn#0((n - 1u64));
            b = fn#1((n - 2u64));
            return (a + b)@0;
        }
        fn other(n: u64) -> u64 {
            let mut r: u64;
            r = fn#0(n);
            return r;
        }";
    let fib = Loaded::from_text(text);
    assert_eq!(fib.call(&[PackedArg::Scalar(12)]), returned([144]));
    let PackedOutcome::Trapped(2, payload) = fib.call(&[PackedArg::Scalar(20)]) else {
        panic!("13 is on the way");
    };
    assert_eq!(payload.operands[..2], [13, 1]);
}

extern "C" fn multiply(args: *const u128, result: *mut u128) -> u32 {
    // SAFETY: generated code passes two arguments and memory for a result.
    let (x, flag) = unsafe { (f64::from_bits(*args as u64), *args.add(1)) };
    if flag == 0 {
        return 1;
    }
    // SAFETY: as above.
    unsafe { *result = (x * 3.0).to_bits().into() };
    0
}

#[test]
fn host_functions_get_words_and_may_panic() {
    let f = Loaded::with_hosts(
        "host \"k::multiply\"(f64, bool) -> f64;
        fn f(x: f64, flag: bool, a: &mut [f64]) -> f64 {
            let mut y: f64;
            site @0 = index with usize, usize;
            a[0usize]@0 = host#0(x, true);
            host#0(a[0usize]@0, flag);
            y = host#0(a[0usize]@0, flag);
            return y;
        }",
        &|name| (name == "hotloop_host_0").then_some(multiply as *const ()),
    );
    let mut a = [0.0];
    let x = PackedArg::Scalar(2.0_f64.to_bits().into());
    let outcome = f.call(&[x, PackedArg::Scalar(1), slice_arg(&mut a)]);
    assert_eq!(outcome, returned([18.0_f64.to_bits().into()]));
    assert_eq!(a, [6.0]);
    let outcome = f.call(&[x, PackedArg::Scalar(0), slice_arg(&mut a)]);
    assert!(matches!(outcome, PackedOutcome::Trapped(HOST_PANICKED, _)));
}

/// Small functions leave no trace in their callers.
#[test]
fn small_functions_are_inlined() {
    let text = optimized(&parsed(
        "fn f(a: &mut [f64]) {
            let i: usize;
            let mut y: f64;
            '0: for i in 0usize..a.len() {
                y = fn#1(a[i]);
                a[i] = y;
            }
        }
        fn square(x: f64) -> f64 {
            return (x * x);
        }",
    ));
    assert!(!text.contains("call i32"), "{text}");
    assert!(text.contains("fmul <"), "{text}");
}

/// A frame that is larger than the guard page behind a stack is touched page by page.
#[test]
fn large_frames_are_probed() {
    let f = "fn f(n: usize) -> f64 {
            let mut a: [f64; 10000];
            let mut r: f64;
            site @0 = index with usize, usize;
            site @1 = index with usize, usize;
            a = [1.0f64; 10000];
            if (n == 0usize) {
                return a[n]@0;
            }
            a[n]@0 = 2.0f64;
            r = fn#0((n - 1usize));
            return (r + a[n]@1);
        }";
    let text = optimized(&parsed(f));
    assert!(text.contains("\"probe-stack\"=\"inline-asm\""), "{text}");
    let f = Loaded::from_text(f);
    let outcome = std::thread::scope(|scope| {
        let work = || f.call(&[PackedArg::Scalar(10)]);
        let thread = std::thread::Builder::new().stack_size(4 << 20);
        thread.spawn_scoped(scope, work).unwrap().join().unwrap()
    });
    assert_eq!(outcome, returned([21.0_f64.to_bits().into()]));
}
