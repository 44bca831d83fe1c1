use super::*;
use crate::ty::ScalarTy;
use crate::{parse, parse_program};

#[track_caller]
fn run(text: &str, args: &mut [Argument]) -> Result<Outcome, EvalError> {
    match parse(text) {
        Ok(func) => eval(&func, args, 100_000),
        Err(error) => panic!("{error}\n{text}"),
    }
}

#[track_caller]
fn run_program(
    text: &str,
    args: &mut [Argument],
    host: &mut HostFn<'_>,
) -> Result<Outcome, EvalError> {
    match parse_program(text) {
        Ok(program) => eval_program(&program, args, 100_000, host),
        Err(error) => panic!("{error}\n{text}"),
    }
}

#[track_caller]
fn check(text: &str, args: &mut [Argument], expected: impl Into<Value>) {
    assert_eq!(
        run(text, args),
        Ok(Outcome::Return(expected.into())),
        "{text}"
    );
}

fn ints(values: &[i32]) -> Vec<Value> {
    values.iter().map(|&value| value.into()).collect()
}

const POINT: &str = "struct Point size 8 align 4 { x: f32 at 0, n: u8 at 4 };";

#[test]
fn a_reborrowed_part_is_the_same_memory() {
    let mut args = [Argument::Slice(ints(&[0, 1, 2, 3, 4, 5]))];
    check(
        "fn f(a: &mut [i32]) -> i32 {
            let mut tail: &mut [i32];
            let mut middle: &mut [i32];
            let mut one: &mut i32;
            tail = &mut a[2usize..];
            middle = &mut tail[1usize..3usize];
            middle[0usize] = 30i32;
            one = &mut middle[1usize];
            one.* = (one.* + 36i32);
            tail[0usize] = (middle.len() as i32);
            return (a[3usize] + middle[1usize]);
        }",
        &mut args,
        70i32,
    );
    assert_eq!(args, [Argument::Slice(ints(&[0, 1, 2, 30, 40, 5]))]);
}

#[test]
fn slices_are_values_that_can_be_swapped() {
    let mut args = [
        Argument::Slice(ints(&[1, 2, 3])),
        Argument::Slice(ints(&[10, 20])),
    ];
    check(
        "fn f(a: &mut [i32], b: &mut [i32]) -> usize {
            let mut now: &mut [i32];
            let mut next: &mut [i32];
            let mut t: &mut [i32];
            let mut both: (&mut [i32], usize);
            let i: i32;
            now = a;
            next = b;
            '0: for i in 0i32..3i32 {
                now[0usize] = (now[0usize] + next[1usize]);
                t = now;
                now = next;
                next = t;
            }
            both = (now, 1usize);
            both.0[both.1] = -1i32;
            return now.len();
        }",
        &mut args,
        2usize,
    );
    // 1 + 20, 10 + 2, 21 + 20, then b is `now`.
    assert_eq!(
        args,
        [
            Argument::Slice(ints(&[41, 2, 3])),
            Argument::Slice(ints(&[12, -1]))
        ]
    );
}

