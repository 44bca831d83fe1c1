//! `if`, blocks, `loop`, `while`, labels, early returns, and values from all of them.

use hotloop::jit;
use proptest::prelude::*;

use crate::harness::{any_bits, config, vec_i64};

#[jit]
fn if_as_value(x: i32, y: i32) -> i32 {
    let larger = if x > y { x } else { y };
    let sign = if larger < 0 {
        let negative = -1;
        negative
    } else if larger == 0 {
        0
    } else {
        1
    };
    sign + if x == y { 10 } else { 20 }
}

#[jit]
fn if_as_statement(x: i32) -> i32 {
    let mut count = 0;
    if x > 10 {
        count += 1;
    }
    if x % 2 == 0 {
        count += 10
    } else {
        count += 100;
        if x % 3 == 0 {
            count += 1000;
        }
    };
    count
}

#[jit]
fn blocks(x: i64) -> i64 {
    let a = {
        let b = x ^ 5;
        let c = {
            let b = b & 0xff;
            b + 1
        };
        b ^ c
    };
    {
        let _unused = a;
    }
    a
}

#[jit]
fn short_circuit(a: &[i64], i: usize) -> bool {
    i < a.len() && a[i] > 0
        || i == 7 && {
            let k = i & 3;
            k == 3
        }
}

#[jit]
fn collatz(start: u64) -> u32 {
    let mut n = start;
    let mut steps = 0;
    while n != 1 && steps < 200 {
        n = if n % 2 == 0 { n / 2 } else { (n >> 1) + 3 };
        steps += 1;
    }
    steps
}

#[jit]
fn while_with_statements(x: &[i64]) -> usize {
    let mut i = 0;
    while {
        let more = i < x.len();
        more && x[i] != 0
    } {
        i += 1;
        if i == 40 {
            continue;
        }
    }
    i
}

#[jit]
fn loop_with_value(limit: u32) -> u32 {
    let mut n = 1u32;
    let found = loop {
        n = n.wrapping_mul(3);
        if n > limit {
            break n;
        }
        if n % 7 == 5 {
            break n + 1;
        }
    };
    found ^ 1
}

#[jit]
fn labels(a: &[i64]) -> (usize, i64) {
    let n = a.len();
    let mut visited = 0;
    let mut sum = 0i64;
    'rows: for i in 0..n {
        let mut j = 0;
        'columns: loop {
            if j >= 5 {
                break;
            }
            j += 1;
            if a[i] == 0 {
                continue 'rows;
            }
            if a[i] == 1 {
                break 'rows;
            }
            if a[i] == 2 {
                break 'columns;
            }
            if j == 3 {
                continue 'columns;
            }
            visited += 1;
            sum = sum.wrapping_add(a[i]);
        }
    }
    (visited, sum)
}

#[jit]
fn labeled_block(x: i32) -> i32 {
    let kind = 'found: {
        if x < 0 {
            break 'found -1;
        }
        if x == 0 {
            break 'found 0;
        }
        1
    };
    'done: {
        if kind == 0 {
            break 'done;
        }
        return kind * 2;
    }
    77
}

#[jit]
fn early_return(a: &[i64], wanted: i64) -> usize {
    for i in 0..a.len() {
        if a[i] == wanted {
            return i;
        }
    }
    a.len()
}

#[jit]
fn diverging_branch(x: i32) -> i32 {
    let y = if x > 100 { return -1 } else { x * 2 };
    let z = if x < -100 {
        return -2;
    } else {
        y + 1
    };
    z
}

#[jit]
fn no_result(x: &mut [i64]) {
    if x.is_empty() {
        return;
    }
    x[0] = 5;
}

#[jit]
fn tuples(x: i32, y: f64) -> (i32, (f64, bool)) {
    let pair = (x, y);
    let nested = (pair.1, (pair.0, x > 3));
    ((nested.1).0, (nested.0, nested.1.1))
}

#[jit]
fn nothing() {}

#[jit]
fn dead_code(x: i32) -> i32 {
    loop {
        if x > 3 {
            return 1;
        } else {
            return 2;
        }
    }
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn branches_agree(x in any_bits(), y in any_bits()) {
        let (a, b) = ((x as i32) >> 1, (y as i32) >> 1);
        agree!(if_as_value(a, b));
        agree!(if_as_value(a, a));
        agree!(if_as_statement(a));
        agree!(blocks(x as i64));
        agree!(labeled_block(a));
        agree!(diverging_branch((a % 200) as i32));
        agree!(dead_code(a));
        agree!(loop_with_value((x as u32) >> 4));
        agree!(collatz(x as u64 >> 1));
    }

    #[test]
    fn loops_agree(a in vec_i64(), b in prop::collection::vec(0..6i64, 0..70), i in 0..80usize) {
        agree!(short_circuit(&a, i));
        agree!(while_with_statements(&a));
        agree!(while_with_statements(&b));
        agree!(labels(&b));
        agree!(early_return(&b, 4));
        agree!(no_result(&mut a));
    }
}

/// `Same` is not written for nested tuples of this shape, so compare by hand.
#[test]
fn nested_tuples() {
    for (x, y) in [(1, 2.5), (7, -0.0)] {
        assert_eq!(tuples(x, y), tuples::plain(x, y));
    }
    nothing();
    assert!(!tuples::specializations().is_empty() && !nothing::specializations().is_empty());
}
