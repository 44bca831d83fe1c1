//! Which loops are asked to run in parallel.

use super::iter_tests::program_of;
use crate::frontend::capture;
use crate::stmt::{LoopRequest, StmtKind};

/// The requests of a function's counted loops, and how often the source names `prange`.
#[track_caller]
fn requests(source: &str) -> (Vec<bool>, usize) {
    let program = program_of(source);
    let mut requests = Vec::new();
    program.functions[0].body.for_each_stmt(|stmt| {
        if let StmtKind::For(counted) = &stmt.kind {
            requests.push(counted.request == LoopRequest::Parallel);
        }
    });
    let captured = capture(&syn::parse_str(source).unwrap()).unwrap();
    (requests, captured.pranges.len())
}

#[test]
fn a_prange_asks_for_its_loop() {
    for range in [
        "prange(0..a.len())",
        "hotloop::prange(0..=9)",
        "(prange((0..a.len())))",
        "prange(0..a.len()).rev()",
        "prange((0..a.len()).step_by(2))",
        "hotloop::prange(1..9).step_by(3).rev()",
    ] {
        let source = format!("fn f(a: &mut [f64]) {{ for i in {range} {{ a[i] = 1.0; }} }}");
        assert_eq!(requests(&source), (vec![true], 1), "{source}");
    }
    let named = "fn f(a: &mut [f64]) { let r = 0..a.len(); for i in prange(r) { a[i] = 1.0; } }";
    assert_eq!(requests(named), (vec![true], 1));
    let nested = "fn f(a: &mut [f64]) {
        for i in 0..2 { for k in prange(0..a.len()) { for l in 0..3 { a[k] += (i * l) as f64; } } }
    }";
    assert_eq!(requests(nested), (vec![false, true, false], 1));
}

#[test]
fn elsewhere_it_is_its_range() {
    let source = "fn f(a: &[f64]) -> f64 {
        let r = prange(0..a.len());
        let sum: f64 = prange(0..a.len()).map(|i| a[i]).sum();
        for i in r { if i == 3 { return a[i]; } }
        sum
    }";
    assert_eq!(requests(source), (vec![false, false], 2));
    let own = "fn f(x: f64) -> f64 { fn prange(x: f64) -> f64 { x } prange(x) }";
    assert_eq!(requests(own), (Vec::new(), 0));
}

#[test]
fn what_is_no_counted_loop_is_refused() {
    let source = "fn f(n: usize, mut a: usize) -> usize {
        let r = (0..n).chain(0..n);
        for i in prange(r) { a += i; }
        a
    }";
    let problems = capture(&syn::parse_str(source).unwrap()).unwrap_err();
    let found = problems
        .iter()
        .any(|one| one.message.contains("is not one counted loop"));
    assert!(found, "{problems:?}");
}
