use crate::remark::Remarks;
use crate::{
    Argument, Function, Outcome, Program, Value, eval, parse, print, verify_specialized_program,
};

/// Before and after the pass, and whether blocks are looked at.
fn rewritten(text: &str) -> (Function, Function, bool) {
    let before = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut after = before.clone();
    let mut all = Vec::new();
    super::super::run(&mut after, None, &mut Remarks::new(0, &mut all));
    let program = Program {
        functions: vec![after.clone()],
        hosts: Vec::new(),
    };
    if let Err(errors) = verify_specialized_program(&program) {
        panic!("{errors:?}\n{after}");
    }
    let by_blocks = print(&after).contains("if $usable");
    (before, after, by_blocks)
}

#[derive(Default)]
struct Outcomes {
    traps: usize,
    returns: usize,
}

impl Outcomes {
    fn add(&mut self, (before, after): (&Function, &Function), args: &[Argument]) {
        let (mut left, mut right) = (args.to_vec(), args.to_vec());
        let expected = eval(before, &mut left, 10_000_000);
        let found = eval(after, &mut right, 10_000_000);
        assert_eq!(expected, found, "{after}");
        // Also what was stored before a trap.
        assert!(left == right, "{after}");
        match expected {
            Ok(Outcome::Return(_)) => self.returns += 1,
            Ok(Outcome::Trap { .. }) => self.traps += 1,
            other => panic!("{other:?}\n{before}"),
        }
    }
}

fn floats(len: usize) -> Argument {
    Argument::Slice((0..len).map(|i| Value::from(i as f64 + 0.5)).collect())
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(99);
        (self.0 >> 33) % n.max(1)
    }
}

const LENGTHS: [usize; 12] = [0, 1, 2, 95, 96, 97, 511, 512, 513, 700, 1024, 1100];

/// Where the data are wrong: nowhere, or at some index.
fn places(random: &mut Random, len: usize) -> Vec<Option<usize>> {
    let mut places = vec![None];
    if len > 0 {
        places.extend([Some(0), Some(len - 1)]);
        places.extend((0..4).map(|_| Some(random.below(len as u64) as usize)));
    }
    places
}

/// Runs `f(c, x, y)` with all kinds of `c`.
fn check(text: &str, table: usize, good: impl Fn(u64) -> Value, bad: &[Value]) {
    let (before, after, by_blocks) = rewritten(text);
    assert!(by_blocks, "{after}");
    let mut random = Random(7);
    let mut outcomes = Outcomes::default();
    for len in LENGTHS {
        for place in places(&mut random, len) {
            for bad in bad {
                let mut data: Vec<_> = (0..len).map(|_| good(random.below(table as u64))).collect();
                if let Some(place) = place {
                    data[place] = bad.clone();
                }
                let args = [Argument::Slice(data), floats(table), floats(len.max(table))];
                outcomes.add((&before, &after), &args);
                if place.is_none() {
                    break;
                }
            }
        }
    }
    assert!(outcomes.traps > 50 && outcomes.returns >= LENGTHS.len());
    // Everything is out of bounds.
    let data = (0..600).map(|_| good(0)).collect();
    let args = [
        Argument::Slice(data),
        Argument::Slice(Vec::new()),
        floats(600),
    ];
    outcomes.add((&before, &after), &args);
}

fn gather(element: &str, statements: &str) -> String {
    format!(
        "fn f(c: &[{element}], x: &mut [f64], y: &mut [f64]) -> f64 {{
            let i: usize;
            let mut s: f64;
            let b: usize;
            let w: {element};
            let v: f64;
            site @0 = index; site @1 = index; site @2 = index; site @3 = index;
            s = 0.0f64;
            '0: for i in 0usize..c.len() {{ {statements} }}
            return s;
        }}"
    )
}

