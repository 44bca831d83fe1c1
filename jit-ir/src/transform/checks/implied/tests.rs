use super::*;
use crate::{Argument, Outcome, Program, Value, eval, parse, verify_specialized_program};

const FUEL: u64 = 200_000;

fn function(body: &str) -> String {
    let sites: String =
        (0..10)
            .map(|number| format!("site @{number} = index of 0:{number} with usize, usize;\n"))
            .chain((10..20).map(|number| {
                format!("site @{number} = binary + of 0:{number} with usize, usize;\n")
            }))
            .chain((20..26).map(|number| {
                format!("site @{number} = binary - of 0:{number} with usize, usize;\n")
            }))
            .chain([String::from(
                "site @26 = panic of 0:26;\nsite @27 = binary / of 0:27 with usize, usize;\n",
            )])
            .collect();
    format!(
        "fn f(x: &mut [f64], y: &mut [f64], t: &[u8; 256], n: usize, m: usize) -> usize {{
            let i: usize;
            let mut lo: usize;
            let mut hi: usize;
            let mut mid: usize;
            let mut j: usize;
            let mut k: usize;
            let mut p: usize;
            let mut q: usize;
            let mut v: f64;
            let mut b: u8;
            let z: &[f64];
            {sites}
            j = 0usize;
            k = 0usize;
            p = 0usize;
            q = 1usize;
            b = 7u8;
            v = 1.5f64;
            {body}
            return ((j + k) + (p + q));
        }}"
    )
}

/// The function as it is and without the checks that follow, and how many are left.
fn freed(body: &str) -> (Function, Function, usize) {
    let text = function(body);
    let before = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut after = before.clone();
    run(&mut after);
    let program = Program {
        functions: vec![after.clone()],
        hosts: Vec::new(),
    };
    if let Err(errors) = verify_specialized_program(&program) {
        panic!("{errors:#?}\n{after}");
    }
    let body = crate::print(&after);
    let body = body.rsplit_once("site @27").map_or("", |(_, body)| body);
    let left =
        body.matches('@').count() - body.matches("@27").count() - body.matches("@26").count();
    (before, after, left)
}

fn compare(before: &Function, after: &Function) -> usize {
    let mut traps = 0;
    for (len, short) in [(0, 0), (1, 1), (2, 5), (7, 3), (30, 30), (31, 40)] {
        for (n, m) in [
            (0, 0),
            (1, 2),
            (7, 7),
            (30, 31),
            (usize::MAX, 3),
            (len, short),
        ] {
            let values = |len: usize| {
                let value = |i: usize| ((i * 37 + 11) % 17) as f64 / 4.0;
                Argument::Slice((0..len).map(|i| Value::from(value(i))).collect())
            };
            let table = (0..256).map(|i| Value::from((i % 251) as u8)).collect();
            let args = vec![
                values(len),
                values(short),
                Argument::Ref(Value::Array {
                    elem: crate::Ty::Scalar(crate::ScalarTy::U8),
                    values: table,
                }),
                Argument::Scalar(Value::from(n)),
                Argument::Scalar(Value::from(m)),
            ];
            let (mut first, mut second) = (args.clone(), args);
            let expected = eval(before, &mut first, FUEL);
            let found = eval(after, &mut second, FUEL);
            assert_eq!(found, expected, "{len} {short} {n} {m}\n{after}");
            assert_eq!(second, first, "{len} {short} {n} {m}\n{after}");
            traps += usize::from(matches!(expected, Ok(Outcome::Trap { .. })));
        }
    }
    traps
}

#[track_caller]
fn check(body: &str, left: usize) {
    let (before, after, found) = freed(body);
    assert_eq!(found, left, "{body}\n{after}");
    compare(&before, &after);
}

