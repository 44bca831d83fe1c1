use super::*;
use crate::generate::{ENOUGH_FUEL, GenerateConfig, generate_arguments, generate_function};
use crate::{Argument, Outcome, Value, eval, parse, print, verify_specialized};

fn rewritten(text: &str) -> (Function, Function) {
    let before = parse(text).expect("well-formed");
    let mut after = before.clone();
    run(&mut after);
    if let Err(errors) = verify_specialized(&after) {
        panic!("{errors:?}\n{after}");
    }
    (before, after)
}

/// A function of two `u8`s and a slice, with this loop over `i` from the first.
fn over_bytes(loop_: &str, checked: bool) -> (Function, Function) {
    let text = format!(
        "fn f(n: u8, m: u8, a: &mut [u8]) -> u8 {{
            let mut i: u8;
            let mut s: u8;
            site @0 = binary +; site @1 = binary -; site @2 = index;
            i = n;
            s = 0u8;
            {loop_}
            a[0usize]@2 = s;
            return i;
        }}"
    );
    let text = match checked {
        true => text,
        false => text.replace(")@0", ")").replace(")@1", ")"),
    };
    rewritten(&text)
}

/// Whether a `for` came of it; before and after agree in all cases that end.
fn agrees(loop_: &str) -> bool {
    let mut counted = true;
    for checked in [true, false] {
        let (before, after) = over_bytes(loop_, checked);
        counted &= print(&after).contains("for $count");
        for n in [0u8, 1, 2, 7, 100, 127, 128, 253, 254, 255] {
            for m in [0u8, 1, 2, 3, 8, 100, 128, 250, 253, 254, 255] {
                let slice = Argument::Slice((0..4u8).map(Value::from).collect());
                let args = [
                    Argument::Scalar(n.into()),
                    Argument::Scalar(m.into()),
                    slice,
                ];
                let (mut left, mut right) = (args.to_vec(), args.to_vec());
                let expected = eval(&before, &mut left, 20_000);
                let found = eval(&after, &mut right, 20_000);
                assert_eq!(expected, found, "{n}, {m}\n{after}");
                if matches!(expected, Ok(Outcome::Return(_) | Outcome::Trap { .. })) {
                    assert_eq!(left, right, "{n}, {m}\n{after}");
                }
            }
        }
    }
    counted
}

#[test]
fn counting_loops_are_counted() {
    for loop_ in [
        "'0: while (i < m) { s = (s ^ i); i = (i + 1u8)@0; }",
        "'0: while (i <= m) { s = (s ^ i); i = (i + 1u8)@0; }",
        "'0: while (i < m) { i = (i + 1u8)@0; s = (s ^ i); }",
        "'0: while (m > i) { s = (s ^ i); i = (i + 3u8)@0; }",
        "'0: while (i <= m) { s = (s ^ i); i = (i + 3u8)@0; }",
        "'0: while (i != m) { s = (s ^ i); i = (i + 1u8)@0; }",
        "'0: while (i > m) { i = (i - 1u8)@1; s = (s ^ i); }",
        "'0: while (i > m) { s = (s ^ i); i = (i - 1u8)@1; }",
        "'0: while (i >= m) { s = (s ^ i); i = (i - 1u8)@1; }",
        "'0: while (i != m) { s = (s ^ i); i = (i - 1u8)@1; }",
        "'0: while ((i < m) && (s < 100u8)) { s = (s ^ i); i = (i + 1u8)@0; }",
        "'0: while ((i > m) && (i != 200u8)) { i = (i - 1u8)@1; s = (s ^ i); }",
        "'0: while (i < m) { if (i == 9u8) { break '0; } s = (s ^ i); i = (i + 1u8)@0; }",
        "'0: while (i < m) { i = (i + 1u8)@0; if (i == 9u8) { continue '0; } s = (s ^ i); }",
        "'0: loop { if (i >= m) { break '0; } s = (s ^ i); i = (i + 1u8)@0; }",
        "'0: loop { if (!(i <= m)) { break '0; } s = (s ^ i); i = (i + 2u8)@0; }",
        "'0: while (i < (m - 1u8)@1) { s = (s ^ i); i = (i + 1u8)@0; }",
    ] {
        assert!(agrees(loop_), "{loop_}");
    }
}

#[test]
fn others_are_not() {
    for loop_ in [
        "'0: while (i < m) { s = (s ^ i); if (s == 3u8) { continue '0; } i = (i + 1u8)@0; }",
        "'0: while (i < m) { if (i == 3u8) { i = (i + 1u8)@0; } i = (i + 1u8)@0; }",
        "'0: while (i > m) { i = (i + 1u8)@0; }",
        "'0: while (i == m) { i = (i + 1u8)@0; }",
        "'0: while (i < s) { i = (i + 1u8)@0; s = (s & m); }",
        "'0: while (i > m) { i = (i - 2u8)@1; }",
        "'0: while (i < m) { if (s == 0u8) { i = (i + 1u8)@0; } s = (s ^ 1u8); }",
    ] {
        assert!(!agrees(loop_), "{loop_}");
    }
}

#[test]
fn random_functions_mean_the_same() {
    let config = GenerateConfig::default();
    for seed in 0..150 {
        let before = generate_function(seed, &config);
        let mut after = before.clone();
        run(&mut after);
        if let Err(errors) = verify_specialized(&after) {
            panic!("seed {seed}: {errors:?}\n{after}");
        }
        for arg_seed in 0..4 {
            let args = generate_arguments(&before, arg_seed);
            let (mut left, mut right) = (args.clone(), args);
            let expected = eval(&before, &mut left, ENOUGH_FUEL);
            let found = eval(&after, &mut right, 2 * ENOUGH_FUEL);
            assert_eq!(
                format!("{expected:?}"),
                format!("{found:?}"),
                "seed {seed}\n{after}"
            );
            assert_eq!(
                format!("{left:?}"),
                format!("{right:?}"),
                "seed {seed}\n{after}"
            );
        }
    }
}