#[test]
fn gathers() {
    let signed = |n: u64| Value::from(n as i32);
    let bad_signed = [-1, i32::MIN, i32::MAX, 300].map(Value::from);
    for statements in [
        "y[i]@0 = s; s = (s + x[(c[i]@1 as usize)]@2);",
        "y[i]@0 = s; w = c[i]@1; b = (w as usize); s = (s + x[b]@2);",
        "y[i]@0 = s; b = ((c[i]@1 + 1i32) as usize); s = (s + (x[b]@2 * x[(b - 1usize)]@3));",
        "y[(c[i]@1 as usize)]@0 = s; s = (s + x[(c[i]@1 as usize)]@2);",
        "x[(c[i]@1 as usize)]@0 = (x[(c[i]@1 as usize)]@2 + 1.0f64);",
        "if (s < 50.0f64) { s = (s + 1.0f64); } x[(c[i]@1 as usize)]@0 = s;",
    ] {
        let text = gather("i32", statements);
        let last = usize::from(statements.contains("+ 1i32"));
        check(&text, 100, |n| signed(n.min(99 - last as u64)), &bad_signed);
    }
    let bad_unsigned = [u32::MAX, 1 << 31, 100].map(Value::from);
    let text = gather("u32", "y[i]@0 = s; s = (s + x[(c[i]@1 as usize)]@2);");
    check(&text, 100, |n| Value::from(n as u32), &bad_unsigned);
    let bad_wide = [usize::MAX, 1 << 32, 1 << 63, 100].map(Value::from);
    let text = gather("usize", "y[i]@0 = s; x[c[i]@1]@2 = s; s = (s + 1.0f64);");
    check(&text, 100, |n| Value::from(n as usize), &bad_wide);
    let text = gather(
        "i64",
        "y[i]@0 = s; x[((c[i]@1 - 5i64) as usize)]@2 = s; s = (s + 1.0f64);",
    );
    let bad_wide = [i64::MIN, 1 << 32, 4, 105].map(Value::from);
    check(&text, 100, |n| Value::from(n as i64 + 5), &bad_wide);
}

#[test]
fn histograms() {
    let good = |n: u64| Value::from((n as f64 + 0.25) / 64.0);
    let bad = [100.0 / 64.0, 1e300, f64::INFINITY, 4294967296.0].map(Value::from);
    for statements in [
        "y[i]@0 = s; b = ((c[i]@1 * 64.0f64) as usize); x[b]@2 = (x[b]@3 + 1.0f64);",
        "y[i]@0 = s; x[((c[i]@1 * 64.0f64) as usize)]@2 = 3.0f64;",
        "y[i]@0 = s; v = (c[i]@1 * 64.0f64); b = (v as usize); s = (s + x[b]@2);",
        "y[i]@0 = s; b = ((c[i]@1 * 64.0f64) as usize); s = (s + (x[b]@2 * y[b]@3));",
    ] {
        check(&gather("f64", statements), 100, good, &bad);
    }
    // Rows of images: what is added does not change.
    let inside = |n: u64| good(n.min(95));
    for statements in [
        "y[i]@0 = s; b = ((c[i]@1 * 64.0f64) as usize); s = (s + x[((x.len() - 96usize) + b)]@2);",
        "y[i]@0 = s; b = ((c[i]@1 * 64.0f64) as usize); s = (s + (x[(b + 3usize)]@2 * x[((b + 1usize) + (y.len() - x.len()))]@3));",
        "y[i]@0 = s; v = (c[i]@1 * 64.0f64); b = (v as usize); x[((b + 1usize) + (2usize * 1usize))]@2 = s;",
    ] {
        let text = gather("f64", statements);
        let (before, after, by_blocks) = rewritten(&text);
        assert!(
            by_blocks && print(&after).contains("4611686018427387904"),
            "{before}"
        );
        check(&text, 100, inside, &bad);
    }
    // Sums that wrap are no small ones.
    let text = gather(
        "f64",
        "b = ((c[i]@1 * 64.0f64) as usize); s = (s + x[(b + ((x.len() - y.len()) - 1usize))]@2);",
    );
    let (before, after, by_blocks) = rewritten(&text);
    assert!(by_blocks);
    let mut outcomes = Outcomes::default();
    for in_y in [50, 99, 100, 101, 103] {
        let data: Vec<_> = (0..600).map(|i| good(2 + i % 90)).collect();
        outcomes.add(
            (&before, &after),
            &[Argument::Slice(data), floats(100), floats(in_y)],
        );
    }
    assert!(outcomes.traps > 1 && outcomes.returns > 1);
    // What saturates, or is no number, is the first element.
    let (before, after, by_blocks) = rewritten(&gather(
        "f64",
        "b = ((c[i]@1 * 64.0f64) as usize); x[b]@2 = (x[b]@3 + 1.0f64);",
    ));
    assert!(by_blocks);
    let mut outcomes = Outcomes::default();
    for value in [-0.5, -1.0, -1e300, f64::NEG_INFINITY, f64::NAN, -0.0] {
        for len in [100, 600] {
            let mut data: Vec<_> = (0..len).map(|i| good(i % 99)).collect();
            data[len as usize / 2] = Value::from(value);
            let args = [Argument::Slice(data), floats(100), floats(1)];
            outcomes.add((&before, &after), &args);
        }
    }
    assert_eq!(outcomes.traps, 0);
    let narrow = gather(
        "f64",
        "y[i]@0 = s; b = (((c[i]@1 * 64.0f64) as i32) as usize); x[b]@2 = (x[b]@3 + 1.0f64);",
    );
    let bad = [100.0 / 64.0, -1.0, f64::NEG_INFINITY, 1e300].map(Value::from);
    check(&narrow, 100, good, &bad);
}

