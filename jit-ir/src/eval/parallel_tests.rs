use super::*;
use crate::parse_program;

/// `a[i] = 2 * i` and the sum of `i * i`, in chunks of 10; iteration 57 traps if the flag says so.
fn program(stores: &str, trap: bool) -> Program {
    let text = format!(
        r#"fn f(a: &mut [u64], mut sum: u64) -> u64 {{
    sum = parallel fn#1 count a.len() work 1usize from (sum) identities (0u64) captures (&mut a[..], {trap}) combine fn#2 {stores} chunk 10;
    return sum;
}}
fn body(first: usize, behind: usize, mut sum: u64, a: &mut [u64], fails: bool) -> u64 {{
    let i: usize;
    site @0 = panic with u64;
    '0: for i in first..behind {{
        if (fails && ((i == 57usize) || (i == 93usize))) {{
            trap @0((i as u64));
        }}
        a[i] = ((i as u64) * 2u64);
        sum = (sum + ((i * i) as u64));
    }}
    return sum;
}}
fn add(left: u64, right: u64) -> u64 {{
    return (left + right);
}}
"#
    );
    let program = parse_program(&text).expect("well-formed text");
    assert_eq!(crate::verify_specialized_program(&program), Ok(()));
    program
}

fn number(n: u64) -> Value {
    Value::Scalar(Scalar::from_bits(crate::ScalarTy::U64, n.into()))
}

fn run_in(program: &Program, order: ChunkOrder) -> (Outcome, Vec<Value>) {
    let mut args = [
        Argument::Slice(vec![number(7); 100]),
        Argument::Scalar(number(1)),
    ];
    let outcome = eval_program_in(program, &mut args, 100_000, order, &mut |_, _| None);
    let [Argument::Slice(a), _] = args else {
        panic!("other arguments");
    };
    (outcome.expect("an outcome"), a)
}

#[test]
fn chunks_run_in_any_order() {
    let expected: u64 = 1 + (0..100).map(|i| i * i).sum::<u64>();
    let doubled: Vec<_> = (0..100).map(|i| number(2 * i)).collect();
    for order in [0, 1, 2, 3].map(ChunkOrder::Shuffled) {
        let ended = run_in(&program("stores", false), order);
        assert_eq!(ended, (Outcome::Return(number(expected)), doubled.clone()));
    }
    let ended = run_in(&program("stores", false), ChunkOrder::InOrder);
    assert_eq!(ended, (Outcome::Return(number(expected)), doubled));
}

#[test]
fn the_lowest_trap_counts() {
    for order in (0..10).map(ChunkOrder::Shuffled) {
        let (outcome, a) = run_in(&program("stores", true), order);
        assert!(matches!(&outcome, Outcome::Trap { operands, .. } if operands[..] == [57]));
        assert!((0..57).all(|i| a[i] == number(2 * i as u64)), "{a:?}");
        assert!((57..60).all(|i| a[i] == number(7)), "{a:?}");
    }
    // What is taken not to store runs again.
    let (outcome, _) = run_in(&program("", true), ChunkOrder::Shuffled(1));
    assert!(matches!(&outcome, Outcome::Trap { operands, .. } if operands[..] == [57]));
}

/// A loop whose iterations depend on each other is told from one whose do not.
#[test]
fn races_show() {
    let text = r#"fn f(a: &mut [u64], x: u64) {
    parallel fn#1 count a.len() work 1usize captures (&mut a[..]) stores;
}
fn body(first: usize, behind: usize, a: &mut [u64]) {
    let i: usize;
    '0: for i in first..behind {
        if (i > 0usize) {
            a[i] = (a[(i - 1usize)] + 1u64);
        }
    }
}
"#;
    let program = parse_program(text).expect("well-formed text");
    let serial = run_in(&program, ChunkOrder::InOrder);
    assert!((0..9).any(|seed| run_in(&program, ChunkOrder::Single(seed)) != serial));
}