const SIFT: &str = "'1: loop {
        k = ((2usize * j) + 1usize);
        if (k >= END) { break '1; } else { }
        if (((k + 1usize) < END) && (x[(k + 1usize)]@0 > x[k]@1)) { k = (k + 1usize); } else { }
        if (x[k]@2 <= v) { break '1; } else { }
        x[j]@3 = x[k]@4;
        j = k;
    }
    x[j]@5 = v;";

#[test]
fn a_heap() {
    let sift = |end: &str| SIFT.replace("END", end);
    check(
        &format!(
            "p = x.len();
             '0: for i in 0usize..(p / 2usize)@27 rev {{ v = x[i]@6; j = i; {} }}",
            sift("p")
        ),
        0,
    );
    check(
        &format!(
            "p = x.len();
             '0: for i in 1usize..p rev {{ v = x[i]@6; x[i]@7 = x[0usize]@8; j = 0usize; {} }}",
            sift("i")
        ),
        0,
    );
    // The end is not a length.
    let (before, after, left) = freed(&format!("p = n; j = 0usize; {}", sift("p")));
    assert!(left > 3, "{after}");
    compare(&before, &after);
}

#[test]
fn a_binary_search() {
    for middle in [
        "((lo + hi) / 2usize)@27",
        "((lo + hi) >> 1i32)",
        "(lo + ((hi - lo) / 2usize)@27)",
    ] {
        check(
            &format!(
                "lo = 0usize; hi = x.len();
                 '0: while (lo < hi) {{
                     mid = {middle};
                     if (x[mid]@0 < v) {{ lo = (mid + 1usize); }} else {{ hi = mid; }}
                 }}
                 k = lo;"
            ),
            0,
        );
    }
}

#[test]
fn an_insertion_sort() {
    check(
        "'0: for i in 1usize..x.len() {
            v = x[i]@0;
            j = i;
            '1: while ((j > 0usize) && (x[(j - 1usize)@20]@1 > v)) {
                x[j]@2 = x[(j - 1usize)@21]@3;
                j = (j - 1usize)@22;
            }
            x[j]@4 = v;
        }",
        0,
    );
}

#[test]
fn asserts_and_equal_lengths() {
    check(
        "if (x.len() != y.len()) { trap @26; } else { }
         '0: while (j < x.len()) { y[j]@0 = (x[j]@1 + v); j = (j + 1usize)@10; }",
        0,
    );
    check(
        "if (!(n <= x.len())) { trap @26; } else { }
         '0: while (j != n) { v = (v + x[j]@0); if (n < j) { break '0; } else { } j = (j + 1usize); }",
        // `j != n` alone does not say that `j` is below.
        1,
    );
    check(
        "if (!(n <= x.len())) { trap @26; } else { }
         '0: while (j < n) { v = (v + x[j]@0); j = (j + 1usize); }",
        0,
    );
    check(
        "z = &x[..n.min(x.len())]; '0: while (j < z.len()) { v = (z[j]@0 + x[j]@1); j = (j + 1usize); }",
        0,
    );
    // A table of all values of a byte.
    check(
        "'0: while (j < 100usize) { b = t.*[(b as usize)]@0; j = ((j + 1usize) + ((b & 3u8) as usize)); }",
        0,
    );
}

#[test]
fn a_check_implies_the_next() {
    check(
        "'0: while (j < n) { v = x[(j + k)]@0; x[(j + k)]@1 = 2.0f64; j = (j + 1usize); }",
        // Without bounds of their own, the sum of two locals is no fact.
        2,
    );
    check(
        "'0: while (j < n) { v = x[j]@0; x[j]@1 = v; if (j > 3usize) { x[(j - 2usize)@20]@2 = v; } else { } j = (j + 1usize); }",
        1,
    );
}

#[test]
fn what_is_not_known_stays() {
    let loops = |body: &str| format!("'0: while (q < 40usize) {{ q = (q + 1usize); {body} }}");
    // It may be more than once around.
    check(
        &loops("if (j < x.len()) { j = (j + 1usize); } else { } x[j]@0 = v;"),
        1,
    );
    // Wraps.
    check(
        &loops("if (((n + q) + 1usize) < x.len()) { x[((n + q) + 1usize)]@0 = v; } else { }"),
        1,
    );
    check(
        &loops("p = (j - 1usize); if (j < x.len()) { x[p]@0 = v; } else { } j = (j + 1usize);"),
        1,
    );
    // Assigned in between.
    check(
        &loops("if (j < x.len()) { j = (j + q); x[j]@0 = v; } else { }"),
        1,
    );
    // On one way only.
    check(
        &loops("if (v < 2.0f64) { j = 0usize; } else { j = n; } x[j]@0 = v;"),
        1,
    );
    // The other slice.
    check(
        &loops("if (j < x.len()) { y[j]@0 = v; } else { } j = (j + 1usize);"),
        1,
    );
    // Behind a condition that may not have been asked.
    check(
        &loops("if ((v < 2.0f64) || (j < x.len())) { x[j]@0 = v; } else { } j = (j + 1usize);"),
        1,
    );
    check(
        &loops("if ((v < 2.0f64) && (j < x.len())) { j = (j + 1usize); } else { } x[j]@0 = v;"),
        1,
    );
}

