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

#[jit]
fn parentheses(a: &[i32], i: usize, x: i32) -> i32 {
    let mut y = (x * 2);
    (y += 100);
    (a[(i + 1)]) + (y - 1000) + (i32::abs(-x)) + (-(x)) + ({ x + 1 })
}

#[jit]
fn literal_in_parentheses() -> (i8, i64) {
    (-(128), -(9223372036854775808))
}

#[test]
fn an_operation_in_parentheses_panics_at_the_parenthesis() {
    let a = vec![1, 2, 3];
    for i in [0, 1, 2, usize::MAX] {
        for x in [
            1,
            1 << 30,
            i32::MAX / 2 - 30,
            i32::MIN / 2 + 3,
            i32::MIN,
            i32::MAX,
        ] {
            agree!(parentheses(&a, i, x));
        }
    }
    agree!(literal_in_parentheses());
}

#[jit]
fn nested_targets(x: i32, a: &mut [i32]) -> i32 {
    let (mut b, mut c, mut d) = (0, 0, 0);
    ((b, a[c as usize]), _, (c, (d))) = ((x, x + 1), x, (1, x + 2));
    ((b, c)) = (c, b + c);
    b * 10000 + c * 100 + d
}

macro_rules! assigns_to {
    ($name:ident, $x:ident, $y:ident, $targets:expr) => {
        #[jit]
        fn $name($x: i32, mut $y: i32) -> i32 {
            let mut $x = $x;
            $targets = ($x + 3, 5);
            $x * 10 + $y
        }
    };
}
assigns_to!(targets_of_a_macro, x, y, (y, x));

#[test]
fn tuples_of_targets_may_be_nested() {
    agree!(nested_targets(7, &mut vec![0, 0]));
    agree!(nested_targets(7, &mut Vec::<i32>::new()));
    agree!(targets_of_a_macro(7, 8));
}

macro_rules! leaves_its_own_loops {
    ($name:ident, $x:ident, $label:lifetime, $more:expr) => {
        #[jit]
        fn $name($x: i32) -> i32 {
            let mut total = 10;
            $label: loop {
                'a: loop {
                    total += $x;
                    if total > 50 {
                        break $label;
                    }
                    if total > 30 {
                        break 'a;
                    }
                }
                total += $more;
            }
            total
        }
    };
}
leaves_its_own_loops!(labels_of_a_macro, x, 'a, x * 2);

#[test]
fn labels_have_hygiene() {
    for x in 1..7 {
        agree!(labels_of_a_macro(x));
    }
}

#[jit]
fn called_first_on_a_small_stack(a: &[f64], b: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.len() {
        b[i] = a[i] * 2.0 + b[i];
        sum += b[i].sin();
    }
    sum
}

#[test]
fn compiling_takes_no_stack_of_the_caller() {
    let run = || called_first_on_a_small_stack(&[1.0], &mut [2.0]);
    let thread = std::thread::Builder::new().stack_size(64 << 10);
    let sum = thread.spawn(run).unwrap().join().unwrap();
    assert_eq!(
        sum,
        called_first_on_a_small_stack::plain(&[1.0], &mut [2.0])
    );
    assert_eq!(called_first_on_a_small_stack::specializations().len(), 1);
}
