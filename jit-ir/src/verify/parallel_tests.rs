use super::memory_tests::check_program;
use super::*;

#[test]
fn parallel_loops() {
    let text = "\
        host \"h\"();
        fn f(a: &mut [f64], n: usize) -> f64 {
            let mut r: f64;
            let mut s: u64;
            r = parallel fn#1 count n work n from (r) identities (0.0f64) captures (&mut a[..]) combine fn#2;
            r = parallel fn#1 count s work n from (r) identities (0.0f64) captures (&mut a[..]) combine fn#2; // error: a number of iterations has type `u64`, expected `usize`
            s = parallel fn#1 count n work n from (r) identities (0.0f64) captures (&mut a[..]) combine fn#2; // error: the result of a parallel loop goes where another type is
            r = parallel fn#1 count n work n from (r) captures (&mut a[..]) combine fn#2; // error: a parallel loop has not one identity for each accumulator
            r = parallel fn#1 count n work n from (r) identities (1u64) captures (&mut a[..]) combine fn#2; // error: an identity has type `u64`, expected `f64`
            r = parallel fn#1 count n work n from (r) identities (0.0f64) captures (n) combine fn#2; // error: `body` is no function for this parallel loop
            r = parallel fn#1 count n work n from (r) identities (0.0f64) captures (&mut a[..]) combine fn#1; // error: `body` is no function for this parallel loop
            r = parallel fn#1 count n work n from (r) identities (0.0f64) captures (&mut a[..]); // error: a parallel loop does not combine its accumulators
            parallel fn#9 count n work n; // error: there is no function 9
            parallel fn#3 count n work n; // error: a parallel loop calls host functions in `hosts`
            parallel fn#4 count n work n combine fn#4; // error: a parallel loop combines no accumulators
            return r;
        }
        fn body(first: usize, behind: usize, sum: f64, a: &mut [f64]) -> f64 { return sum; }
        fn add(left: f64, right: f64) -> f64 { return (left + right); }
        fn hosts(first: usize, behind: usize) { fn#5(); }
        fn nothing(first: usize, behind: usize) {}
        fn outside() { host#0(); }";
    check_program(text, verify_program);
    check_program(text, verify_specialized_program);
}
