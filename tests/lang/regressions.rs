//! Functions that were compiled to something else than rustc's body once.

use hotloop::jit;

#[jit]
fn swap_checks_the_first(a: &mut [i32], b: &mut [i32], i: usize, j: usize) {
    std::mem::swap(&mut a[i], &mut b[j / i]);
}

#[test]
fn swap_checks_the_first_place_before_it_looks_at_the_second() {
    let (a, b) = (Vec::<i32>::new(), vec![1]);
    agree!(swap_checks_the_first(&mut a, &mut b, 0, 1));
    agree!(swap_checks_the_first(&mut b, &mut b, 0, 1));
}
