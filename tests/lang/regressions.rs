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

// What follows was found by the generated functions of `tests/source`.

#[jit]
fn receivers_in_parentheses(x: i64, y: i32) -> (i64, bool, i32) {
    let a = (-x).saturating_mul(2);
    let b = matches!((y - 2), (..=15));
    let c = match (y * 3) {
        6 => 1,
        _ => 2,
    };
    (a, b, c)
}

#[test]
fn a_receiver_in_parentheses_panics_at_the_parenthesis() {
    for (x, y) in [(1, 2), (i64::MIN, 2), (3, i32::MIN), (4, i32::MAX)] {
        agree!(receivers_in_parentheses(x, y));
    }
}

#[jit]
fn written_variants(x: i32) -> (Option<i32>, i32) {
    let a = Option::Some(x).unwrap_or(2) ^ Ok::<i32, bool>(x).unwrap_or(3);
    let b = Option::<i32>::None.unwrap_or(x) ^ Some::<i32>(3).unwrap_or(1);
    let c = None::<f64>.map(|y| y as i32).xor(None::<i32>.or(Some(a)));
    match c {
        Option::None => (c, b),
        Option::Some(d) => (None::<i32>, b ^ d),
    }
}

#[test]
fn variants_may_be_written_with_their_types() {
    agree!(written_variants(7));
}

const NUMBERS: [i32; 3] = [1, 2, 3];

#[jit]
fn found(x: i32) -> Option<i32> {
    if x > 3 { Some(x) } else { None }
}

#[jit]
fn options_of_callees(x: i32) -> (bool, bool, bool, Option<i32>, Option<i32>) {
    let last = None::<f64>.and_then(|_| NUMBERS[1].checked_add(x));
    let both = Some((x, 2.0)).zip(found(x)).is_some();
    (
        Some(x) != found(x),
        found(x) == None,
        both,
        Some(x).xor(found(x)),
        last,
    )
}

#[test]
fn options_that_only_rustc_knows_are_compared_and_combined() {
    for x in [0, 3, 4, 9] {
        agree!(options_of_callees(x));
    }
}

#[derive(Clone, Copy, Debug, hotloop::JitType)]
struct Cell {
    n: i32,
    parts: [[i8; 2]; 3],
}

#[jit]
fn number_of(cell: &Cell) -> f64 {
    cell.n as f64
}

#[jit]
fn second_of(part: &[i8; 2]) -> i8 {
    part[1]
}

#[jit]
fn increase(cell: &mut Cell) -> i32 {
    cell.n += 1;
    cell.n
}

#[jit]
fn sum_of(pair: &(f64, i32)) -> f64 {
    pair.0 + pair.1 as f64
}

#[jit]
fn references_to_anything(x: i32) -> (f64, i8, i32, f64) {
    let mut cell = Cell {
        n: x,
        parts: [[1, 3], [4, 5], [6, 7]],
    };
    let made = number_of(&(Cell { n: 3, ..cell })) + number_of(&Cell { n: 4, ..cell });
    let cells = [cell; 2];
    let part = second_of(&cell.parts[1]) ^ second_of(&(cells[1].parts[2]));
    let n = increase(&mut cell) ^ increase(&mut Cell { n: 5, ..cells[0] });
    let pair = (0.5, x);
    (
        made,
        part,
        n + cell.n,
        sum_of(&pair) + sum_of(&(2.0, 3)) + pair.0,
    )
}

#[jit]
fn parts_behind_references(x: i8) -> i32 {
    let mut cell = Cell {
        n: 1,
        parts: [[x, 3], [4, 5], [6, 7]],
    };
    let part = &mut cell.parts[0];
    let again = &mut (*part);
    again.chunks(1).map(|c| c[0] as i32).sum::<i32>() + part.iter().count() as i32
}

#[test]
fn references_to_literals_elements_and_tuples_are_passed() {
    agree!(references_to_anything(7));
    agree!(parts_behind_references(7));
}

#[jit]
fn arrays_by_value(x: u16) -> (u16, Option<u16>) {
    let mut v = [x, 1, 2];
    let mut items = v.into_iter();
    v[0] = 7;
    v[1] = 9;
    let mut sum = items.next().unwrap_or(0) + items.next().unwrap_or(0) + v[0];
    for y in v.into_iter() {
        v[2] = 50;
        sum += y;
    }
    let more = v.into_iter().rev().chain(0..x & 3);
    (sum, more.skip(3).find_map(|y| (y > 0).then_some(y)))
}

#[test]
fn into_iter_of_an_array_takes_a_copy() {
    agree!(arrays_by_value(7));
}

#[derive(Clone, Copy, Debug, hotloop::JitType)]
struct Nested {
    parts: ((i32, f64, i32), i32),
}

#[jit]
fn tuples_in_tuples(x: i32) -> (f64, i32) {
    let made = Nested {
        parts: ((x, 2.5, 3), x + 1),
    };
    let inner = (x, 1.5, x);
    let mut again = Nested { parts: (inner, 7) };
    again.parts.0.2 += made.parts.1;
    let ((a, b, c), d) = again.parts;
    (made.parts.0.1 + b, a ^ c ^ d)
}

#[test]
fn tuples_in_tuples_of_structs_are_made() {
    agree!(tuples_in_tuples(9));
}