#[test]
fn fields_inside_of_fields() {
    let text = format!(
        "{POINT}
        struct Line size 20 align 4 {{ ends: [Point; 2] at 0, width: f32 at 16 }};
        fn f(lines: &mut [Line], out: &mut Line) -> f32 {{
            let mut line: Line;
            let mut end: &mut Point;
            line = lines[0usize];
            line.0[1usize].0 = 2.5f32;
            end = &mut line.0[0usize];
            end.*.1 = 7u8;
            end.* = struct Point((end.*.0 + 1.0f32), end.*.1);
            lines[1usize].0 = line.0;
            out.* = lines[1usize];
            out.*.1 = lines[0usize].0[1usize].0;
            return line.0[1usize].0;
        }}"
    );
    let func = parse(&text).expect("well-formed text");
    let line_ty = |n: usize| match func.locals[func.params[n]].ty.clone() {
        Ty::Slice { elem, .. } | Ty::Ref { to: elem, .. } => *elem,
        ty => ty,
    };
    let ty = line_ty(1);
    let mut bytes: Vec<u8> = Vec::new();
    for (x, n) in [(1.0f32, 1), (4.0f32, 2)] {
        bytes.extend(x.to_le_bytes());
        bytes.extend([n, 0, 0, 0]);
    }
    bytes.extend(9.0f32.to_le_bytes());
    let line = Value::from_bytes(&ty, &bytes).expect("as many bytes as a line has");
    assert_eq!(line.to_bytes(), Some(bytes.clone()));
    let mut args = [
        Argument::Slice(vec![line.clone(); 2]),
        Argument::Ref(line.clone()),
    ];
    check(&text, &mut args, 2.5f32);
    bytes[..5].copy_from_slice(&[0, 0, 0, 0x40, 7]);
    bytes[8..12].copy_from_slice(&2.5f32.to_le_bytes());
    let changed = Value::from_bytes(&ty, &bytes).expect("as many bytes as a line has");
    bytes[16..].copy_from_slice(&4.0f32.to_le_bytes());
    let out = Value::from_bytes(&ty, &bytes).expect("as many bytes as a line has");
    assert_eq!(
        args,
        [Argument::Slice(vec![line, changed]), Argument::Ref(out)]
    );
}

#[test]
fn arrays_are_values() {
    check(
        "fn f() -> [[i32; 2]; 2] {
            let mut a: [[i32; 2]; 2];
            let mut b: [[i32; 2]; 2];
            let mut row: [i32; 2];
            a = [[1i32; 2]; 2];
            b = a;
            a[0usize][1usize] = 5i32;
            row = a[0usize];
            row[0usize] = 9i32;
            b[1usize] = row;
            return b;
        }",
        &mut [],
        vec![ints(&[1, 1]).into(), ints(&[9, 5]).into()],
    );
    check(
        "fn f() -> (usize, usize, [u8; 3]) {
            let mut empty: [f64; 0];
            empty = zeroed::<[f64; 0]>;
            return (empty.len(), 2usize, [1u8, 2u8, 3u8]);
        }",
        &mut [],
        Value::Tuple(vec![
            0usize.into(),
            2usize.into(),
            vec![1u8.into(), 2u8.into(), 3u8.into()].into(),
        ]),
    );
}

#[test]
fn what_is_out_of_bounds() {
    let trap = |text: &str, args: &mut [Argument]| match run(text, args) {
        Ok(Outcome::Trap { site, operands, .. }) => (site.index(), operands),
        other => panic!("{other:?}"),
    };
    let array = |index: usize| {
        let text = format!(
            "fn f(i: usize) -> i32 {{
                let a: [(i32, [i32; 3]); 2];
                site @0 = index;
                site @1 = index;
                a = [(0i32, [7i32; 3]); 2];
                return a[i]@0.1[{index}usize]@1;
            }}"
        );
        move |i: usize| (text.clone(), [Argument::Scalar(i.into())])
    };
    let (text, mut args) = array(3)(2);
    assert_eq!(trap(&text, &mut args), (0, vec![2, 2]));
    let (text, mut args) = array(3)(1);
    assert_eq!(trap(&text, &mut args), (1, vec![3, 3]));
    let (text, mut args) = array(2)(1);
    check(&text, &mut args, 7i32);

    let part = "fn f(a: &[i32], i: usize, j: usize) -> usize {
        let p: &[i32];
        let q: [u8; 3];
        site @0 = sub_slice both;
        site @1 = sub_slice to;
        q = [0u8; 3];
        _ = &q[..i]@1;
        p = &a[i..j]@0;
        return p.len();
    }";
    let args = |i: usize, j: usize| {
        [
            Argument::Slice(ints(&[1, 2, 3, 4])),
            Argument::Scalar(i.into()),
            Argument::Scalar(j.into()),
        ]
    };
    check(part, &mut args(1, 4), 3usize);
    check(part, &mut args(3, 3), 0usize);
    assert_eq!(trap(part, &mut args(3, 2)), (0, vec![3, 2, 4]));
    assert_eq!(trap(part, &mut args(0, 5)), (0, vec![0, 5, 4]));
    assert_eq!(trap(part, &mut args(4, 4)), (1, vec![0, 4, 3]));
    let unchecked = "fn f(a: &[i32]) -> i32 { return a[1usize]; }";
    let result = run(unchecked, &mut [Argument::Slice(ints(&[1]))]);
    assert!(
        matches!(result, Err(EvalError::Unsupported(_))),
        "{result:?}"
    );
}