struct Random(u64);

impl Random {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = (self.0)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len() as u64) as usize]
    }

    fn local(&mut self) -> &'static str {
        self.of(&["j", "k", "p", "lo", "hi", "mid"])
    }

    fn value(&mut self) -> String {
        let site = |random: &mut Random, first: u64| match random.below(2) {
            0 => format!("@{}", first + random.below(5)),
            _ => String::new(),
        };
        match self.below(16) {
            0..=5 => self.local().to_owned(),
            6 => "x.len()".to_owned(),
            7 => self.of(&["y.len()", "n", "m"]).to_owned(),
            8 => format!("{}usize", self.below(4)),
            9..=10 => {
                let (local, site) = (self.local(), site(self, 10));
                format!("({local} + {}usize){site}", self.below(3))
            }
            11 => {
                let (local, site) = (self.local(), site(self, 20));
                format!("({local} - {}usize){site}", 1 + self.below(2))
            }
            12 => format!("(({} + {}) / 2usize)@27", self.local(), self.local()),
            13 => format!(
                "({} + (({} - {}) / 2usize)@27)",
                self.local(),
                self.local(),
                self.local()
            ),
            14 => format!("({} & {})", self.value(), self.value()),
            _ => format!(
                "{}.{}({})",
                self.local(),
                self.of(&["min", "max", "saturating_sub", "wrapping_add"]),
                self.value()
            ),
        }
    }

    fn cond(&mut self) -> String {
        match self.below(8) {
            0 => format!("({} && {})", self.cond(), self.cond()),
            1 => format!("({} || {})", self.cond(), self.cond()),
            2 => format!("(!{})", self.cond()),
            3 => format!("(x[{}]@{} < 2.0f64)", self.value(), self.below(10)),
            _ => format!(
                "({} {} {})",
                self.value(),
                self.of(&["<", "<", "<=", ">", ">=", "==", "!="]),
                self.value()
            ),
        }
    }

    fn stmts(&mut self, depth: u64, loops: &mut Vec<u64>, label: &mut u64) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.below(3) {
            text += &match self.below(if depth == 0 { 6 } else { 10 }) {
                0..=2 => format!("{} = {};", self.local(), self.value()),
                3..=4 => format!(
                    "{}[{}]@{} = v;",
                    self.of(&["x", "y"]),
                    self.value(),
                    self.below(10)
                ),
                5 => match loops.last() {
                    Some(inner) if self.below(3) == 0 => {
                        format!(
                            "if {} {{ {} '{inner}; }} else {{ }}",
                            self.cond(),
                            self.of(&["break", "continue"])
                        )
                    }
                    _ => format!("if {} {{ trap @26; }} else {{ }}", self.cond()),
                },
                6..=7 => {
                    let cond = self.cond();
                    let then = self.stmts(depth - 1, loops, label);
                    let otherwise = match self.below(2) {
                        0 => String::new(),
                        _ => self.stmts(depth - 1, loops, label),
                    };
                    format!("if {cond} {{ {then} }} else {{ {otherwise} }}")
                }
                _ => {
                    *label += 1;
                    let number = *label;
                    loops.push(number);
                    let cond = self.cond();
                    let body = self.stmts(depth - 1, loops, label);
                    loops.pop();
                    format!(
                        "'{number}: while {cond} {{ q = (q + 1usize); if (q > 60usize) {{ break '{number}; }} else {{ }} {body} }}"
                    )
                }
            };
        }
        text
    }
}

/// Functions with `while` loops at random: whatever check is dropped never fails. (An index out of bounds without a check is an error.)
#[test]
fn random_functions_mean_the_same() {
    let count = match std::env::var("HOTLOOP_FUZZ_LOOPS") {
        Ok(count) => count.parse().expect("a number"),
        Err(_) => 600,
    };
    let mut random = Random(3);
    let (mut dropped, mut traps) = (0, 0);
    for _ in 0..count {
        let body = format!(
            "lo = 0usize; hi = x.len(); mid = y.len();
             '0: while (q < 30usize) {{ q = (q + 1usize); {} }}",
            random.stmts(3, &mut vec![0], &mut 0)
        );
        let (before, after, left) = freed(&body);
        dropped += usize::from(before != after);
        let _ = left;
        traps += compare(&before, &after);
    }
    assert!(
        dropped * 4 > count && traps > count,
        "{dropped} {traps} of {count}"
    );
}