#[test]
fn other_loops_stay() {
    for statements in [
        // It changes the indices.
        "c[i]@0 = (c[i]@1 & 7i32); x[(c[i]@1 as usize)]@2 = 1.0f64;",
        // It may end before.
        "x[(c[i]@1 as usize)]@2 = 1.0f64; if (s > 5.0f64) { break '0; }",
        "if (s > 5.0f64) { return s; } x[(c[i]@1 as usize)]@2 = 1.0f64;",
        // It may not come to that.
        "if (c[i]@1 >= 0i32) { x[(c[i]@1 as usize)]@2 = 1.0f64; }",
        // Each index comes from the iteration before.
        "x[b]@2 = 1.0f64; b = (c[i]@1 as usize);",
        "w = c[b]@1; b = (w as usize); x[b]@2 = 1.0f64;",
        // The indices are not there for sure.
        "x[(c[((c[i]@1 & 7i32) as usize)]@3 as usize)]@2 = 1.0f64;",
    ] {
        let text = gather("i32", statements)
            .replace("c: &[i32]", "c: &mut [i32]")
            .replace("let b", "let mut b")
            .replace("s = 0.0f64;", "s = 0.0f64; b = 0usize;");
        let (_, after, by_blocks) = rewritten(&text);
        assert!(!by_blocks, "{after}");
    }
}

const SPARSE: &str = "fn f(rows: &[i32], c: &[i32], v: &[f64], x: &[f64], y: &mut [f64]) {
    let i: usize;
    let p: usize;
    let mut s: f64;
    site @0 = index; site @1 = index; site @2 = index; site @3 = index; site @4 = index; site @5 = index;
    '0: for i in 0usize..y.len() {
        s = 0.0f64;
        '1: for p in (rows[i]@0 as usize)..(rows[(i + 1usize)]@1 as usize) {
            s = (s + (v[p]@2 * x[(c[p]@3 as usize)]@4));
        }
        y[i]@5 = s;
    }
}";

fn integers(values: &[i32]) -> Argument {
    Argument::Slice(values.iter().map(|&value| Value::from(value)).collect())
}

/// Runs `f(rows, c, v, x, y)`.
fn check_rows(text: &str) {
    let (before, after, by_blocks) = rewritten(text);
    assert!(by_blocks, "{after}");
    let mut random = Random(3);
    let mut outcomes = Outcomes::default();
    for number in 0..160 {
        let n = [0, 1, 3, 4, 5, 40, 90, 300][number % 8];
        let most = [1, 5, 20, 60][random.below(4) as usize];
        let mut starts = vec![0];
        for _ in 0..n {
            let last = starts[starts.len() - 1];
            starts.push(last + random.below(most) as i32);
        }
        let len = starts[n] as usize;
        let mut columns: Vec<i32> = (0..len).map(|_| random.below(50) as i32).collect();
        let (mut in_v, mut in_x) = (len, 50);
        let at = random.below(n as u64 + 1) as usize;
        match random.below(8) {
            0 => starts[at] = [-1, i32::MIN, i32::MAX][number % 3],
            1 => starts[at] += random.below(100) as i32 - 50,
            2 if len > 0 => {
                columns[random.below(len as u64) as usize] =
                    [-1, 50, i32::MIN, i32::MAX][number % 4];
            }
            3 => in_x = random.below(50) as usize,
            4 => in_v = random.below(len as u64 + 1) as usize,
            5 => columns.truncate(random.below(len as u64 + 1) as usize),
            6 => starts.reverse(),
            _ => {}
        }
        let args = [
            integers(&starts),
            integers(&columns),
            floats(in_v),
            floats(in_x),
            floats(n),
        ];
        outcomes.add((&before, &after), &args);
    }
    assert!(outcomes.traps > 20 && outcomes.returns > 20);
}