#[test]
fn tables_are_constant_memory() {
    check(
        "fn f(n: usize) -> u16 {
            let t: &[u16; 3];
            let s: &[u16];
            table#0 = \"OTHER\": u8 = \"07\";
            table#1 = \"T\": [u16; 3] = \"010002000003\";
            site @0 = index;
            t = table#1;
            s = &t.*[1usize..];
            return (t.*[n]@0 + s[1usize]);
        }",
        &mut [Argument::Scalar(1usize.into())],
        0x302u16,
    );
}

#[test]
fn functions_call_each_other() {
    // Each call has locals of its own, and may store to those of its caller.
    let text = "fn fib(n: u64) -> u64 {
            let mut a: u64;
            let mut b: u64;
            let mut calls: usize;
            calls = 0usize;
            b = fn#1(n, &mut calls);
            return (b + ((calls as u64) << 32u8));
        }
        fn inner(n: u64, calls: &mut usize) -> u64 {
            let mut a: u64;
            let mut b: u64;
            calls.* = (calls.* + 1usize);
            if (n < 2u64) {
                return n;
            }
            a = fn#1((n - 1u64), calls);
            b = fn#1((n - 2u64), &mut calls.*);
            return (a + b);
        }";
    let args = || [Argument::Scalar(10u64.into())];
    let outcome = run_program(text, &mut args(), &mut |_, _| None);
    let expected = 55u64 + (177 << 32);
    assert_eq!(outcome, Ok(Outcome::Return(expected.into())));
}

#[test]
fn recursion_without_end_has_no_answer() {
    let text = "fn f(n: u64) -> u64 { let mut r: u64; r = fn#0((n + 1u64)); return r; }";
    let outcome = run_program(text, &mut [Argument::Scalar(0u64.into())], &mut |_, _| None);
    assert_eq!(outcome, Err(EvalError::TooDeep));
    // As much of the stack as a call may need.
    let text = "fn f(n: u64) {
        if true { if true { if true { if true { if true { if true {
            '0: loop { '1: loop { '2: while true { fn#0((n + 1u64)); } } }
        } } } } } }
    }";
    let outcome = run_program(text, &mut [Argument::Scalar(0u64.into())], &mut |_, _| None);
    assert_eq!(outcome, Err(EvalError::TooDeep));
}

#[test]
fn a_trap_ends_all_callers() {
    let text = "fn f(a: &mut [i32]) {
            site @0 = panic;
            a[0usize] = 1i32;
            fn#1(&mut a[1usize], 7u8);
            trap @0;
        }
        fn g(x: &mut i32, n: u8) {
            site @0 = panic;
            site @1 = panic with u8, i32;
            x.* = 2i32;
            trap @1(n, (x.* + 1i32));
        }";
    let mut args = [Argument::Slice(ints(&[0, 0]))];
    let outcome = run_program(text, &mut args, &mut |_, _| None);
    let expected = Outcome::Trap {
        function: 1,
        site: SiteId::from_index(1),
        operands: vec![7, 3],
    };
    assert_eq!(outcome, Ok(expected));
    assert_eq!(args, [Argument::Slice(ints(&[1, 2]))]);
}

#[test]
fn host_functions_are_called() {
    let text = "host \"twice\"(f64) -> f64;
        host \"show\"(u8, bool);
        fn f(a: &mut [f64]) -> f64 {
            let mut r: f64;
            host#1(5u8, true);
            a[0usize] = host#0(21.0f64);
            host#0(1.0f64);
            r = host#0(a[0usize]);
            return r;
        }";
    let mut shown = Vec::new();
    let mut args = [Argument::Slice(vec![0.0.into()])];
    let outcome = run_program(text, &mut args, &mut |host, args| {
        shown.push(format!("{}{args:?}", host.name));
        match host.result.and_then(crate::HostTy::as_scalar) {
            Some(_) => Some((f64::from_bits(args[0].bits as u64) * 2.0).into()),
            None => Some(Value::Unit),
        }
    });
    assert_eq!(outcome, Ok(Outcome::Return(84.0.into())));
    let expected = [
        "show[5u8, true]",
        "twice[21.0f64]",
        "twice[1.0f64]",
        "twice[42.0f64]",
    ];
    assert_eq!(shown, expected);
    let panicked = run_program(text, &mut args, &mut |host, _| {
        (host.name == "show").then_some(Value::Unit)
    });
    assert_eq!(panicked, Ok(Outcome::HostPanicked));
    let wrong = run_program(text, &mut args, &mut |_, _| Some(Value::Unit));
    assert!(
        matches!(wrong, Err(EvalError::BadArguments(_))),
        "{wrong:?}"
    );
}

#[test]
fn what_is_not_there_is_no_panic() {
    let result = run(
        "fn f() -> i32 { let r: &i32; r = zeroed::<&i32>; return r.*; }",
        &mut [],
    );
    assert!(
        matches!(result, Err(EvalError::Unsupported(_))),
        "{result:?}"
    );
    let result = run(
        "fn f() -> i32 { let x: i32; let r: &i32; r = &x; return r.*; }",
        &mut [],
    );
    let name = "x".to_owned();
    assert!(
        matches!(&result, Err(EvalError::ReadBeforeInit { name: found, .. }) if *found == name),
        "{result:?}"
    );
    let result = run(
        "fn f() { let a: [[u8; 4294967296]; 4294967295]; a = [[0u8; 4294967296]; 4294967295]; }",
        &mut [],
    );
    assert!(result.is_err());
    let result = run("fn f() { _ = [[0u8; 65536]; 65536]; }", &mut []);
    assert_eq!(result, Err(EvalError::OutOfFuel));
    let result = run("fn f() { _ = zeroed::<[[u8; 65536]; 65536]>; }", &mut []);
    assert_eq!(result, Err(EvalError::OutOfFuel));
    // A reference to a local of a call that is over.
    let text = "fn f() -> i32 {
            let mut r: &i32;
            let x: i32;
            x = 1i32;
            r = &x;
            fn#1(&mut r);
            return r.*;
        }
        fn g(r: &mut &i32) {
            let y: i32;
            y = 2i32;
            r.* = &y;
        }";
    let result = run_program(text, &mut [], &mut |_, _| None);
    assert!(
        matches!(result, Err(EvalError::Unsupported(_))),
        "{result:?}"
    );
    for args in [
        [Argument::Ref(1u8.into())],
        [Argument::Scalar(1i32.into())],
        [Argument::Slice(ints(&[1]))],
    ] {
        let result = run("fn f(x: &i32) {}", &mut args.clone());
        assert!(
            matches!(result, Err(EvalError::BadArguments(_))),
            "{result:?}"
        );
    }
}

#[test]
fn bytes_of_values() {
    let pair = Ty::Tuple(vec![Ty::Scalar(ScalarTy::U8), Ty::Scalar(ScalarTy::I32)]);
    let value = Value::Tuple(vec![1u8.into(), (-2i32).into()]);
    let bytes = vec![1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff];
    assert_eq!(value.to_bytes(), Some(bytes.clone()));
    assert_eq!(Value::from_bytes(&pair, &bytes), Some(value));
    assert_eq!(Value::from_bytes(&pair, &bytes[1..]), None);
    let to = Box::new(pair.clone());
    let mutable = false;
    assert_eq!(Value::from_bytes(&Ty::Ref { to, mutable }, &bytes), None);
    let empty = Ty::Array {
        elem: Box::new(Ty::Array {
            elem: Box::new(pair),
            len: 0,
        }),
        len: u64::MAX,
    };
    assert_eq!(Value::from_bytes(&empty, &[]), None);
}