#[test]
fn sparse_rows() {
    check_rows(SPARSE);
    // The bounds have names.
    check_rows(
        &SPARSE
            .replace("let i:", "let lo: usize; let hi: usize; let i:")
            .replace(
                "s = 0.0f64;",
                "lo = (rows[i]@0 as usize); hi = (rows[(i + 1usize)]@1 as usize); s = 0.0f64;",
            )
            .replace(
                "(rows[i]@0 as usize)..(rows[(i + 1usize)]@1 as usize)",
                "lo..hi",
            ),
    );
    // Stores in the inner loop.
    check_rows(&SPARSE.replace("s = (s +", "y[i]@5 = s; s = (s +"));
    // An inner loop that is not sparse.
    check_rows(
        &SPARSE
            .replace(
                "(rows[i]@0 as usize)..(rows[(i + 1usize)]@1 as usize)",
                "0usize..c.len()",
            )
            .replace("0usize..y.len()", "0usize..(y.len() & 7usize)"),
    );
    // Two of them.
    check_rows(&SPARSE.replace("y[i]@5 = s;", "y[i]@5 = s;
        '2: for q in (rows[i]@0 as usize)..(rows[(i + 1usize)]@1 as usize) { y[(c[q]@3 as usize)]@4 = s; }")
        .replace("let i:", "let q: usize; let i:"));
}

#[test]
fn rows_that_cannot_be_told() {
    for (from, to) in [
        // The bounds change.
        ("rows: &[i32]", "rows: &mut [i32]"),
        // Rows do not follow each other.
        ("rows[(i + 1usize)]@1", "rows[(i + 2usize)]@1"),
        ("rows[i]@0 as usize", "c[i]@0 as usize"),
        // What a row is depends on the one before.
        ("(rows[i]@0 as usize)..", "(s as usize).."),
        ("y[i]@5 = s;", "y[i]@5 = s; if (s > 3.0f64) { break '0; }"),
    ] {
        let mut text = SPARSE.replace(from, to);
        assert_ne!(text, SPARSE);
        if to.contains("&mut [i32]") {
            text = text.replace("y[i]@5 = s;", "y[i]@5 = s; rows[i]@0 = 3i32;");
        }
        let (_, after, _) = rewritten(&text);
        assert!(!print(&after).contains("$disorder ="), "{after}");
    }
}

/// Loops of statements that may or may not fit together.
#[test]
fn random_loops_mean_the_same() {
    const STATEMENTS: [&str; 14] = [
        "w = c[i]@0;",
        "w = (w + 1i32);",
        "b = (w as usize);",
        "b = (c[i]@1 as usize);",
        "b = ((x[i]@2 * 3.0f64) as usize);",
        "v = (x[i]@2 * 3.0f64);",
        "b = (v as usize);",
        "s = (s + x[b]@3);",
        "y[b]@3 = s;",
        "y[((c[i]@0 & 63i32) as usize)]@2 = (s * 2.0f64);",
        "x[(c[i]@0 as usize)]@2 = s;",
        "c[b]@3 = (c[b]@1 + 1i32);",
        "if (s > 3.0f64) { y[(c[i]@0 as usize)]@2 = s; s = 0.0f64; }",
        "y[((v + s) as usize)]@2 = v;",
    ];
    let mut random = Random(11);
    let (mut fitting, mut outcomes) = (0, Outcomes::default());
    for _ in 0..300 {
        let count = 2 + random.below(4);
        let statements: Vec<_> = (0..count)
            .map(|_| STATEMENTS[random.below(STATEMENTS.len() as u64) as usize])
            .collect();
        let text = gather("i32", &statements.join(" "))
            .replace("c: &[i32]", "c: &mut [i32]")
            .replace("let b", "let mut b")
            .replace("let w", "let mut w")
            .replace("let v", "let mut v")
            .replace(
                "s = 0.0f64;\n",
                "s = 0.0f64; b = 1usize; w = 2i32; v = 0.5f64;\n",
            );
        let (before, after, by_blocks) = rewritten(&text);
        fitting += usize::from(by_blocks);
        for _ in 0..4 {
            let len = LENGTHS[random.below(LENGTHS.len() as u64) as usize];
            let most = [90, 100, 101][random.below(3) as usize];
            let data: Vec<_> = (0..len)
                .map(|_| Value::from(random.below(most) as i32))
                .collect();
            let numbers: Vec<_> = (0..len.max(100))
                .map(|_| Value::from(random.below(30) as f64))
                .collect();
            let args = [Argument::Slice(data), Argument::Slice(numbers), floats(100)];
            outcomes.add((&before, &after), &args);
        }
    }
    assert!(fitting > 40, "{fitting}");
    assert!(outcomes.traps > 50 && outcomes.returns > 50);
}

#[test]
fn rows_ask_for_what_will_be_looked_at() {
    let (_, after, _) = rewritten(SPARSE);
    let text = print(&after);
    assert_eq!(text.matches("_ = &c[").count(), 1, "{text}");
    // Rows that are all the same are in the cache.
    let same = SPARSE.replace(
        "(rows[i]@0 as usize)..(rows[(i + 1usize)]@1 as usize)",
        "0usize..c.len()",
    );
    let (_, after, _) = rewritten(&same);
    assert!(!print(&after).contains("_ = &c["), "{after}");
}
